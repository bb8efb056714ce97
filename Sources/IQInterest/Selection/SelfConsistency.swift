// One list out of several: the queries that they agree on.

/// Merges lists into one by agreement.
///
/// A query's support is the number of lists that have it, or one that says the same. The query with the most support is taken, it
/// and those that say the same leave all lists, and so on. What many samples say is likelier to be right than what one says
/// (self-consistency: Wang et al., arXiv 2203.11171; by parts of an answer: Thirukovalluru et al., arXiv 2405.13131).
///
/// Two queries say the same if they differ in case, spaces and punctuation at the ends only; with an embedder also if the cosine
/// of their vectors is at least ``sameness``. Of queries with equal support the one with the larger sum of similarities to its
/// supporters counts, then the one that stands nearer to the top of its list, then the one of the earlier list.
public struct SelfConsistency: Sendable {
    /// How much of the lists must have a query, from 0 to 1.
    public let support: Double
    /// The least cosine of two queries that say the same.
    public let sameness: Double
    private let vectorizer: (any TextVectorizer)?

    /// - Parameters:
    ///   - support: how much of the lists must have a query; half, so that most of the lists agree, if not given. Where fewer queries
    ///     have it than a list must have, those with the most support fill it up.
    ///   - vectorizer: of queries; nil compares texts alone.
    ///   - sameness: the least cosine of two queries that say the same. With sentence encoders such as all-MiniLM-L6-v2, about 0.7 are
    ///     two wordings of one question.
    /// - Throws: ``SelectionError/invalidOption(name:value:permitted:)``.
    public init(
        support: Double = 0.5,
        vectorizer: (any TextVectorizer)? = nil,
        sameness: Double = 0.7
    ) throws(SelectionError) {
        try SelectionError.require((0...1).contains(support), "support", support, "0 to 1")
        try SelectionError.require(sameness > 0 && sameness <= 1, "sameness", sameness, "a cosine above 0 and up to 1")
        self.support = support
        self.sameness = sameness
        self.vectorizer = vectorizer
    }

    /// A list by agreement.
    public struct Merged: Sendable, Hashable {
        /// By support, the most first.
        public let queries: [String]
        /// How many lists have each query.
        public let support: [Int]
    }

    /// The list that some lists agree on.
    ///
    /// - Parameters:
    ///   - lists: in an order that must be the same for the same result.
    ///   - count: the fewest and the most queries; there are fewer where all lists together have fewer.
    /// - Throws: what the embedder throws.
    public func merge(_ lists: [QueryList], count: ClosedRange<Int>) async throws -> Merged {
        let queries = lists.enumerated().flatMap { list, queries in
            queries.enumerated().map { Query(text: $1, key: QueryNormalization.key($1), list: list, place: $0) }
        }
        let alike = Agreement(
            queries,
            vectors: try await vectorizer?.vectors(of: queries.map(\.text)),
            sameness: sameness
        )
        var isLeft = [Bool](repeating: true, count: queries.count)
        var merged: [String] = []
        var supports: [Int] = []
        while merged.count < count.upperBound, let best = alike.best(among: isLeft) {
            let isAgreed = Double(best.support) >= support * Double(lists.count)
            guard isAgreed || merged.count < count.lowerBound else { break }
            merged.append(queries[best.index].text)
            supports.append(best.support)
            for index in queries.indices where alike[best.index, index] != nil { isLeft[index] = false }
        }
        return Merged(queries: merged, support: supports)
    }

    fileprivate struct Query {
        let text: String
        let key: String
        let list: Int
        let place: Int
    }
}

/// Which queries say the same, and how much.
private struct Agreement {
    struct Best {
        let index: Int
        let support: Int
        let similarity: Double
    }

    private let queries: [SelfConsistency.Query]
    /// For each pair the similarity, nil where two queries say different things.
    private let similarities: [Double?]

    init(_ queries: [SelfConsistency.Query], vectors: [[Float]]?, sameness: Double) {
        self.queries = queries
        let count = queries.count
        var similarities = [Double?](repeating: nil, count: count * count)
        for first in 0..<count {
            for second in first..<count {
                var value: Double?
                if queries[first].key == queries[second].key {
                    value = 1
                } else if let vectors {
                    let cosine = similarity(vectors[first], vectors[second])
                    if cosine >= sameness { value = cosine }
                }
                similarities[first * count + second] = value
                similarities[second * count + first] = value
            }
        }
        self.similarities = similarities
    }

    subscript(first: Int, second: Int) -> Double? { similarities[first * queries.count + second] }

    /// The query with the most support among those that are left.
    func best(among isLeft: [Bool]) -> Best? {
        var best: Best?
        for index in queries.indices where isLeft[index] {
            let found = agreement(with: index, among: isLeft)
            guard let champion = best else {
                best = found
                continue
            }
            let order = (found.support, found.similarity, -queries[found.index].place)
            // Lists come in order, so of equal ones the earlier stays.
            if order > (champion.support, champion.similarity, -queries[champion.index].place) { best = found }
        }
        return best
    }

    /// The lists with a query that says the same, and the sum over them of the greatest similarity.
    private func agreement(with index: Int, among isLeft: [Bool]) -> Best {
        var greatest: [Int: Double] = [:]
        for other in queries.indices where isLeft[other] {
            if let value = self[index, other] {
                greatest[queries[other].list] = max(greatest[queries[other].list] ?? 0, value)
            }
        }
        // Sorted, so that the sum has the same bits each time.
        let sum = greatest.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value }
        return Best(index: index, support: greatest.count, similarity: sum)
    }
}
