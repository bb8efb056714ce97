// How close the queries are to the news that they find.

public import IQPolicy

/// Retrieval alignment: the mean over the queries of the mean similarity of each to the articles it finds,
///
///     R = mean over queries, mean over their best K articles, of (1 + cosine) / 2
///
/// (arXiv 2602.15005; K and the map to 0 ... 1 are ours). A list without queries scores 0. Each query's own mean is the value of
/// its span.
///
/// Worked example: K = 2; one query finds articles at cosines 0.8 and 0.6, the other at 0.4 and 0.0. Their means are
/// (0.9 + 0.8) / 2 = 0.85 and (0.7 + 0.5) / 2 = 0.6, and the reward is 0.725.
///
/// Alone it is hacked by asking for one popular topic again and again, which diversity and coverage must outweigh.
public struct RetrievalAlignment: Reward {
    public let name = "alignment"
    private let retriever: any Retriever
    private let count: Int

    /// - Parameters:
    ///   - retriever: finds articles with cosines as scores, such as ``TitleVectorRetriever``.
    ///   - count: articles of a query that are looked at (K).
    public init(retriever: any Retriever, count: Int = 10) {
        precondition(count >= 1, "the best \(count) articles")
        self.retriever = retriever
        self.count = count
    }

    public func scores(
        of completions: [Completion<InterestOutput>],
        for sample: InterestSample
    ) async throws -> [RewardScore?] {
        let found = try await retriever.rankings(for: completions, limit: count, pool: sample.pool)
        return completions.map { completion in
            let values = completion.output.list.map { query -> Double in
                guard let ranking = found[query], !ranking.isEmpty else { return 0 }
                return ranking.reduce(0) { $0 + unitInterval(cosine: $1.score) } / Double(ranking.count)
            }
            return RewardScore(mean: values)
        }
    }
}

extension Retriever {
    /// What the queries of all completions find, each query searched for once.
    func rankings(
        for completions: [Completion<InterestOutput>],
        limit: Int,
        pool: CandidatePool
    ) async throws -> [String: [RetrievedArticle]] {
        let queries = Set(completions.flatMap(\.output.list.queries)).sorted()
        guard !queries.isEmpty else { return [:] }
        let found = try await retrieve(queries, limit: limit, pool: pool)
        return Dictionary(zip(queries, found), uniquingKeysWith: { first, _ in first })
    }
}

extension RewardScore {
    /// The mean of the queries' values, which are their spans' values; 0 for a list without queries.
    init(mean values: [Double]) {
        self.init(values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count), spans: values.map { $0 })
    }
}
