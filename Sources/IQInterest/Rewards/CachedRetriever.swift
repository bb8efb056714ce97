// Searches remembered: several rewards ask for the same queries.

internal import IQModel
internal import IQPolicy

/// Remembers what queries found.
public actor CachedRetriever: Retriever {
    private struct Key: Hashable {
        let query: String
        let limit: Int
        let pool: CandidatePool
    }

    private let source: any Retriever
    private let together: Int
    private var cache: BoundedCache<Key, [RetrievedArticle]>

    /// - Parameters:
    ///   - source: what searches. Its articles must not change while this is in use.
    ///   - capacity: the most searches that are remembered, at least 2; those not asked for lately go first.
    ///   - together: the most queries that the source is asked for at a time; if not given, as many as a matrix product takes
    ///     without letting the scores of one query depend on the others by rounding. What a query found before would else
    ///     depend on what it was asked with.
    public init(_ source: any Retriever, capacity: Int = 4096, together: Int? = nil) {
        precondition(together ?? 1 >= 1, "\(together ?? 1) queries at a time")
        self.source = source
        self.together = together ?? EngineOptions.independentBatch
        cache = BoundedCache(capacity: max(2, capacity))
    }

    public func retrieve(_ queries: [String], limit: Int, pool: CandidatePool) async throws -> [[RetrievedArticle]] {
        var found: [String: [RetrievedArticle]] = [:]
        var missing: [String] = []
        for query in queries where found[query] == nil {
            let known = cache.value(for: Key(query: query, limit: limit, pool: pool))
            found[query] = known ?? []
            if known == nil { missing.append(query) }
        }
        for start in stride(from: 0, to: missing.count, by: together) {
            let part = Array(missing[start..<min(start + together, missing.count)])
            for (query, ranking) in zip(part, try await source.retrieve(part, limit: limit, pool: pool)) {
                found[query] = ranking
                cache.insert(ranking, for: Key(query: query, limit: limit, pool: pool))
            }
        }
        return queries.map { found[$0] ?? [] }
    }
}
