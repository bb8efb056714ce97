// Searches remembered: several rewards ask for the same queries.

internal import IQPolicy

/// Remembers what queries found.
public actor CachedRetriever: Retriever {
    private struct Key: Hashable {
        let query: String
        let limit: Int
        let pool: CandidatePool
    }

    private let source: any Retriever
    private var cache: BoundedCache<Key, [RetrievedArticle]>

    /// - Parameters:
    ///   - source: what searches. Its articles must not change while this is in use.
    ///   - capacity: the most searches that are remembered, at least 2; those not asked for lately go first.
    public init(_ source: any Retriever, capacity: Int = 4096) {
        self.source = source
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
        if !missing.isEmpty {
            for (query, ranking) in zip(missing, try await source.retrieve(missing, limit: limit, pool: pool)) {
                found[query] = ranking
                cache.insert(ranking, for: Key(query: query, limit: limit, pool: pool))
            }
        }
        return queries.map { found[$0] ?? [] }
    }
}
