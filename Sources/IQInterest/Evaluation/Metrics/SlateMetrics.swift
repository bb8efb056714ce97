// Measures of scores for a shown slate, as MIND's evaluation defines them.

/// The four measures of MIND for one impression.
///
/// Source: Wu et al., "MIND: A Large-scale Dataset for News Recommendation", ACL 2020, and its public evaluation: AUC over the
/// pairs of a clicked and an unclicked article; MRR as the *mean over the clicked articles* of one over their rank (not the
/// first one's alone); nDCG@5 and nDCG@10. Articles of equal score keep the order of the slate, and count half in the AUC.
public struct SlateMetrics: Sendable, Hashable {
    /// nil where nothing or everything was clicked: there is no pair.
    public let auc: Double?
    public let meanReciprocalRank: Double
    public let ndcg5: Double
    public let ndcg10: Double

    /// - Parameters:
    ///   - scores: one for each article, larger is better, none of them NaN.
    ///   - clicks: whether each was clicked.
    /// - Returns: nil if nothing was clicked, where none of the measures is defined.
    public init?(scores: [Double], clicks: [Bool]) {
        precondition(scores.count == clicks.count, "\(scores.count) scores for \(clicks.count) articles")
        precondition(!scores.contains(where: \.isNaN), "a score is no number")
        let clickCount = clicks.count(where: \.self)
        guard clickCount > 0 else { return nil }
        auc = Self.areaUnderCurve(scores: scores, labels: clicks)
        let order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
        let ranks = order.indices.filter { clicks[order[$0]] }.map { $0 + 1 }
        meanReciprocalRank = ranks.reduce(0) { $0 + 1 / Double($1) } / Double(clickCount)
        ndcg5 = RankingMetric.ndcg(5).value(ranks: ranks, relevantCount: clickCount)
        ndcg10 = RankingMetric.ndcg(10).value(ranks: ranks, relevantCount: clickCount)
    }

    /// The area under the receiver operating characteristic: the share of pairs of a positive and a negative in which the
    /// positive has the larger score, equal ones counting half. nil if one side is empty.
    ///
    /// Source: Mann and Whitney 1947, by ranks: (sum of the positives' ranks − P(P + 1)/2) / (P · N), with middle ranks for ties.
    public static func areaUnderCurve(scores: [Double], labels: [Bool]) -> Double? {
        precondition(scores.count == labels.count, "\(scores.count) scores for \(labels.count) labels")
        let positives = labels.count(where: \.self)
        let negatives = labels.count - positives
        guard positives > 0, negatives > 0 else { return nil }
        let order = scores.indices.sorted { scores[$0] < scores[$1] }
        var rankSum = 0.0
        var start = 0
        while start < order.count {
            var end = start
            var tiedPositives = 0
            while end < order.count, scores[order[end]] == scores[order[start]] {
                if labels[order[end]] { tiedPositives += 1 }
                end += 1
            }
            // Ranks start + 1 ... end share their mean.
            rankSum += Double(tiedPositives) * Double(start + 1 + end) / 2
            start = end
        }
        let least = Double(positives) * Double(positives + 1) / 2
        return (rankSum - least) / (Double(positives) * Double(negatives))
    }
}
