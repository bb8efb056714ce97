// Retrievers over articles in memory, for small corpora, tests and evaluations; the news index is for larger ones.

public import IQModel
public import IQTensor

/// Which texts of an article are searched.
public enum ArticleText: String, Sendable, Hashable, CaseIterable, Codable {
    case title
    /// The title, a space, and the abstract where there is one.
    case titleAndAbstract

    public func text(of article: NewsArticle) -> String {
        guard self == .titleAndAbstract, let abstract = article.abstract else { return article.title }
        return article.title + " " + abstract
    }
}

/// BM25 over articles in memory.
public struct LexicalRetriever: Retriever {
    public let articles: [NewsArticle]
    public let analyzer: TextAnalyzer
    public let statistics: BM25Index.Statistics
    private let index: BM25Index

    /// - Parameters:
    ///   - articles: of two with one id the later one counts.
    ///   - text: what is searched.
    ///   - analyzer: how articles and queries become tokens.
    ///   - statistics: what term statistics are counted over where there is a pool.
    public init(
        articles: [NewsArticle],
        text: ArticleText = .titleAndAbstract,
        analyzer: TextAnalyzer = .english,
        options: BM25Options = BM25Options(),
        statistics: BM25Index.Statistics = .collection
    ) {
        self.articles = articles
        self.analyzer = analyzer
        self.statistics = statistics
        index = BM25Index(
            documents: articles.lazy.map { (id: $0.id, tokens: analyzer.tokens(text.text(of: $0))) },
            options: options
        )
    }

    public func retrieve(_ queries: [String], limit: Int, pool: CandidatePool) async -> [[RetrievedArticle]] {
        index.search(
            queries.map(analyzer.tokens),
            limit: limit,
            among: pool.ids(among: articles),
            statistics: statistics
        )
    }
}

/// Exact dense search over articles in memory.
public struct DenseRetriever: Retriever {
    public let articles: [NewsArticle]
    public let embedder: TextEmbedder
    /// The vectors, for searches with vectors of your own.
    public let index: ExactVectorIndex

    /// Embeds the articles.
    ///
    /// - Parameters:
    ///   - articles: no two with one id.
    ///   - text: what is embedded.
    /// - Throws: ``VectorIndexError``, `EncoderError`, `CancellationError`.
    public init(
        articles: [NewsArticle],
        text: ArticleText = .title,
        embedder: TextEmbedder,
        compute: ComputeOptions? = nil
    ) async throws {
        self.articles = articles
        self.embedder = embedder
        index = try ExactVectorIndex(
            dimension: embedder.dimension,
            ids: articles.map(\.id),
            vectors: try await embedder.embed(articles.map(text.text(of:))),
            compute: compute
        )
    }

    public func retrieve(_ queries: [String], limit: Int, pool: CandidatePool) async throws -> [[RetrievedArticle]] {
        try await index.search(
            try await embedder.embed(queries),
            limit: limit,
            among: pool.ids(among: articles)
        )
    }
}

extension CandidatePool {
    /// The ids of those articles that are in the pool; nil stands for all.
    package func ids(among articles: [NewsArticle]) -> Set<NewsArticle.ID>? {
        switch self {
        case .everything: nil
        case .articles(let ids): ids
        default: Set(articles.lazy.filter(contains).map(\.id))
        }
    }
}
