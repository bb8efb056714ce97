import IQPolicy
import Testing

@Suite("A composite reward")
struct CompositeRewardTests {
    let completions = ["one", "two words", "now three words", ""].map { Words.completion($0) }

    @Test("sums by weight what applies, and names every part")
    func totals() async throws {
        let reward = try Words.Composite {
            Words.count()
            Words.Closure("half") { completion, sample in
                completion.output.count < 2 ? nil : Double(sample) / 2
            }
            .weighted(-2)
            Words.Closure("silent") { _, _ in nil }
        }
        let report = try await reward.report(of: completions, for: 3)
        #expect(report.names == ["count", "half", "silent"])
        #expect(report.weights == [1, -2, 1])
        // 1; 2 − 2 · 1.5; 3 − 2 · 1.5; 0.
        #expect(report.totals == [1, -1, 0, 0])
        #expect(report.values[1] == [2, 1.5, nil])
        #expect(report.scores(by: "count")?[2]?.spans == [3, 5, 5])
        #expect(report.scores(by: "half")?[0] == nil)
        #expect(report.failures.isEmpty)
        #expect(report.seconds.count == 3)
        let nothing = try await Words.Composite { Words.Closure("silent") { _, _ in nil } }
            .report(of: completions, for: 0)
        #expect(nothing.totals == [nil, nil, nil, nil])
    }

    @Test("feeds the advantages, group after group")
    func advantages() async throws {
        let reward = try Words.Composite {
            Words.count()
            Words.Closure("long") { completion, _ in completion.text.count > 5 ? 1 : nil }
        }
        let reports = try await reward.reports(of: [(1, completions), (2, Array(completions.prefix(2)))])
        let joined = try #require(try RewardReport.joined(reports))
        #expect(joined.count == 6)
        let advantages = try AdvantageEstimator.drGRPO.advantages(
            rewards: joined.values,
            weights: joined.weights,
            groups: [0..<4, 4..<6]
        )
        // Sums 1, 3, 4, 0 with mean 2; sums 1, 3 with mean 2.
        #expect(advantages.values == [-1, 1, 2, -2, -1, 1])
        let summary = try #require(joined.summaries.first)
        #expect(summary.scored == 6)
        #expect(summary.mean == 1.5)
        #expect(summary.maximum == 3)
        #expect(try RewardReport.joined([]) == nil)
        let other = try await reward.without("long").report(of: completions, for: 1)
        #expect(throws: PolicyError.mismatchedCounts("rewards in common, by name and weight", expected: 2, found: 1)) {
            try RewardReport.joined([joined, other])
        }
    }

    @Test("does not depend on the order of the completions, nor on that of the rewards")
    func permutation() async throws {
        let forward = try Words.Composite {
            Words.count()
            Words.Closure("length") { completion, _ in Double(completion.text.count) }
        }
        let backward = try Words.Composite(members: forward.members.reversed())
        let first = try await forward.report(of: completions, for: 0)
        let second = try await backward.report(of: completions.reversed(), for: 0)
        #expect(first.totals == second.totals.reversed())
        #expect(first.scores == second.scores.reversed().map { $0.reversed() })
    }

    @Test("takes what is not finite as no score")
    func notFinite() async throws {
        let reward = try Words.Composite {
            Words.Closure(
                "odd",
                group: { completions, _ in
                    completions.enumerated().map { index, completion in
                        RewardScore(
                            index == 0 ? .nan : 1,
                            spans: completion.output.map { $0 == "two" ? .infinity : 0.5 }
                        )
                    }
                }
            )
        }
        let report = try await reward.report(of: completions, for: 0)
        #expect(report.totals == [nil, 1, 1, 1])
        #expect(report.scores[0][1]?.spans == [nil, 0.5])
    }

    @Test("cannot be made of what has no name, no weight or another's name")
    func invalid() throws {
        #expect(throws: RewardError.noRewards) { try Words.Composite {} }
        #expect(throws: RewardError.duplicateName("count")) {
            try Words.Composite {
                Words.count()
                Words.count()
            }
        }
        #expect(throws: RewardError.duplicateName("total")) { try Words.Composite { Words.count("total") } }
        #expect(throws: RewardError.invalidName("two words")) { try Words.Composite { Words.count("two words") } }
        #expect(throws: RewardError.invalidName("")) { try Words.Composite { Words.count("") } }
        #expect(throws: RewardError.invalidWeight(name: "count", weight: .infinity)) {
            try Words.Composite { Words.count().weighted(.infinity) }
        }
        let reward = try Words.Composite { Words.count() }
        #expect(throws: RewardError.unknownName("x", known: ["count"])) { try reward.without("x") }
        #expect(throws: RewardError.noRewards) { try reward.without("count") }
        #expect(throws: RewardError.unknownName("x", known: ["count"])) { try reward.reweighted(["x": 1]) }
        #expect(try reward.reweighted(["count": 0.25]).weights == [0.25])
        #expect(throws: RewardError.self) { try RewardExecution(retries: -1) }
        #expect(throws: RewardError.self) { try RewardExecution(timeout: .zero) }
        #expect(throws: RewardError.self) { try RewardExecution(fallback: .value(.nan)) }
        #expect(throws: RewardError.self) { try RewardCache<Int, [String]>(capacity: 1) { first, _ in first.text } }
    }

    @Test("may be a member of another, and be listed with if and for")
    func nesting() async throws {
        let isStrict = false
        let reward = try Words.Composite {
            try Words.Composite(name: "inner") {
                for name in ["a", "b"] { Words.count(name) }
            }
            .weighted(0.5)
            if isStrict { Words.count("strict") }
        }
        #expect(reward.names == ["inner"])
        #expect(try await reward.report(of: completions, for: 0).totals == [1, 2, 3, 0])
    }

    @Test("evaluates its rewards at the same time")
    func concurrency() async throws {
        // Each waits until all three have begun; one after the other they would wait for ever and fail.
        let begun = Counter()
        let names = ["a", "b", "c"]
        let limit = try RewardExecution(timeout: .seconds(20))
        let reward = try Words.Composite {
            for name in names {
                Words.Closure(
                    name,
                    group: { completions, _ in
                        begun.increment()
                        while begun.value < names.count { try await Task.sleep(for: .milliseconds(2)) }
                        return completions.map { _ in RewardScore(1) }
                    }
                )
                .weighted(execution: limit)
            }
        }
        #expect(try await reward.report(of: completions, for: 0).totals == [3, 3, 3, 3])
    }
}

@Suite("A reward that fails")
struct RewardFailureTests {
    let completions = ["one", "two words"].map { Words.completion($0) }

    static func breaking(until calls: Int, counter: Counter) -> Words.Closure {
        Words.Closure(
            "broken",
            group: { completions, _ in
                if counter.increment() <= calls { throw Broken() }
                return completions.map { _ in RewardScore(0.5) }
            }
        )
    }

    @Test("ends the evaluation, unless something stands in for it")
    func fallbacks() async throws {
        let calls = Counter()
        let broken = Self.breaking(until: .max, counter: calls)
        let strict = try Words.Composite {
            broken
            Words.count()
        }
        let failure = RewardFailure(reward: "broken", attempts: 1, reason: .threw("it broke"))
        await #expect(throws: failure) { try await strict.report(of: completions, for: 0) }
        let lenient = try Words.Composite {
            broken.weighted(2, execution: try RewardExecution(fallback: .unscored))
            Words.count()
        }
        let report = try await lenient.report(of: completions, for: 0)
        #expect(report.totals == [1, 2])
        #expect(report.failures.map(\.reward) == ["broken"])
        #expect(report.failures.map(\.message) == ["the reward 'broken' failed after 1 attempt: it broke"])
        #expect(report.summaries[0].failures == 1)
        #expect(report.summaries[0].mean == nil)
        let fixed = try Words.Composite { broken.weighted(2, execution: try RewardExecution(fallback: .value(0.25))) }
        #expect(try await fixed.report(of: completions, for: 0).totals == [0.5, 0.5])
    }

    @Test("is tried again as often as it is allowed")
    func retries() async throws {
        let execution = try RewardExecution(retries: 2, retryDelay: .milliseconds(1))
        let calls = Counter()
        let reward = try Words.Composite { Self.breaking(until: 2, counter: calls).weighted(execution: execution) }
        #expect(try await reward.report(of: completions, for: 0).totals == [0.5, 0.5])
        #expect(calls.value == 3)
        let more = Counter()
        let hopeless = try Words.Composite { Self.breaking(until: 3, counter: more).weighted(execution: execution) }
        let failure = RewardFailure(reward: "broken", attempts: 3, reason: .threw("it broke"))
        await #expect(throws: failure) { try await hopeless.report(of: completions, for: 0) }
        #expect(more.value == 3)
    }

    @Test("by taking too long is cancelled, whether it heeds that or not", .timeLimit(.minutes(5)))
    func timeout() async throws {
        let limit = Duration.milliseconds(40)
        let execution = try RewardExecution(timeout: limit)
        let (cancelled, released) = (Counter(), Counter())
        let slow = Words.Closure(
            "slow",
            group: { completions, _ in
                do { try await Task.sleep(for: .seconds(600)) } catch { cancelled.increment() }
                return completions.map { _ in nil }
            }
        )
        let deaf = Words.Closure(
            "deaf",
            group: { completions, _ in
                // Whoever waits for it waits until the test is over.
                while released.value == 0 {
                    try? await Task.detached { try await Task.sleep(for: .milliseconds(10)) }.value
                }
                return completions.map { _ in nil }
            }
        )
        for reward in [slow, deaf] {
            let composite = try Words.Composite { reward.weighted(execution: execution) }
            let failure = RewardFailure(reward: reward.name, attempts: 1, reason: .timedOut(limit))
            await #expect(throws: failure) { try await composite.report(of: completions, for: 0) }
        }
        released.increment()
        while cancelled.value == 0 { try await Task.sleep(for: .milliseconds(2)) }
        #expect(cancelled.value == 1)
    }

    @Test("by returning too many or too few values says which")
    func counts() async throws {
        let short = try Words.Composite { Words.Closure("short", group: { _, _ in [] }) }
        await #expect(
            throws: RewardFailure(reward: "short", attempts: 1, reason: .wrongCount(expected: 2, found: 0))
        ) { try await short.report(of: completions, for: 0) }
        let spans = try Words.Composite {
            Words.Closure("spans", group: { completions, _ in completions.map { _ in RewardScore(1, spans: [1]) } })
        }
        await #expect(
            throws: RewardFailure(
                reward: "spans",
                attempts: 1,
                reason: .wrongSpanCount(completion: 1, expected: 2, found: 1)
            )
        ) { try await spans.report(of: completions, for: 0) }
    }

    @Test("because the evaluation is cancelled throws the cancellation, whatever the fallback")
    func cancellation() async throws {
        let begun = Counter()
        let execution = try RewardExecution(fallback: .value(1), retries: 5)
        let composite = try Words.Composite {
            Words.Closure(
                "waiting",
                group: { completions, _ in
                    begun.increment()
                    try await Task.sleep(for: .seconds(60))
                    return completions.map { _ in nil }
                }
            )
            .weighted(execution: execution)
        }
        let task = Task { [completions] in try await composite.report(of: completions, for: 0) }
        while begun.value == 0 { try await Task.sleep(for: .milliseconds(1)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(begun.value == 1)
    }
}

@Suite("The cache of a composite")
struct RewardCacheTests {
    @Test("judges a completion once, also within a group, and forgets what is old")
    func hits() async throws {
        let judged = Counter()
        let cache = try RewardCache<Int, [String]>(capacity: 8) { completion, sample in "\(sample) \(completion.text)" }
        let reward = try Words.Composite(cache: cache) {
            Words.Closure(
                "count",
                group: { completions, _ in
                    completions.map { completion in
                        judged.increment()
                        return completion.output.isEmpty ? nil : RewardScore(Double(completion.output.count))
                    }
                }
            )
            Words.Closure(
                "always",
                group: { completions, _ in completions.map { _ in RewardScore(Double(judged.value)) } }
            )
            .weighted(0, execution: try RewardExecution(usesCache: false))
        }
        let group = ["a b", "a b", "", "c"].map { Words.completion($0) }
        let first = try await reward.report(of: group, for: 1)
        #expect(first.totals == [2, 2, 0, 1])
        #expect(first.scores[0].map { $0?.value } == [2, 2, nil, 1])
        #expect(judged.value == 3)
        #expect(first.cached == [0, 0])
        let second = try await reward.report(of: group.reversed(), for: 1)
        #expect(second.scores[0] == first.scores[0].reversed())
        #expect(second.cached == [4, 0])
        #expect(judged.value == 3)
        // Another sample is another key.
        #expect(try await reward.report(of: group, for: 2).cached == [0, 0])
        #expect(judged.value == 6)
        for sample in 3..<20 { _ = try await reward.report(of: group, for: sample) }
        #expect(cache.count <= 8)
        #expect(try await reward.report(of: group, for: 1).cached == [0, 0])
    }

    @Test("does not remember failures")
    func failures() async throws {
        let calls = Counter()
        let cache = try RewardCache<Int, [String]>(capacity: 8) { completion, _ in completion.text }
        let execution = try RewardExecution(fallback: .value(0.1))
        let reward = try Words.Composite(cache: cache) {
            RewardFailureTests.breaking(until: 1, counter: calls).weighted(execution: execution)
        }
        let group = [Words.completion("a"), Words.completion("a")]
        #expect(try await reward.report(of: group, for: 0).totals == [0.1, 0.1])
        #expect(try await reward.report(of: group, for: 0).totals == [0.5, 0.5])
        #expect(cache.count == 1)
    }

    @Test("holds no more than its capacity, and keeps what is used")
    func bounds() {
        var cache = BoundedCache<Int, Int>(capacity: 10)
        for key in 0..<1000 {
            cache.insert(key * key, for: key)
            #expect(cache.value(for: 0) == 0)
            #expect(cache.count <= 10)
        }
        #expect(cache.value(for: 999) == 998_001)
        #expect(cache.value(for: 500) == nil)
    }
}
