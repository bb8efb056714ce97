// What retrieval is to the rest of the library: queries in, ranked articles out.

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Finds articles for queries. A search service of your own takes a few lines:
///
/// ```swift
/// struct CompanySearch: Retriever {
///     let client: SearchClient
///     func retrieve(_ queries: [String], limit: Int, pool: CandidatePool) async throws -> [[RetrievedArticle]] {
///         var results: [[RetrievedArticle]] = []
///         for query in queries {
///             let hits = try await client.search(query, limit: limit, filter: filter(for: pool))
///             results.append(hits.map { RetrievedArticle(id: $0.id, score: $0.score) }.ranked(limit: limit))
///         }
///         return results
///     }
/// }
/// ```
public protocol Retriever: Sendable {
    /// The best articles of `pool` for each query.
    ///
    /// - Parameters:
    ///   - queries: texts, as a person would type them; whatever they contain is text, never syntax.
    ///   - limit: the most articles for one query.
    ///   - pool: the articles that may be found.
    /// - Returns: for each query, in order, at most `limit` articles, best first, of equal scores the one with the smaller id
    ///   first (``RetrievedArticle/ranksBefore(_:_:)``), no article twice. What does not match may be left out, so a list may
    ///   be short or empty.
    func retrieve(_ queries: [String], limit: Int, pool: CandidatePool) async throws -> [[RetrievedArticle]]
}

extension Retriever {
    /// The best articles of all for one query.
    public func retrieve(_ query: String, limit: Int, pool: CandidatePool = .everything) async throws
        -> [RetrievedArticle]
    { try await retrieve([query], limit: limit, pool: pool).first ?? [] }
}

/// An article that a query found.
public struct RetrievedArticle: Sendable, Hashable, Codable {
    /// The article's id.
    public let id: String
    /// How well it fits, larger is better. Scores of different retrievers have different scales.
    public let score: Double

    /// A score that is no number (NaN) has no place in an order: it becomes the smallest one.
    public init(id: String, score: Double) {
        self.id = id
        self.score = score.isNaN ? -.infinity : score
    }

    /// The order of every ranking: the larger score first, and of equal ones the smaller id, so that rankings repeat exactly.
    public static func ranksBefore(_ first: RetrievedArticle, _ second: RetrievedArticle) -> Bool {
        first.score != second.score ? first.score > second.score : first.id < second.id
    }
}

extension Sequence where Element == RetrievedArticle {
    /// The elements, best first, cut to `limit`.
    public func ranked(limit: Int? = nil) -> [RetrievedArticle] {
        let sorted = sorted(by: RetrievedArticle.ranksBefore)
        return limit.map { Array(sorted.prefix($0)) } ?? sorted
    }
}

/// The articles that a search may find. A value and not a closure, so that a database or a service can filter by it.
public indirect enum CandidatePool: Sendable, Hashable {
    case everything
    /// The articles with these ids.
    case articles(Set<NewsArticle.ID>)
    /// Those published at the lower bound or later, and before the upper one; without a time an article is in no interval.
    case published(Range<Date>)
    /// Those of these categories; an article without a category is in none.
    case categories(Set<String>)
    /// Those that are in every one of the pools; all articles if there is none.
    case intersection([CandidatePool])
    /// Those that are not in the pool.
    case complement(CandidatePool)

    /// Whether an article is in the pool.
    public func contains(_ article: NewsArticle) -> Bool {
        switch self {
        case .everything: true
        case .articles(let ids): ids.contains(article.id)
        case .published(let interval): article.published.map(interval.contains) ?? false
        case .categories(let names): article.category.map(names.contains) ?? false
        case .intersection(let pools): pools.allSatisfy { $0.contains(article) }
        case .complement(let pool): !pool.contains(article)
        }
    }
}
