// Lexical search in memory: BM25 over an inverted index.

internal import IQTensor

/// The constants of BM25.
public struct BM25Options: Sendable, Hashable {
    /// How soon repetitions of a term stop counting; at least 0.
    public let k1: Double
    /// How much long documents are held down, in 0...1.
    public let b: Double

    /// - Parameters:
    ///   - k1: 1.2, as in Robertson's later papers and in Lucene.
    ///   - b: 0.75, likewise.
    public init(k1: Double = 1.2, b: Double = 0.75) {
        precondition(k1 >= 0 && k1.isFinite && (0...1).contains(b), "BM25 with k1 \(k1) and b \(b)")
        self.k1 = k1
        self.b = b
    }
}

/// An index of documents for BM25, immutable once built.
///
/// The score of a document is the sum over the query's tokens (a token that occurs twice counts twice) of
///
///     ln(1 + (N − n + 0.5) / (n + 0.5)) · f / (f + k1 · (1 − b + b · length / mean length))
///
/// where N documents hold the token n times at least once, and this one f times. Source: Robertson and Zaragoza, "The
/// Probabilistic Relevance Framework: BM25 and Beyond", 2009; the first factor has the added 1 of Lucene, which keeps it above
/// 0, and as in Lucene the constant factor k1 + 1 is left out.
public struct BM25Index: Sendable {
    /// What N, n and the mean length are counted over when only a pool is searched.
    public enum Statistics: Sendable, Hashable {
        /// All documents of the index: scores do not depend on the pool.
        case collection
        /// The pool's documents alone, as if nothing else were indexed.
        case pool
    }

    public let options: BM25Options
    /// The documents' ids, in ascending order; a document's place here is its row.
    public let ids: [NewsArticle.ID]

    private struct Posting {
        let row: Int32
        let frequency: Float
    }

    private let rows: [NewsArticle.ID: Int32]
    private let lengths: [Float]
    private let meanLength: Double
    private let termNumbers: [String: Int32]
    /// Postings of term t are `postings[starts[t]..<starts[t + 1]]`, by row.
    private let starts: [Int]
    private let postings: [Posting]

    /// - Parameters:
    ///   - documents: ids and tokens; of two documents with one id the later one counts.
    ///   - options: the constants.
    public init(documents: some Sequence<(id: NewsArticle.ID, tokens: [String])>, options: BM25Options = BM25Options())
    {
        var tokensByID: [NewsArticle.ID: [String]] = [:]
        for document in documents { tokensByID[document.id] = document.tokens }
        let ids = tokensByID.keys.sorted()
        var termNumbers: [String: Int32] = [:]
        var lists: [[Posting]] = []
        var lengths: [Float] = []
        var rows: [NewsArticle.ID: Int32] = [:]
        var total = 0
        for (row, id) in ids.enumerated() {
            let tokens = tokensByID[id] ?? []
            var frequencies: [String: Int] = [:]
            for token in tokens { frequencies[token, default: 0] += 1 }
            for (token, frequency) in frequencies {
                let posting = Posting(row: Int32(row), frequency: Float(frequency))
                if let number = termNumbers[token] {
                    lists[Int(number)].append(posting)
                } else {
                    termNumbers[token] = Int32(lists.count)
                    lists.append([posting])
                }
            }
            rows[id] = Int32(row)
            lengths.append(Float(tokens.count))
            total += tokens.count
        }
        var starts = [0]
        starts.reserveCapacity(lists.count + 1)
        for list in lists { starts.append(starts[starts.count - 1] + list.count) }
        self.options = options
        self.ids = ids
        self.rows = rows
        self.lengths = lengths
        self.meanLength = ids.isEmpty ? 0 : Double(total) / Double(ids.count)
        self.termNumbers = termNumbers
        self.starts = starts
        self.postings = Array(lists.joined())
    }

    /// The best documents for a query, best first; only those that hold one of its tokens.
    ///
    /// - Parameters:
    ///   - tokens: the query's tokens, made as the documents' were.
    ///   - limit: the most documents.
    ///   - pool: the ids that may be found; nil is all. Ids that are not in the index are passed over.
    ///   - statistics: what is counted over where there is a pool.
    public func search(
        _ tokens: [String],
        limit: Int,
        among pool: Set<NewsArticle.ID>? = nil,
        statistics: Statistics = .collection
    ) -> [RetrievedArticle] {
        search([tokens], limit: limit, among: pool, statistics: statistics).first ?? []
    }

    /// The best documents for each of several queries over one pool, which is looked up once.
    public func search(
        _ queries: [[String]],
        limit: Int,
        among pool: Set<NewsArticle.ID>? = nil,
        statistics: Statistics = .collection
    ) -> [[RetrievedArticle]] {
        guard limit > 0, !ids.isEmpty else { return queries.map { _ in [] } }
        var inPool: [Bool]?
        var count = ids.count
        var mean = meanLength
        if let pool {
            var marks = [Bool](repeating: false, count: ids.count)
            var poolCount = 0
            var total = 0.0
            for id in pool {
                guard let row = rows[id] else { continue }
                marks[Int(row)] = true
                poolCount += 1
                total += Double(lengths[Int(row)])
            }
            inPool = marks
            if statistics == .pool {
                count = poolCount
                mean = poolCount > 0 ? total / Double(poolCount) : 0
            }
        }
        var scores = [Double](repeating: 0, count: ids.count)
        return queries.map { tokens in
            score(
                tokens,
                inPool: inPool,
                countsPool: statistics == .pool,
                documents: count,
                meanLength: mean,
                scores: &scores
            )
            .ranked(limit: limit)
        }
    }

    /// All documents that hold a token. `scores` is zero before and after.
    private func score(
        _ tokens: [String],
        inPool: [Bool]?,
        countsPool: Bool,
        documents: Int,
        meanLength: Double,
        scores: inout [Double]
    ) -> [RetrievedArticle] {
        var multiplicity: [Int32: Int] = [:]
        for token in tokens { if let term = termNumbers[token] { multiplicity[term, default: 0] += 1 } }
        var touched: [Int32] = []
        // In the order of the terms' numbers, so that sums of floats repeat exactly.
        for (term, times) in multiplicity.sorted(by: { $0.key < $1.key }) {
            let list = postings[starts[Int(term)]..<starts[Int(term) + 1]]
            var holders = list.count
            if countsPool, let inPool { holders = list.count { inPool[Int($0.row)] } }
            let rarity = naturalLogarithm(1 + (Double(documents - holders) + 0.5) / (Double(holders) + 0.5))
            for posting in list {
                let row = Int(posting.row)
                if let inPool, !inPool[row] { continue }
                let frequency = Double(posting.frequency)
                let relativeLength = meanLength > 0 ? Double(lengths[row]) / meanLength : 0
                let saturation = frequency + options.k1 * (1 - options.b + options.b * relativeLength)
                if scores[row] == 0 { touched.append(posting.row) }
                scores[row] += Double(times) * rarity * frequency / saturation
            }
        }
        return touched.map { row in
            defer { scores[Int(row)] = 0 }
            return RetrievedArticle(id: ids[Int(row)], score: scores[Int(row)])
        }
    }
}
