// What is measured: anything that orders articles for a person.

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A person as a system under evaluation may see them: what they read before, and nothing of what they clicked then.
public struct EvaluatedPerson: Sendable, Hashable {
    /// Names the impression in caches; two impressions of one person differ.
    public let caseID: String
    public let person: String
    /// When articles are wanted.
    public let time: Date
    /// What the person read before, oldest first; articles without a known text are left out.
    public let history: [NewsArticle]

    public init(caseID: String, person: String, time: Date, history: [NewsArticle]) {
        self.caseID = caseID
        self.person = person
        self.time = time
        self.history = history
    }

    /// The history as signals. MIND gives no times of reading: they are set a minute apart, the last one a minute before the
    /// impression, which keeps their order.
    public func signals() throws(SignalError) -> [UserSignal] {
        var signals: [UserSignal] = []
        for (index, article) in history.enumerated() {
            let age = Double(60 * (history.count - index))
            signals.append(
                try UserSignal(
                    kind: .newsClick,
                    time: time.addingTimeInterval(-age),
                    text: article.title,
                    category: article.category
                )
            )
        }
        return signals
    }
}

/// Articles to be ordered for a person.
public struct RankingRequest: Sendable {
    public let person: EvaluatedPerson
    public let candidates: [NewsArticle]
    public let purpose: Purpose

    /// What the order is for.
    public enum Purpose: Sendable, Hashable {
        /// To find some articles among many of a day.
        case retrieval
        /// To order the few that are shown.
        case slate
    }

    public init(person: EvaluatedPerson, candidates: [NewsArticle], purpose: Purpose) {
        self.person = person
        self.candidates = candidates
        self.purpose = purpose
    }
}

/// Something that orders articles for people: a baseline, a trained model, a search with queries.
public protocol ArticleRanker: Sendable {
    /// What it is called in tables.
    var name: String { get }

    /// Scores of each request's candidates, larger is better; `-infinity` says that a candidate was not found. Requests may be
    /// worked on in any order or together.
    func scores(for requests: [RankingRequest]) async throws -> [[Double]]
}

/// Something that writes a list of queries for a person: a model, a rule, a file.
public protocol QuerySource: Sendable {
    /// What it is called in tables.
    var name: String { get }

    /// A list for each person, in order; a list may be empty.
    func queries(for people: [EvaluatedPerson]) async throws -> [[String]]

    /// The same with what else is known of the lists; ``queries(for:)`` alone if not given.
    func lists(for people: [EvaluatedPerson]) async throws -> [WrittenList]
}

/// A list as a source wrote it.
public struct WrittenList: Sendable, Hashable {
    public let queries: [String]
    /// Whether the text was a list in the form that was asked for and nothing else; nil where only the queries are known.
    public let isValid: Bool?
    /// Wall time spent on it: its share of its batch's; nil where it is not known.
    public let seconds: Double?

    public init(queries: [String], isValid: Bool? = nil, seconds: Double? = nil) {
        self.queries = queries
        self.isValid = isValid
        self.seconds = seconds
    }
}

extension QuerySource {
    public func lists(for people: [EvaluatedPerson]) async throws -> [WrittenList] {
        try await queries(for: people).map { WrittenList(queries: $0) }
    }
}

/// Searches with lists of queries, and merges what the queries of a list find into one ranking.
///
/// The merging rule is reciprocal rank fusion unless another is chosen: an article's score is the sum of 1 / (60 + rank) over the
/// queries that found it. An article that no query found among its first `depth` is not found.
public struct QueryListRanker: ArticleRanker {
    public let name: String
    public let source: any QuerySource
    public let retriever: any Retriever
    public let fusion: RankFusion
    /// Articles that each query asks for.
    public let depth: Int

    /// - Parameters:
    ///   - source: where the queries come from.
    ///   - retriever: what searches.
    ///   - fusion: how the hits of several queries merge.
    ///   - depth: articles that each query asks for.
    ///   - name: the source's, if nil.
    public init(
        source: any QuerySource,
        retriever: any Retriever,
        fusion: RankFusion = .reciprocalRank,
        depth: Int = 1000,
        name: String? = nil
    ) {
        precondition(depth >= 1, "a depth of \(depth)")
        self.name = name ?? source.name
        self.source = source
        self.retriever = retriever
        self.fusion = fusion
        self.depth = depth
    }

    public func scores(for requests: [RankingRequest]) async throws -> [[Double]] {
        let lists = try await source.queries(for: requests.map(\.person))
        var result: [[Double]] = []
        for (request, queries) in zip(requests, lists) {
            guard !queries.isEmpty else {
                result.append([Double](repeating: -.infinity, count: request.candidates.count))
                continue
            }
            let found = try await retriever.retrieve(
                queries,
                limit: depth,
                pool: .articles(Set(request.candidates.map(\.id)))
            )
            result.append(Self.scores(of: fusion.fuse(found), candidates: request.candidates))
        }
        return result
    }

    static func scores(of ranking: [RetrievedArticle], candidates: [NewsArticle]) -> [Double] {
        let scores = Dictionary(ranking.map { ($0.id, $0.score) }, uniquingKeysWith: { first, _ in first })
        return candidates.map { scores[$0.id] ?? -.infinity }
    }
}

/// Two rankings side by side, as recall paths are in a service: places go to each in turn, the first ranker's best first, each
/// article at its first place.
public struct UnionRanker: ArticleRanker {
    public let name: String
    public let first: any ArticleRanker
    public let second: any ArticleRanker

    public init(_ first: any ArticleRanker, _ second: any ArticleRanker, name: String? = nil) {
        self.name = name ?? "\(first.name) + \(second.name)"
        self.first = first
        self.second = second
    }

    public func scores(for requests: [RankingRequest]) async throws -> [[Double]] {
        let left = try await first.scores(for: requests)
        let right = try await second.scores(for: requests)
        return requests.indices.map { index in
            var scores = [Double](repeating: -.infinity, count: requests[index].candidates.count)
            let orders = [Self.order(left[index]), Self.order(right[index])]
            var place = 0
            for rank in 0..<scores.count {
                for order in orders where rank < order.count && scores[order[rank]] == -.infinity {
                    place += 1
                    scores[order[rank]] = 1 / Double(place)
                }
            }
            return scores
        }
    }

    /// The found candidates, best first, ties in the order of the candidates.
    private static func order(_ scores: [Double]) -> [Int] {
        scores.indices.filter { scores[$0] > -.infinity }.sorted { (scores[$1], $0) < (scores[$0], $1) }
    }
}
