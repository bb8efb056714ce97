import IQInterest
import Testing

@Suite("Measures of rankings and slates")
struct RankingMetricTests {
    /// Three relevant articles, of which the ranking has two, at ranks 2 and 5.
    private let ranking = ["a", "b", "c", "d", "e"]
    private let relevant: Set = ["b", "e", "x"]

    private static let byHand: [(RankingMetric, Double)] = [
        (RankingMetric.recall(1), 0.0),
        (RankingMetric.recall(2), 0.3333333333333333),
        (RankingMetric.recall(5), 0.6666666666666666),
        (RankingMetric.recall(100), 0.6666666666666666),
        // (1/log2 3 + 1/log2 6) / (1/log2 2 + 1/log2 3 + 1/log2 4)
        (RankingMetric.ndcg(5), 0.4776237035032179),
        // Two places hold at most two of the three: (1/log2 3) / (1 + 1/log2 3).
        (RankingMetric.ndcg(2), 0.38685280723454163),
        (RankingMetric.reciprocalRank(5), 0.5),
        (RankingMetric.reciprocalRank(1), 0.0),
        (RankingMetric.hit(1), 0.0),
        (RankingMetric.hit(2), 1.0),
        // (1/2 + 2/5) / 3
        (RankingMetric.averagePrecision(5), 0.3),
        (RankingMetric.averagePrecision(4), 0.16666666666666666),
    ]

    @Test("agree with trec_eval's definitions worked out by hand", arguments: byHand)
    func agreesWithHand(metric: RankingMetric, expected: Double) {
        #expect(abs(metric.value(ranking: ranking, relevant: relevant) - expected) < 1e-15)
        let ranks = [2, 5]
        #expect(abs(metric.value(ranks: ranks, relevantCount: 3) - expected) < 1e-15)
    }

    @Test("chance is the mean over all orders")
    func chance() {
        // Two relevant of four: the six places they can take, all equally likely.
        let places = [[1, 2], [1, 3], [1, 4], [2, 3], [2, 4], [3, 4]]
        let metrics: [RankingMetric] = [
            .recall(1), .recall(3), .ndcg(1), .ndcg(3), .ndcg(10), .reciprocalRank(2), .reciprocalRank(4), .hit(1),
            .hit(2),
            .averagePrecision(3), .averagePrecision(4),
        ]
        for metric in metrics {
            let sum = places.reduce(0) { $0 + metric.value(ranks: $1, relevantCount: 2) }
            let expected = metric.expectedValueOfRandomOrder(relevantCount: 2, candidateCount: 4)
            #expect(abs(sum / 6 - expected) < 1e-15, "\(metric)")
        }
    }

    @Test("a perfect ranking gives 1 for every measure that can reach it")
    func perfect() {
        for metric in [RankingMetric.recall(3), .ndcg(2), .ndcg(10), .reciprocalRank(1), .hit(1), .averagePrecision(3)]
        {
            #expect(metric.value(ranking: ["x", "e", "b", "a"], relevant: relevant) == 1, "\(metric)")
        }
    }

    @Test("a repeated article counts once")
    func repetition() {
        #expect(RankingMetric.recall(5).value(ranking: ["b", "b", "b"], relevant: relevant) == 1.0 / 3)
        #expect(RankingMetric.averagePrecision(5).value(ranking: ["b", "b"], relevant: relevant) == 1.0 / 3)
    }

    @Test("moving a relevant article up never lowers a measure")
    func monotony() {
        let metrics: [RankingMetric] = [.recall(3), .ndcg(5), .reciprocalRank(5), .hit(3), .averagePrecision(5)]
        for metric in metrics {
            var last = -1.0
            for place in (0..<6).reversed() {
                var ranking = ["p", "q", "r", "s", "t"]
                ranking.insert("b", at: place)
                let value = metric.value(ranking: ranking, relevant: ["b"])
                #expect(value >= last, "\(metric) at place \(place)")
                last = value
            }
        }
    }

    @Test("MIND's measures of a slate, with ties in the order of the slate and half in the AUC (NumPy)")
    func slate() throws {
        let metrics = try #require(
            SlateMetrics(scores: [0.3, 0.9, 0.3, 0.1, 0.5], clicks: [true, false, false, true, false])
        )
        // Of six pairs none is right and one is tied: 0.5 / 6.
        #expect(abs((metrics.auc ?? -1) - 0.5 / 6) < 1e-15)
        // The clicked ones are at ranks 3 and 5: (1/3 + 1/5) / 2.
        #expect(abs(metrics.meanReciprocalRank - 0.26666666666666666) < 1e-15)
        #expect(abs(metrics.ndcg5 - 0.5437713091520254) < 1e-15)
        #expect(metrics.ndcg5 == metrics.ndcg10)
    }

    @Test("a slate without clicks has no measures, one without unclicked articles no AUC")
    func undefined() {
        #expect(SlateMetrics(scores: [1, 2], clicks: [false, false]) == nil)
        #expect(SlateMetrics(scores: [1, 2], clicks: [true, true])?.auc == nil)
    }

    @Test("the AUC by ranks is the share of right pairs")
    func auc() {
        let scores = [0.1, 0.4, 0.4, 0.35, 0.8, 0.4, -2]
        let labels = [false, true, false, true, true, false, false]
        var sum = 0.0
        for (i, positive) in labels.enumerated() where positive {
            for (j, other) in labels.enumerated() where !other {
                sum += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0
            }
        }
        let area = SlateMetrics.areaUnderCurve(scores: scores, labels: labels)
        #expect(abs((area ?? -1) - sum / 12) < 1e-15)
    }
}
