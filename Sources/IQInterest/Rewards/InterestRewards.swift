// The rewards of the paper and later clicks, in one call.

public import IQModel
public import IQPolicy

/// The ready composite of rewards for ``InterestTask``.
public enum InterestRewards {
    /// How much each reward counts; 0 leaves it in the reports and out of the sum.
    public struct Weights: Sendable, Hashable, Codable {
        public var alignment = 1.0
        public var coverage = 1.0
        public var specificity = 1.0
        public var diversity = 1.0
        public var structure = 1.0
        public var clicks = 1.0

        /// All 1, as in the paper, which has no reward for later clicks.
        public init() {}
    }

    /// Alignment, coverage, specificity and diversity without a judge, structural validity, and later clicks.
    ///
    /// - Parameters:
    ///   - articles: what queries find; their titles are embedded now.
    ///   - embedder: of titles, signals and queries.
    ///   - weights: how much each reward counts.
    ///   - clicks: what a good ranking is for the later clicks.
    ///   - fusion: how the rankings of a list's queries become one for the later clicks.
    /// - Throws: ``VectorIndexError``, ``RewardError`` for a weight that is not finite, `TensorError`, `CancellationError`.
    public static func standard(
        articles: [NewsArticle],
        embedder: TextEmbedder,
        weights: Weights = Weights(),
        clicks: FutureClickRecall.Measure = .gain(100),
        fusion: RankFusion = .bestRank
    ) async throws -> CompositeReward<InterestSample, InterestOutput> {
        let vectors = try await TitleVectors(articles, embedder: embedder)
        let vectorizer = CachedVectorizer(embedder)
        let retriever = CachedRetriever(
            try TitleVectorRetriever(articles, vectors: vectors, embedder: vectorizer)
        )
        let statistics = TermStatistics(of: articles.map(\.title))
        return try CompositeReward<InterestSample, InterestOutput> {
            RetrievalAlignment(retriever: retriever).weighted(weights.alignment)
            InterestCoverage(vectorizer: vectorizer).weighted(weights.coverage)
            QuerySpecificity(statistics: statistics).weighted(weights.specificity)
            IntraListDiversity(vectorizer: vectorizer).weighted(weights.diversity)
            StructuralValidity().weighted(weights.structure)
            FutureClickRecall(retriever: retriever, measure: clicks, fusion: fusion).weighted(weights.clicks)
        }
    }
}
