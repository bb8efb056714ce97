// One ranking out of several: of one person's queries, or of a lexical and a dense search.

/// Pure functions from rankings to one ranking. Each ranking is best first and names no article twice; where one does, its
/// first place counts. The result is best first, ties by id.
public enum RankFusion: Sendable, Hashable {
    /// Reciprocal rank fusion with this constant.
    case reciprocalRank(k: Double)
    /// The sum of scores, each ranking brought to 0...1 first.
    case combSUM
    /// The best of each ranking in turn.
    case roundRobin
    /// By the best place that any ranking gives, whatever the order of the rankings.
    case bestRank

    /// Reciprocal rank fusion with the constant of its authors.
    public static let reciprocalRank = RankFusion.reciprocalRank(k: standardK)

    /// 60, as Cormack et al. chose on their pilot collections; results hardly depend on it.
    public static let standardK = 60.0

    /// The rankings as one, cut to `limit`.
    public func fuse(_ rankings: [[RetrievedArticle]], limit: Int? = nil) -> [RetrievedArticle] {
        switch self {
        case .reciprocalRank(let k): Self.reciprocalRank(rankings, k: k, limit: limit)
        case .combSUM: Self.combSUM(rankings, limit: limit)
        case .roundRobin: Self.roundRobin(rankings, limit: limit)
        case .bestRank: Self.bestRank(rankings, limit: limit)
        }
    }

    /// Reciprocal rank fusion: an article's score is the sum over the rankings that have it of weight / (k + rank), ranks from 1.
    ///
    /// Source: Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual rank learning
    /// methods", SIGIR 2009. Scores of the rankings are not looked at, only their order.
    ///
    /// - Parameters:
    ///   - rankings: each best first.
    ///   - k: at least 0; a larger one makes first places count for less.
    ///   - weights: one for each ranking, at least 0; all 1 if nil, as in the source.
    ///   - limit: the most articles to return.
    public static func reciprocalRank(
        _ rankings: [[RetrievedArticle]],
        k: Double = standardK,
        weights: [Double]? = nil,
        limit: Int? = nil
    ) -> [RetrievedArticle] {
        precondition(k >= 0, "reciprocal rank fusion with k \(k)")
        let weights = checked(weights, count: rankings.count)
        var scores: [NewsArticle.ID: Double] = [:]
        for (ranking, weight) in zip(rankings, weights) {
            for (index, article) in withoutRepetitions(ranking).enumerated() {
                scores[article.id, default: 0] += weight / (k + Double(index + 1))
            }
        }
        return ranked(scores, limit: limit)
    }

    /// CombSUM: the sum of an article's scores after each ranking's scores were brought to 0...1 by
    /// (score − minimum) / (maximum − minimum). A ranking whose scores are all equal gives each article 1. A score that is not
    /// finite counts as the ranking's smallest.
    ///
    /// Source: Fox and Shaw, "Combination of Multiple Searches", TREC-2, 1994; the normalisation is that of Lee, "Analyses of
    /// Multiple Evidence Combination", SIGIR 1997.
    ///
    /// - Parameter weights: one for each ranking, at least 0; all 1 if nil, as in the source.
    public static func combSUM(
        _ rankings: [[RetrievedArticle]],
        weights: [Double]? = nil,
        limit: Int? = nil
    ) -> [RetrievedArticle] {
        let weights = checked(weights, count: rankings.count)
        var scores: [NewsArticle.ID: Double] = [:]
        for (ranking, weight) in zip(rankings, weights) {
            let finite = ranking.lazy.map(\.score).filter(\.isFinite)
            let minimum = finite.min() ?? 0
            let span = (finite.max() ?? 0) - minimum
            for article in withoutRepetitions(ranking) {
                let score = article.score.isFinite ? article.score : minimum
                scores[article.id, default: 0] += weight * (span > 0 ? (score - minimum) / span : 1)
            }
        }
        return ranked(scores, limit: limit)
    }

    /// Round-robin: the first of each ranking in turn, then the second of each, and so on, leaving out what is there already.
    /// The score is 1 / (place in the result), so that the order is kept by whoever sorts it again.
    ///
    /// Source: as "interleaving" in Voorhees, Gupta and Johnson-Laird, "The Collection Fusion Problem", TREC-3, 1994.
    public static func roundRobin(_ rankings: [[RetrievedArticle]], limit: Int? = nil) -> [RetrievedArticle] {
        var result: [RetrievedArticle] = []
        var seen: Set<NewsArticle.ID> = []
        for place in 0..<(rankings.map(\.count).max() ?? 0) {
            for ranking in rankings where place < ranking.count && seen.insert(ranking[place].id).inserted {
                if let limit, result.count >= limit { return result }
                result.append(RetrievedArticle(id: ranking[place].id, score: 1 / Double(result.count + 1)))
            }
        }
        return result
    }

    /// Best rank: articles by the best place that any ranking gives them, those of one place by the score they have there, then
    /// by id. All first places come before all second places, as in ``roundRobin(_:limit:)``, but the order of the rankings does
    /// not matter. It suits rankings that look for different things: what one query finds first is not pushed back by what all
    /// find in the middle, as reciprocal rank fusion does. The score is 1 / (place in the result).
    ///
    /// Scores of different rankings are compared within a place, so they must mean the same, as cosines do. A score that is not
    /// finite comes last in its place.
    public static func bestRank(_ rankings: [[RetrievedArticle]], limit: Int? = nil) -> [RetrievedArticle] {
        var best: [NewsArticle.ID: (place: Int, score: Double)] = [:]
        for ranking in rankings {
            for (place, article) in withoutRepetitions(ranking).enumerated() {
                let score = article.score.isFinite ? article.score : -.infinity
                if let known = best[article.id], (known.place, -known.score) <= (place, -score) { continue }
                best[article.id] = (place, score)
            }
        }
        let ordered = best.sorted { left, right in
            (left.value.place, -left.value.score, left.key) < (right.value.place, -right.value.score, right.key)
        }
        return ordered.prefix(limit ?? ordered.count).enumerated().map { place, article in
            RetrievedArticle(id: article.key, score: 1 / Double(place + 1))
        }
    }

    private static func withoutRepetitions(_ ranking: [RetrievedArticle]) -> [RetrievedArticle] {
        var seen: Set<NewsArticle.ID> = []
        return ranking.filter { seen.insert($0.id).inserted }
    }

    private static func checked(_ weights: [Double]?, count: Int) -> [Double] {
        guard let weights else { return [Double](repeating: 1, count: count) }
        precondition(weights.count == count, "\(weights.count) weights for \(count) rankings")
        precondition(
            weights.allSatisfy { $0 >= 0 && $0.isFinite },
            "weights of rankings must be at least 0: \(weights)"
        )
        return weights
    }

    private static func ranked(_ scores: [NewsArticle.ID: Double], limit: Int?) -> [RetrievedArticle] {
        scores.map { RetrievedArticle(id: $0.key, score: $0.value) }.ranked(limit: limit)
    }
}
