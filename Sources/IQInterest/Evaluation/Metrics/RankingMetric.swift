// Measures of a ranking against the articles that were clicked. Definitions as in trec_eval, with binary relevance.

/// A measure of one ranking, in 0...1, larger is better.
public enum RankingMetric: Sendable, Hashable, CustomStringConvertible {
    /// The share of the relevant articles that are among the first k.
    case recall(Int)
    /// Discounted cumulative gain of the first k, over that of the best possible order of all relevant articles.
    case ndcg(Int)
    /// One over the rank of the first relevant article within the first k; 0 if there is none.
    case reciprocalRank(Int)
    /// 1 if a relevant article is among the first k, else 0.
    case hit(Int)
    /// The mean, over all relevant articles, of the precision at their ranks; those beyond k count 0.
    case averagePrecision(Int)

    /// The measures of the retrieval table: Recall@5/10/50/100, NDCG@5/10, MRR and hit rate.
    public static let retrieval: [RankingMetric] = [
        .recall(5), .recall(10), .recall(50), .recall(100), .ndcg(5), .ndcg(10), .reciprocalRank(100), .hit(10),
        .hit(100),
    ]

    /// How many places of the ranking are looked at.
    public var depth: Int {
        switch self {
        case .recall(let k), .ndcg(let k), .reciprocalRank(let k), .hit(let k), .averagePrecision(let k): k
        }
    }

    /// Such as `Recall@10`.
    public var description: String {
        switch self {
        case .recall(let k): "Recall@\(k)"
        case .ndcg(let k): "NDCG@\(k)"
        case .reciprocalRank(let k): "MRR@\(k)"
        case .hit(let k): "Hit@\(k)"
        case .averagePrecision(let k): "MAP@\(k)"
        }
    }

    /// The measure's value for a ranking.
    ///
    /// - Parameters:
    ///   - ranks: the places of the relevant articles in the ranking, from 1, ascending; those that are not in it are left out.
    ///   - relevantCount: how many relevant articles there are, in the ranking or not; at least 1.
    public func value(ranks: [Int], relevantCount: Int) -> Double {
        precondition(relevantCount >= 1 && ranks.count <= relevantCount, "\(ranks.count) of \(relevantCount) relevant")
        let found = ranks.prefix { $0 <= depth }
        switch self {
        case .recall: return Double(found.count) / Double(relevantCount)
        case .ndcg(let k):
            let gain = found.reduce(0) { $0 + RankingMetric.discount(rank: $1) }
            let ideal = (1...min(k, relevantCount)).reduce(0) { $0 + RankingMetric.discount(rank: $1) }
            return gain / ideal
        case .reciprocalRank: return found.first.map { 1 / Double($0) } ?? 0
        case .hit: return found.isEmpty ? 0 : 1
        case .averagePrecision:
            var sum = 0.0
            for (index, rank) in found.enumerated() { sum += Double(index + 1) / Double(rank) }
            return sum / Double(relevantCount)
        }
    }

    /// The measure's value for a ranking by ids; a repeated id counts at its first place.
    ///
    /// - Parameters:
    ///   - ranking: best first.
    ///   - relevant: at least one id.
    public func value<ID: Hashable>(ranking: some Sequence<ID>, relevant: Set<ID>) -> Double {
        var ranks: [Int] = []
        var seen: Set<ID> = []
        for (index, id) in ranking.prefix(depth).enumerated() where relevant.contains(id) && seen.insert(id).inserted {
            ranks.append(index + 1)
        }
        return value(ranks: ranks, relevantCount: relevant.count)
    }

    /// What a relevant article at a rank, from 1, gains: 1 / log2(1 + rank).
    static func discount(rank: Int) -> Double { 1 / binaryLogarithm(Double(rank + 1)) }
}
