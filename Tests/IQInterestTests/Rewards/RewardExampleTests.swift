// The rewards' worked examples, with vectors that are given.

import IQModel
import IQPolicy
import IQTensor
import Testing

import IQInterest

/// Vectors by text; unknown texts have none.
struct FixedVectors: TextVectorizer {
    var table: [String: [Float]]
    func vectors(of texts: [String]) async throws -> [[Float]] { texts.map { table[$0] ?? [0, 0, 0] } }
}

/// Rankings by query.
struct FixedRetriever: Retriever {
    var table: [String: [RetrievedArticle]]
    func retrieve(_ queries: [String], limit: Int, pool: CandidatePool) async throws -> [[RetrievedArticle]] {
        queries.map { Array((table[$0] ?? []).prefix(limit)) }
    }
}

func completion(_ queries: [String], isValid: Bool = true) -> Completion<InterestOutput> {
    let text = queries.joined(separator: "\n")
    var spans: [Range<Int>] = []
    var start = 0
    for query in queries {
        spans.append(start..<start + query.utf8.count)
        start += query.utf8.count + 1
    }
    return Completion(
        text: text,
        reason: .endOfText,
        tokenCount: queries.count * 4,
        output: TaskOutput(InterestOutput(list: QueryList(queries), isValid: isValid), spans: spans)
    )
}

func sample(titles: [String] = [], clicks: Set<String>? = nil) throws -> InterestSample {
    InterestSample(
        id: "a person",
        signals: try titles.enumerated().map { index, title in
            try UserSignal(kind: .newsClick, time: Date(timeIntervalSince1970: Double(1000 + index)), text: title)
        },
        laterClicks: clicks
    )
}

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Worked examples of the rewards") struct RewardExampleTests {
    private func value(
        _ reward: some Reward<InterestSample, InterestOutput>,
        _ queries: [String],
        _ sample: InterestSample,
        isValid: Bool = true
    ) async throws -> RewardScore? {
        try await reward.scores(of: [completion(queries, isValid: isValid)], for: sample)[0]
    }

    @Test func alignment() async throws {
        func articles(_ cosines: [Double]) -> [RetrievedArticle] {
            cosines.enumerated().map { RetrievedArticle(id: "N\($0)", score: $1) }
        }
        let retriever = FixedRetriever(table: [
            "first query": articles([0.8, 0.6, 0]), "second query": articles([0.4, 0]),
        ])
        let score = try #require(
            try await value(
                RetrievalAlignment(retriever: retriever, count: 2),
                ["first query", "second query"],
                sample()
            )
        )
        #expect(abs(score.value - 0.725) < 1e-12)
        #expect(score.spans?.map { ($0 ?? 0) * 1000 }.map { $0.rounded() } == [850, 600])
        #expect(try await value(RetrievalAlignment(retriever: retriever), [], sample())?.value == 0)
    }

    @Test func coverage() async throws {
        let third = Float(1.0 / 3)
        let vectors = FixedVectors(table: [
            "old interest": [1, 0, 0], "new interest": [0, 1, 0],
            "half query": [0.5, 0.3, (1 - 0.25 - 0.09 as Float).squareRoot()], "none": [0, 0, 1],
            "both": [third.squareRoot(), third.squareRoot(), third.squareRoot()],
        ])
        let reward = InterestCoverage(vectorizer: vectors)
        let person = try sample(titles: ["old interest", "new interest"])
        let half = try #require(try await value(reward, ["half query"], person))
        #expect(abs(half.value - 2.0 / 3) < 1e-6)
        #expect(try await value(reward, ["none"], person)?.value == 0)
        #expect(try await value(reward, ["none", "both"], person)?.value == 1)
        #expect(try await value(reward, [], person)?.value == 0)
        #expect(try await value(reward, ["both"], sample()) == nil)
    }

    @Test func specificity() async throws {
        // 10,000 titles, with the words of the example in as many as it says.
        var titles = [String](repeating: "x", count: 10_000)
        for index in 0..<4 { titles[index] += " tidal" }
        for index in 100..<120 { titles[index] += " turbine" }
        for index in 1000..<1900 { titles[index] += " news" }
        let reward = QuerySpecificity(statistics: TermStatistics(of: titles))
        let score = try #require(
            try await value(reward, ["tidal turbine", "the news", "qqq zzz"], sample())
        )
        let spans = try #require(score.spans).map { (($0 ?? -1) * 1000).rounded() }
        #expect(spans == [508, 87, 0])
        #expect(try await value(reward, [], sample())?.value == 0)
    }

    @Test func diversity() async throws {
        let vectors = FixedVectors(table: ["one": [1, 0, 0], "two": [-1, 0, 0], "three": [0, 1, 0]])
        let reward = IntraListDiversity(vectorizer: vectors)
        #expect(try await value(reward, ["one", "two"], sample())?.value == 1)
        #expect(try await value(reward, ["one", "three"], sample())?.value == 0.5)
        let three = try #require(try await value(reward, ["one", "two", "three"], sample()))
        #expect(abs(three.value - 2.0 / 3) < 1e-12)
        #expect(try await value(reward, ["one"], sample())?.value == 0)
    }

    @Test func structure() async throws {
        #expect(try await value(StructuralValidity(), ["one"], sample(), isValid: true)?.value == 1)
        #expect(try await value(StructuralValidity(), ["one"], sample(), isValid: false)?.value == 0)
    }

    @Test func laterClicks() async throws {
        let ranking = (1...50).map { RetrievedArticle(id: "N\($0)", score: 1 - Double($0) / 100) }
        let retriever = FixedRetriever(table: ["the query": ranking])
        let person = try sample(clicks: ["N3", "N40"])
        let recall = FutureClickRecall(retriever: retriever, measure: .recall(10))
        #expect(try await value(recall, ["the query"], person)?.value == 0.5)
        let gain = try #require(try await value(FutureClickRecall(retriever: retriever), ["the query"], person))
        #expect(abs(gain.value - 0.4210) < 1e-4)
        #expect(gain.spans == [gain.value])
        #expect(try await value(recall, ["the query"], sample()) == nil)
        #expect(try await value(recall, [], person)?.value == 0)
    }
}
