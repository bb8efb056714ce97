// What lists are worth by rewards, on people who are evaluated.

import IQInterest
import IQPolicy
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Three people: the first two read and click alike, the third has read nothing.
private func data() throws -> EvaluationData {
    func impression(_ person: String, history: [String], clicked: String) throws -> Impression {
        try Impression(
            person: person,
            time: Date(timeIntervalSince1970: 1_573_819_200),
            history: history,
            slate: ["a", "b", "c"].map { .init(article: $0, isClicked: $0 == clicked) }
        )
    }
    return try EvaluationData(
        articles: try ["a", "b", "c", "h"].map { try NewsArticle(id: $0, title: "Title \($0)") },
        training: [try impression("t", history: [], clicked: "c")],
        evaluated: [
            try impression("p", history: ["h", "a"], clicked: "b"),
            try impression("q", history: ["h", "a"], clicked: "b"),
            try impression("r", history: [], clicked: "c"),
        ]
    )
}

/// Lists by person.
private struct Lists: QuerySource {
    var name = "lists"
    var table: [String: WrittenList]

    func queries(for people: [EvaluatedPerson]) -> [[String]] { people.map { table[$0.person]?.queries ?? [] } }
    func lists(for people: [EvaluatedPerson]) -> [WrittenList] {
        people.map { table[$0.person] ?? WrittenList(queries: [], isValid: false) }
    }
}

/// Finds the article that a query ends with, if it is in the pool.
private struct LastLetterRetriever: Retriever {
    func retrieve(_ queries: [String], limit: Int, pool: CandidatePool) async throws -> [[RetrievedArticle]] {
        queries.map { query in
            guard let id = query.last.map(String.init) else { return [] }
            if case .articles(let ids) = pool, !ids.contains(id) { return [] }
            return [RetrievedArticle(id: id, score: 1)]
        }
    }
}

@Suite("Rewards of lists in an evaluation")
struct ListRewardsTests {
    private func rewards() throws -> ListRewards {
        let length = ClosureReward<InterestSample, InterestOutput>("length") { completion, sample in
            sample.signals.isEmpty ? nil : Double(completion.output.list.count)
        }
        let clicks = FutureClickRecall(retriever: LastLetterRetriever(), measure: .recall(10))
        return ListRewards(
            reward: try CompositeReward(
                members: [length.weighted(0.5), StructuralValidity().weighted(1), clicks.weighted(3)]
            ),
            options: try InterestQueryOptions(queryCount: 2...3)
        )
    }

    @Test("sums rewards by weight, without later clicks and with them; what does not apply counts 0")
    func sums() async throws {
        let source = Lists(table: [
            "p": WrittenList(queries: ["about a", "about b"]), "q": WrittenList(queries: ["one b"], isValid: true),
        ])
        let evaluator = Evaluator(try data(), tasks: [.rewards])
        let rewards = try rewards()
        let result = try await rewards.measure(source, on: evaluator)
        #expect(result.metrics == ["reward", "reward with clicks", "length", "structure", "clicks"])
        #expect(result.people == ["p", "q", "r"])
        // p: two queries are a list, and one of them finds b. q: one query is too few, but its source knows better. r has no list.
        #expect(result.values[0] == [2, 5, 2, 1, 1])
        #expect(result.values[1] == [1.5, 4.5, 1, 1, 1])
        #expect(result.values[2] == [0, 0, 0, 0, 0])
    }

    @Test("searches the day's pool without what the person had read")
    func pool() async throws {
        let source = Lists(table: ["p": WrittenList(queries: ["about a", "about h"])])
        let result = try await rewards().measure(source, on: Evaluator(try data(), tasks: [.rewards]))
        #expect(result.values[0][4] == 0)
    }

    @Test("a report has means with intervals, and paired differences to the first system that writes lists")
    func report() async throws {
        let evaluator = Evaluator(try data(), tasks: [.slate, .rewards])
        let (rewards, list) = (try rewards(), WrittenList(queries: ["about a", "about b"]))
        let better = Lists(name: "better", table: ["p": list, "q": list, "r": list])
        let worse = Lists(name: "worse", table: ["p": list])
        let report = EvaluationReport(
            [try await evaluator.evaluate(.chance)],
            rewards: [
                try await rewards.measure(worse, on: evaluator), try await rewards.measure(better, on: evaluator),
            ],
            bootstrap: Bootstrap(resamples: 50)
        )
        // r's list of two is valid, though coverage of nothing read does not apply.
        let rows = report.rows.filter { $0.task == .rewards && $0.slice == .all }
        #expect(rows.map(\.system) == ["worse", "better"] && rows.allSatisfy { $0.people == 3 })
        let cell = try #require(rows.last?.cells.first)
        #expect(cell.metric == "reward")
        #expect(abs(cell.mean.estimate - 5.0 / 3) < 1e-12)
        #expect(abs(try #require(cell.differenceToFirst).estimate - 1) < 1e-12)
        #expect(report.json.contains(#""task": "rewards""#) && report.text.contains("reward with clicks"))
    }

    @Test("lists are counted by how many people have the same one")
    func distinct() {
        let lists = SystemLists(
            system: "x",
            seconds: 2,
            cases: ["1", "2", "3", "4"],
            queries: [["a", "b"], ["a", "b"], ["b", "a"], []]
        )
        #expect(lists.distinctCount == 3)
        #expect(lists.mostFrequentShare == 0.5)
        #expect(lists.perSecond == 2)
    }

    @Test("a person with several cases has their mean")
    func perPerson() {
        let values = PersonValues(people: ["a", "b", "a"], values: [1, 5, 2])
        #expect(values.people == ["a", "b"] && values.values == [1.5, 5])
    }
}
