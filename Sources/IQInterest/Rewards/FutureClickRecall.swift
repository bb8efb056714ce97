// Whether the queries find what the person reads next.

internal import IQTensor
public import IQPolicy

/// Future-click recall, a reward that can be verified: how well the list's merged ranking finds the articles that the person
/// clicked later.
///
/// The rankings of the queries are merged by their best rank (``RankFusion/bestRank(_:limit:)``). A query's own ranking gives the value of its span. nil
/// where no later click is known. A list without queries scores 0.
///
/// Worked example: two later clicks, at places 3 and 40 of the merged ranking. With ``Measure/recall(_:)`` of 10 the reward is
/// 1/2; with ``Measure/gain(_:)`` of 100 it is (1/log₂ 4 + 1/log₂ 41) / (1/log₂ 2 + 1/log₂ 3) = 0.421.
///
/// It looks at clicks of training people only if the samples do: never give it samples of people who are evaluated.
public struct FutureClickRecall: Reward {
    /// What a good ranking is.
    public enum Measure: Sendable, Hashable {
        /// The share of the later clicks among the first K articles.
        case recall(Int)
        /// Discounted gain among the first K articles, as a part of the best possible: early places count more, so a list
        /// that nearly finds an article is told apart from one that does not.
        case gain(Int)

        var depth: Int {
            switch self {
            case .recall(let depth), .gain(let depth): depth
            }
        }
    }

    public let name = "clicks"
    private let retriever: any Retriever
    private let measure: Measure
    private let fusion: RankFusion

    /// - Parameters:
    ///   - retriever: searches the sample's pool.
    ///   - measure: what a good ranking is.
    ///   - fusion: how the queries' rankings become one.
    public init(
        retriever: any Retriever,
        measure: Measure = .gain(100),
        fusion: RankFusion = .bestRank
    ) {
        precondition(measure.depth >= 1, "\(measure)")
        self.retriever = retriever
        self.measure = measure
        self.fusion = fusion
    }

    public func scores(
        of completions: [Completion<InterestOutput>],
        for sample: InterestSample
    ) async throws -> [RewardScore?] {
        guard let clicks = sample.laterClicks, !clicks.isEmpty else { return completions.map { _ in nil } }
        let found = try await retriever.rankings(for: completions, limit: measure.depth, pool: sample.pool)
        return completions.map { completion in
            let rankings = completion.output.list.map { found[$0] ?? [] }
            return RewardScore(
                value(of: fusion.fuse(rankings, limit: measure.depth), clicks),
                spans: rankings.map { value(of: $0, clicks) }
            )
        }
    }

    private func value(of ranking: [RetrievedArticle], _ clicks: Set<NewsArticle.ID>) -> Double {
        let places = ranking.prefix(measure.depth).indices.filter { clicks.contains(ranking[$0].id) }
        switch measure {
        case .recall: return Double(places.count) / Double(clicks.count)
        case .gain:
            func gain(_ place: Int) -> Double { naturalLogarithm(2) / naturalLogarithm(Double(place) + 2) }
            let best = (0..<min(clicks.count, measure.depth)).reduce(0) { $0 + gain($1) }
            return places.reduce(0) { $0 + gain($1) } / best
        }
    }
}
