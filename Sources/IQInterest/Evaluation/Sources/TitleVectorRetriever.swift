// Searching titles with queries by sentence vectors that are there already.

/// Exact dense search over the titles of ``TitleVectors``, with queries embedded by the same model.
public struct TitleVectorRetriever: Retriever {
    private let articles: [NewsArticle]
    private let embedder: any TextVectorizer
    private let index: ExactVectorIndex

    /// - Parameters:
    ///   - articles: those that can be found; the ones without a vector cannot.
    ///   - vectors: their vectors.
    ///   - embedder: the model that made the vectors, or a cache of it.
    /// - Throws: ``VectorIndexError``, `TensorError`.
    public init(_ articles: [NewsArticle], vectors: TitleVectors, embedder: any TextVectorizer) throws {
        let known = articles.compactMap { article in vectors.vector(of: article.id).map { (article, $0) } }
        self.articles = known.map(\.0)
        self.embedder = embedder
        index = try ExactVectorIndex(
            dimension: vectors.dimension,
            ids: known.map(\.0.id),
            vectors: known.map(\.1)
        )
    }

    public func retrieve(_ queries: [String], limit: Int, pool: CandidatePool) async throws -> [[RetrievedArticle]] {
        try await index.search(
            try await embedder.vectors(of: queries),
            limit: limit,
            among: pool.ids(among: articles)
        )
    }
}
