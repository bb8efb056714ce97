// BM25 over the file's words.
//
// FTS5 finds the candidates; their scores are computed here. Its own `bm25()` cuts the weight of a term off at 0 where half of the
// articles have it, and over real titles and abstracts shares only 98.3 % of the ten best with the formula of Lucene
// (`Scripts/support/compare_bm25.py`), which is that of `BM25Index`.

internal import GRDB
internal import IQInterest
internal import IQTensor

struct LexicalSearch {
    let options: NewsIndexOptions
    let analyzer: TextAnalyzer

    /// Different words of a query that are looked for; the rest of a text that is longer is passed over.
    static let maximumWords = 256
    /// Candidates for each article that is asked for, and the fewest.
    static let candidateFactor = 10
    static let fewestCandidates = 200

    init(options: NewsIndexOptions) {
        self.options = options
        analyzer = options.analyzer
    }

    /// The words of an article that count, for its length.
    func length(of article: NewsArticle) -> Int {
        analyzer.tokens(article.title).count + (article.abstract.map { analyzer.tokens($0).count } ?? 0)
    }

    func search(_ query: String, limit: Int, pool: CandidatePool, _ db: Database) throws -> [RetrievedArticle] {
        var multiplicity: [String: Int] = [:]
        for token in analyzer.tokens(query) {
            if multiplicity[token] == nil && multiplicity.count == Self.maximumWords { continue }
            multiplicity[token, default: 0] += 1
        }
        guard !multiplicity.isEmpty else { return [] }
        let words = multiplicity.keys.sorted()
        let (count, total) = try Self.collection(db)
        guard count > 0 else { return [] }
        let rarities = try Self.rarities(of: words, articles: count, db)
        let meanLength = Double(total) / Double(count)

        // Words are letters and digits alone, so nothing in the quotation marks can be syntax.
        let expression = words.map { "\"\($0)\"" }.joined(separator: " OR ")
        var sql = "SELECT rowid FROM words WHERE words MATCH ?"
        var arguments: StatementArguments = [expression]
        if pool != .everything {
            let condition = PoolCondition(pool)
            sql += " AND rowid IN (SELECT number FROM articles WHERE \(condition.sql))"
            arguments += condition.arguments
        }
        sql += " ORDER BY bm25(words, ?, ?), rowid LIMIT ?"
        arguments += [
            options.titleWeight, options.abstractWeight, max(Self.fewestCandidates, Self.candidateFactor * limit),
        ]
        let candidates = try Row.fetchCursor(
            db,
            sql: "SELECT id, title, abstract, length FROM articles WHERE number IN (\(sql))",
            arguments: arguments
        )
        var results: [RetrievedArticle] = []
        while let row = try candidates.next() {
            var frequencies: [String: Double] = [:]
            func count(_ text: String, weight: Double) {
                TextAnalyzer.forEachToken(of: text) { token, _ in
                    if multiplicity[token] != nil { frequencies[token, default: 0] += weight }
                }
            }
            count(try row.decode(String.self, atIndex: 1), weight: options.titleWeight)
            if let abstract = try row.decode(String?.self, atIndex: 2) {
                count(abstract, weight: options.abstractWeight)
            }
            let length = try row.decode(Int.self, atIndex: 3)
            let relativeLength = meanLength > 0 ? Double(length) / meanLength : 0
            let saturation = Self.k1 * (1 - Self.b + Self.b * relativeLength)
            var score = 0.0
            for word in words {
                guard let frequency = frequencies[word], frequency > 0, let rarity = rarities[word] else { continue }
                score += Double(multiplicity[word] ?? 0) * rarity * frequency / (frequency + saturation)
            }
            results.append(RetrievedArticle(id: try row.decode(String.self, atIndex: 0), score: score))
        }
        return results.ranked(limit: limit)
    }

    private static let k1 = BM25Options().k1
    private static let b = BM25Options().b

    /// How many articles there are, and how many words in all.
    private static func collection(_ db: Database) throws -> (count: Int, words: Int) {
        guard let row = try Row.fetchOne(db, sql: "SELECT count(*), coalesce(sum(length), 0) FROM articles") else {
            return (0, 0)
        }
        return (try row.decode(Int.self, atIndex: 0), try row.decode(Int.self, atIndex: 1))
    }

    /// The first factor of BM25 for each word that some article has.
    private static func rarities(of words: [String], articles: Int, _ db: Database) throws -> [String: Double] {
        let statement = try db.cachedStatement(sql: "SELECT doc FROM terms WHERE term = ?")
        var rarities: [String: Double] = [:]
        for word in words {
            guard let holders = try Int.fetchOne(statement, arguments: [word]) else { continue }
            rarities[word] = naturalLogarithm(1 + (Double(articles - holders) + 0.5) / (Double(holders) + 0.5))
        }
        return rarities
    }
}
