import IQInterest
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

private func ranking(_ pairs: KeyValuePairs<String, Double>) -> [RetrievedArticle] {
    pairs.map { RetrievedArticle(id: $0.key, score: $0.value) }
}

@Suite("Rank fusion")
struct RankFusionTests {
    // Worked by hand: a is 1st and 2nd, b 2nd and 1st, c 3rd, d 3rd.
    private let first = ranking(["a": 9, "b": 7, "c": 1])
    private let second = ranking(["b": 0.9, "a": 0.4, "d": 0.3])

    @Test("by reciprocal ranks sums 1 / (60 + rank), and looks at no score")
    func reciprocalRank() {
        let fused = RankFusion.reciprocalRank.fuse([first, second])
        #expect(fused.map(\.id) == ["a", "b", "c", "d"])
        #expect(abs(fused[0].score - (1.0 / 61 + 1.0 / 62)) < 1e-15)
        #expect(fused[0].score == fused[1].score)
        #expect(abs(fused[2].score - 1.0 / 63) < 1e-15)
        let weighted = RankFusion.reciprocalRank([first, second], k: 0, weights: [1, 3])
        #expect(weighted.map(\.id) == ["b", "a", "d", "c"])
        #expect(abs(weighted[0].score - (0.5 + 3)) < 1e-15)
    }

    @Test("by CombSUM brings each ranking to 0...1 and adds")
    func combSUM() {
        let fused = RankFusion.combSUM.fuse([first, second])
        // a: (9−1)/8 + (0.4−0.3)/0.6 = 1.1667; b: (7−1)/8 + 1 = 1.75; c, d: 0.
        #expect(fused.map(\.id) == ["b", "a", "c", "d"])
        #expect(abs(fused[0].score - 1.75) < 1e-12)
        #expect(abs(fused[1].score - (1 + 0.1 / 0.6)) < 1e-12)
        #expect(fused[2].score == 0)
        // Scores that are all equal are all as good as any.
        #expect(RankFusion.combSUM([ranking(["x": 5, "y": 5])]).map(\.score) == [1, 1])
    }

    @Test("round-robin takes the best of each in turn, each article once")
    func roundRobin() {
        #expect(RankFusion.roundRobin.fuse([first, second]).map(\.id) == ["a", "b", "c", "d"])
        #expect(RankFusion.roundRobin([second, first], limit: 2).map(\.id) == ["b", "a"])
        let fused = RankFusion.roundRobin([first, ranking(["z": 1])])
        #expect(fused.map(\.id) == ["a", "z", "b", "c"])
        #expect(fused == fused.ranked())
    }

    @Test("by best rank puts all first places before all second ones, whatever the order of the rankings")
    func bestRank() {
        let left = ranking(["a": 0.5, "b": 0.4, "c": 0.3])
        let right = ranking(["d": 0.9, "c": 0.8, "b": 0.1])
        // First places: d 0.9, a 0.5. Second places: c 0.8, b 0.4. Their third places count no more.
        let fused = RankFusion.bestRank.fuse([left, right])
        #expect(fused.map(\.id) == ["d", "a", "c", "b"])
        let places: [Double] = [1, 0.5, 1.0 / 3, 0.25]
        #expect(fused.map(\.score) == places)
        #expect(RankFusion.bestRank.fuse([right, left]) == fused)
        #expect(RankFusion.bestRank([left, right], limit: 2).map(\.id) == ["d", "a"])
        // Equal places and scores go by id; a score that is no number comes last in its place.
        let odd = [RetrievedArticle(id: "z", score: .nan)]
        #expect(
            RankFusion.bestRank([odd, ranking(["y": 1]), ranking(["x": 1])]).map(\.id) == ["x", "y", "z"]
        )
        // What two rankings have in the same place has the better score of the two.
        #expect(
            RankFusion.bestRank([ranking(["a": 0.1]), ranking(["b": 0.2]), ranking(["a": 0.3])]).map(\.id) == [
                "a", "b",
            ]
        )
    }

    @Test(
        "of nothing is nothing, and of one ranking is its order",
        arguments: [RankFusion.reciprocalRank, .combSUM, .roundRobin, .bestRank]
    )
    func degenerate(fusion: RankFusion) {
        #expect(fusion.fuse([]).isEmpty)
        #expect(fusion.fuse([[], []]).isEmpty)
        #expect(fusion.fuse([first]).map(\.id) == first.map(\.id))
        #expect(fusion.fuse([first, second], limit: 1).count == 1)
    }

    @Test("counts an article that a ranking names twice once")
    func repetition() {
        let twice = first + [RetrievedArticle(id: "a", score: 0)]
        #expect(RankFusion.reciprocalRank([twice]) == RankFusion.reciprocalRank([first]))
        #expect(RankFusion.bestRank([twice]) == RankFusion.bestRank([first]))
    }

    @Test("survives scores that are no numbers")
    func notFinite() {
        let odd = [RetrievedArticle(id: "a", score: .infinity), RetrievedArticle(id: "b", score: .nan)]
        #expect(RankFusion.combSUM([odd]).allSatisfy { $0.score.isFinite })
    }
}

@Suite("Maximal marginal relevance")
struct MaximalMarginalRelevanceTests {
    // Two articles alike and relevant, one apart and less so.
    private let vectors: [[Float]] = [[1, 0], [0.99, 0.141], [0, 1]]
    private let relevance = [0.9, 0.85, 0.5]

    @Test("with a lambda of 1 is the order of relevance")
    func relevanceAlone() {
        #expect(
            MaximalMarginalRelevance.select(relevance: relevance, vectors: vectors, lambda: 1, count: 3) == [0, 1, 2]
        )
    }

    @Test("prefers what is unlike the picked ones")
    func diversity() {
        // After 0: article 1 has 0.5·0.85 − 0.5·0.99 = −0.07, article 2 has 0.5·0.5 − 0 = 0.25.
        #expect(
            MaximalMarginalRelevance.select(relevance: relevance, vectors: vectors, lambda: 0.5, count: 2) == [0, 2]
        )
        #expect(
            MaximalMarginalRelevance.select(relevance: relevance, vectors: vectors, lambda: 0.5, count: 9) == [0, 2, 1]
        )
        #expect(MaximalMarginalRelevance.select(relevance: [], vectors: [], lambda: 0.5, count: 2).isEmpty)
    }
}

@Suite("Recency")
struct RecencyDecayTests {
    private let now = Date(timeIntervalSince1970: 1_000_000)

    @Test("halves with every half-life, and never rises above 1")
    func factor() {
        let decay = RecencyDecay(halfLife: 100)
        for (age, expected) in [(0.0, 1.0), (100, 0.5), (300, 0.125), (50, 0.5.squareRoot()), (-10, 1)] {
            #expect(abs(decay.factor(published: now.addingTimeInterval(-age), now: now) - expected) < 1e-12)
        }
        #expect(decay.factor(published: Date(timeIntervalSince1970: 0), now: Date(timeIntervalSince1970: 1e9)) == 0)
    }

    @Test("ranks anew")
    func applied() {
        let times = ["old": now.addingTimeInterval(-200), "new": now]
        let ranked = RecencyDecay(halfLife: 100).applied(
            to: ranking(["old": 3, "unknown": 2, "new": 1]),
            now: now,
            unknown: 0.25
        ) { times[$0] }
        #expect(ranked.map(\.id) == ["new", "old", "unknown"])
        #expect(abs(ranked[1].score - 0.75) < 1e-12)
    }
}
