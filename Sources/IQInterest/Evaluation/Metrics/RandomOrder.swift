// What blind luck gives, exactly: the expected value of each measure when all orders are equally likely.

extension RankingMetric {
    /// The expected value over all orders of `candidateCount` articles of which `relevantCount` are relevant.
    public func expectedValueOfRandomOrder(relevantCount: Int, candidateCount: Int) -> Double {
        precondition(
            relevantCount >= 1 && relevantCount <= candidateCount,
            "\(relevantCount) relevant of \(candidateCount)"
        )
        let (relevant, candidates) = (Double(relevantCount), Double(candidateCount))
        let last = min(depth, candidateCount)
        switch self {
        case .recall: return Double(last) / candidates
        case .ndcg(let k):
            let gain = (1...last).reduce(0) { $0 + RankingMetric.discount(rank: $1) } * relevant / candidates
            let ideal = (1...min(k, relevantCount)).reduce(0) { $0 + RankingMetric.discount(rank: $1) }
            return gain / ideal
        case .reciprocalRank, .hit:
            // The probability that none is at the places before `rank` ...
            var noneBefore = 1.0
            var sum = 0.0
            for rank in 1...last {
                // ... and that one is at it.
                let here = min(1, relevant / (candidates - Double(rank - 1)))
                if case .hit = self { sum += noneBefore * here } else { sum += noneBefore * here / Double(rank) }
                noneBefore *= 1 - here
            }
            return sum
        case .averagePrecision:
            var sum = 0.0
            for rank in 1...last {
                let othersBefore =
                    candidateCount > 1 ? Double(rank - 1) * (relevant - 1) / (candidates - 1) : 0
                sum += (1 + othersBefore) / Double(rank)
            }
            return sum / candidates
        }
    }
}

extension SlateMetrics {
    /// The expected AUC, MRR, nDCG@5 and nDCG@10 over all orders of a slate.
    static func expectedValuesOfRandomOrder(clickCount: Int, candidateCount: Int) -> [Double] {
        let harmonic = (1...candidateCount).reduce(0) { $0 + 1 / Double($1) }
        func ndcg(_ k: Int) -> Double {
            RankingMetric.ndcg(k).expectedValueOfRandomOrder(relevantCount: clickCount, candidateCount: candidateCount)
        }
        return [0.5, harmonic / Double(candidateCount), ndcg(5), ndcg(10)]
    }
}
