// From measurements to tables: small numbers, and what is there when stages are missing.

import IQInterest
import IQStudy
import Testing

private typealias System = StudyOutline.System

/// An outline of one system for each role; the stage has the system's name.
private func outline(temperature: Float = 0) -> StudyOutline {
    func system(_ name: String, _ paper: PaperRow? = nil) -> System {
        System(name, stage: "evaluate-\(name)", name: name, paper: paper)
    }
    return StudyOutline(
        baselines: [System("chance", stage: "evaluate-baselines", name: "chance")],
        promptOnly: system("prompted", PaperFigures.promptOnly),
        warmUp: system("warm"),
        seeds: [0, 1].map {
            StudyOutline.SeedPair(seed: $0, credit: system("credit-\($0)"), plain: system("plain-\($0)"))
        },
        allRewards: system("all"),
        ablations: [StudyOutline.Ablation(reward: "coverage", system: system("without"))],
        capacity: [5, 30].map {
            StudyOutline.Capacity(layers: $0, before: system("before-\($0)"), after: system("after-\($0)"))
        },
        undistilled: system("undistilled"),
        supervised: system("supervised"),
        onPolicy: system("on-policy"),
        sampling: (stage: "curve", file: "curve.json"),
        temperature: temperature
    )
}

/// Values of two people: a reward, and a recall ten times smaller.
private func values(_ name: String, _ rewards: [Double], lists: [[String]] = [["a"], ["b"]]) -> EvaluationValues {
    func result(_ task: EvaluationTask, _ metric: String, _ values: [Double]) -> TaskResult {
        TaskResult(
            system: name,
            task: task,
            metrics: [metric],
            people: ["p", "q"],
            historyLengths: [9, 9],
            values: values.map { [$0] }
        )
    }
    return EvaluationValues(
        results: [result(.rewards, "reward", rewards), result(.retrieval, "Recall@10", rewards.map { $0 / 10 })],
        lists: [SystemLists(system: name, seconds: 1, cases: ["0 p", "1 q"], queries: lists)]
    )
}

private func assembly(
    _ measured: [String: [Double]],
    lists: [[String]] = [["a"], ["b"]],
    sampled: SampledValues? = nil,
    temperature: Float = 0
) -> StudyAssembly {
    var stages: [String: EvaluationValues] = [:]
    for (name, rewards) in measured { stages["evaluate-\(name)"] = values(name, rewards, lists: lists) }
    return StudyAssembly(
        outline(temperature: temperature),
        measurements: StudyMeasurements(stages),
        sampled: sampled,
        bootstrap: Bootstrap(resamples: 200)
    )
}

private func results(_ assembly: StudyAssembly) throws -> StudyResults {
    try assembly.results(written: "now", configuration: .object([:]), inputs: [], stages: [])
}

@Suite("The results of a study")
struct StudyResultTests {
    @Test("a student's share of the teacher's gain: (3 − 1) / (5 − 1) = 1/2")
    func kept() throws {
        let found = try results(
            assembly(["undistilled": [1, 1], "credit-0": [5, 5], "on-policy": [3, 3], "supervised": [2, 2]])
        )
        func share(_ student: String) -> Double? {
            found.distillation.first { $0.student == student && $0.measure == "reward" }?.share?.estimate
        }
        #expect(share("on-policy") == 0.5 && share("supervised") == 0.25)
        let difference = try #require(found.difference(.reward, of: "on-policy", to: "supervised"))
        #expect(difference.estimate == 1 && difference.lower == 1)
        let claims = Dictionary(found.claims.map { ($0.claim, $0.verdict) }, uniquingKeysWith: { first, _ in first })
        #expect(claims["on-policy distillation beats supervised (reward)"] == .seen)
        #expect(claims["the on-policy student keeps at least 90 % of the teacher's gain in reward"] == .notSeen)
        // Both write as fast.
        #expect(claims["the student serves at least 3 times the teacher's users a second"] == .notSeen)
    }

    @Test("a teacher without a gain leaves no share to keep")
    func noGain() throws {
        let found = try results(assembly(["undistilled": [5, 5], "credit-0": [1, 1], "on-policy": [3, 3]]))
        #expect(found.distillation.allSatisfy { $0.share == nil })
        let claim = found.claims.first { $0.claim.hasPrefix("the on-policy student keeps") }
        #expect(claim?.verdict == .unclear && claim?.evidence.contains("+4.000") == true)
    }

    @Test("seeds have a mean and a range")
    func seeds() throws {
        let found = try results(assembly(["credit-0": [1, 3], "credit-1": [4, 6], "plain-1": [0, 0]]))
        #expect(found.credit[0].seeds == [0, 1] && found.credit[1].seeds == [1])
        #expect(found.credit[0].means["reward"] == 3.5)
        #expect(found.credit[0].lowest["reward"] == 2 && found.credit[0].highest["reward"] == 5)
    }

    @Test("claims that were not seen stand first, those that nobody looked at last")
    func claimOrder() throws {
        let found = try results(assembly(["prompted": [0, 0], "warm": [4, 4], "credit-0": [3, 3]]))
        #expect(found.claims.first?.verdict == .notSeen && found.claims.last?.verdict == .notRun)
        let order = found.claims.map { $0.verdict == .notSeen ? 0 : $0.verdict == .seen ? 1 : 2 }
        #expect(order == order.sorted())
        let warm = found.claims.first { $0.claim == "GRPO raises the reward over the warm-up" }
        #expect(warm?.verdict == .notSeen && warm?.evidence.contains("−1.000") == true)
    }

    @Test("one list for everybody is not personal")
    func personal() throws {
        let same = try results(assembly(["credit-0": [3, 3]], lists: [["a"], ["a"]]))
        let claim = same.claims.first { $0.claim.hasPrefix("lists are personal") }
        #expect(claim?.verdict == .notSeen && claim?.evidence.contains("1 different lists of 2; 100 %") == true)
    }

    @Test("different lists are personal if most probable, and say nothing if sampled", arguments: [0, 1] as [Float])
    func personalSamples(temperature: Float) throws {
        let found = try results(assembly(["credit-0": [3, 3]], temperature: temperature))
        let claim = found.claims.first { $0.claim.hasPrefix("lists are personal") }
        #expect(claim?.verdict == (temperature == 0 ? .seen : .unclear))
        #expect(claim?.evidence.contains("2 different lists of 2") == true)
    }

    @Test("the N-curve is the mean over all ways of taking N, and its gain is paired")
    func curve() throws {
        // Two people, two lists each; the list with the larger score is chosen.
        let sampled = SampledValues(
            metrics: ["Recall@10"],
            people: ["p", "q"],
            scores: [[1, 2], [4, 3]],
            values: [[[0], [1]], [[0.5], [0]]],
            mergedCounts: [1, 2],
            merged: [[[0], [1]], [[0], [0.5]]]
        )
        let row = try #require(try results(assembly([:], sampled: sampled)).sampling)
        #expect(row.counts == [1, 2] && row.people == 2)
        #expect(row.best["reward"]?.map { $0?.estimate } == [2.5, 3])
        #expect(row.best["Recall@10"]?.map { $0?.estimate } == [0.375, 0.75])
        #expect(row.merged["Recall@10"]?.map { $0?.estimate } == [0, 0.75])
        #expect(row.gains["reward"]?.last??.estimate == 0.5)
    }

    @Test("tables and diagrams are written from what is there; the rest says that it was not run")
    func tables() throws {
        let empty = try results(assembly([:]))
        let page = StudyTables(outline(), results: empty).markdown
        #expect(page.contains("| prompted | not run |") && page.contains("32B, prompt only: .153 / .194"))
        #expect(page.contains("## Best of N\n\nnot run"))
        #expect(StudyPlots.files(empty, outline: outline()).isEmpty)
        let some = try results(assembly(["after-5": [1, 2], "after-30": [2, 3]]))
        let table = StudyTables(outline(), results: some).markdown
        #expect(table.contains("| 5 | after GRPO | 1.500 (1.000 to 2.000) | .150 (.100 to .200) | – |"))
        #expect(
            StudyPlots.files(some, outline: outline()).keys.sorted() == ["capacity-recall.svg", "capacity-reward.svg"]
        )
    }
}
