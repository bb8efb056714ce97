// Whole GRPO trainings of a tiny model: they learn, they can be broken off, and their guard rails hold.

import IQModel
import IQPolicy
import IQTensor
import IQText
import IQTraining
import Testing
import _IQTestSupport

@Suite struct GRPOTrainerTests {
    static func rewards(of trainer: TinyPolicy.Trainer) async throws -> [Double] {
        var rewards: [Double] = []
        for try await event in trainer.train(on: TinyPolicy.samples) {
            if case .step(let step) = event { rewards.append(step.reward ?? .nan) }
        }
        return rewards
    }

    static func mean(_ values: some Collection<Double>) -> Double { values.reduce(0, +) / Double(values.count) }

    @Test(arguments: SpanCredit.allCases)
    func `the reward rises, with and without credit for spans`(credit: SpanCredit) async throws {
        let options = try TinyPolicy.options(groupSize: 8, steps: 40, learningRate: 1e-2, credit: credit)
        let rewards = try await Self.rewards(of: try await TinyPolicy.trainer(options))
        #expect(rewards.count == 40)
        #expect(Self.mean(rewards.suffix(8)) > Self.mean(rewards.prefix(8)) + 0.2, "\(rewards)")
    }

    @Test func `events come in order and say what happened`() async throws {
        let folder = RunFolder()
        let trainer = try await TinyPolicy.trainer(try TinyPolicy.options(steps: 3))
        let held = HoldOut(
            ["four", "x"],
            reward: try TinyPolicy.Composite(members: [WeightedReward(TinyPolicy.letters)])
        )
        var names: [String] = []
        var last: GRPOSummary?
        for try await event in trainer.train(on: TinyPolicy.samples, holdOut: held, in: folder.url) {
            switch event {
            case .started(let start):
                names.append("started")
                #expect(
                    start.samples == 6 && start.heldOutSamples == 2 && start.steps == 3 && start.rewards == ["letters"]
                )
            case .rollouts(let rollouts):
                names.append("rollouts")
                #expect(rollouts.groups.count == 2 && rollouts.groups.allSatisfy { $0.completions.count == 4 })
            case .rewards(let rewards):
                names.append("rewards")
                #expect(rewards.completions == 8 && rewards.rewards[0].scored == 8)
            case .step(let step):
                names.append("step")
                #expect(step.isApplied && step.totalTokens > 0)
                #expect(abs((step.meanRatio ?? 0) - 1) < 1e-9, "the first inner epoch is on the policy")
            case .evaluation: names.append("evaluation")
            case .checkpoint: break
            case .warning: names.append("warning")
            case .finished(let summary):
                names.append("finished")
                last = summary
            }
        }
        let step = ["rollouts", "rewards", "step"]
        #expect(names == ["started", "evaluation"] + step + step + ["evaluation"] + step + ["evaluation", "finished"])
        #expect(last?.reason == .completed && last?.steps == 3 && last?.lastMetric != nil)
    }

    /// Broken off between steps, while sampling, or while rewards are found, and resumed by a new trainer.
    @Test(arguments: ["step", "rollouts", "rewards"], [1, 3])
    func `resumed runs end with the same bits`(moment: String, number: Int) async throws {
        let options = try TinyPolicy.options(innerEpochs: 2, credit: .full, resamplings: 1)
        let held = HoldOut(["four"], reward: try TinyPolicy.Composite(members: [WeightedReward(TinyPolicy.letters)]))
        let unbroken = try await TinyPolicy.trainer(options)
        let whole = RunFolder()
        try await unbroken.run(on: TinyPolicy.samples, holdOut: held, in: whole.url)

        let folder = RunFolder()
        let url = folder.url
        let broken = try await TinyPolicy.trainer(options)
        let task = Task {
            var last: GRPOSummary?
            var seen = 0
            for try await event in broken.train(on: TinyPolicy.samples, holdOut: held, in: url) {
                let name =
                    switch event {
                    case .step: "step"
                    case .rollouts: "rollouts"
                    case .rewards: "rewards"
                    default: ""
                    }
                if name == moment { seen += 1 }
                if name == moment, seen == number { withUnsafeCurrentTask { $0?.cancel() } }
                if case .finished(let summary) = event { last = summary }
            }
            return last
        }
        #expect(try await task.value?.reason == .cancelled)
        let resumed = try await TinyPolicy.trainer(options)
        let summary = try await resumed.run(on: TinyPolicy.samples, holdOut: held, in: url, resuming: true)
        #expect(summary.steps == 6 && summary.reason == .completed)
        #expect(try await TinyPolicy.weights(resumed) == TinyPolicy.weights(unbroken))
    }

    @Test func `another run is not resumed`() async throws {
        let folder = RunFolder()
        let trainer = try await TinyPolicy.trainer(try TinyPolicy.options(steps: 2))
        try await trainer.run(on: TinyPolicy.samples, in: folder.url)
        await #expect(throws: TrainingError.self) {
            try await trainer.run(on: ["other"], in: folder.url, resuming: true)
        }
        let faster = try await TinyPolicy.trainer(try TinyPolicy.options(steps: 2, learningRate: 1))
        await #expect(throws: TrainingError.self) {
            try await faster.run(on: TinyPolicy.samples, in: folder.url, resuming: true)
        }
    }

    /// Every form of objective, advantage and reference makes finite steps that move the weights.
    @Test func `all forms train`() async throws {
        let kl = try KLPenalty(weight: 0.05)
        let forms: [GRPOOptions] = [
            try TinyPolicy.options(steps: 2, reference: .penalty(kl)),
            try TinyPolicy.options(
                method: .adapters(try LoRAOptions(rank: 2)),
                steps: 2,
                reference: .divergence(weight: 0.1)
            ),
            try TinyPolicy.options(steps: 2, reference: .reward(.k1, weight: 0.1)),
            try TinyPolicy.options(steps: 2, reference: .divergenceReward(weight: 0.1)),
            try TinyPolicy.options(
                steps: 2,
                innerEpochs: 2,
                learningRate: 1e-5,
                advantages: try AdvantageEstimator(scaling: .group),
                objective: try PolicyObjective(ratioLevel: .sequence, normalization: .sequences)
            ),
            try TinyPolicy.options(
                steps: 2,
                advantages: try AdvantageEstimator(aggregation: .normalizeThenSum),
                credit: .share,
                objective: try PolicyObjective(
                    surrogate: .cispo(maximum: 2),
                    normalization: .tokens,
                    entropyBonus: 0.01,
                    highEntropyShare: 0.5
                )
            ),
            try TinyPolicy.options(steps: 2, cutCompletions: .penalised(0.5)),
            try TinyPolicy.options(
                steps: 2,
                rollout: try RolloutOptions(maximumTokens: 12, precision: .copy(.bf16))
            ),
        ]
        for options in forms {
            let trainer = try await TinyPolicy.trainer(options)
            var steps: [GRPOStep] = []
            for try await event in trainer.train(on: TinyPolicy.samples) {
                if case .step(let step) = event { steps.append(step) }
            }
            #expect(steps.count == 2)
            for step in steps {
                #expect(step.isApplied && step.loss?.isFinite == true && (step.gradientNorm ?? 0) > 0)
                #expect((step.kl != nil) == (options.reference != .none))
                #expect((step.samplerGap != nil) == (options.rollout.precision != .trained))
            }
            if let gap = steps[0].samplerGap { #expect(gap > 0 && gap < 0.1) }
        }
    }

    /// trl#4764: groups of equal rewards are counted, teach nothing, and are said to.
    @Test func `rewards without variance are reported and change nothing`() async throws {
        let trainer = try await TinyPolicy.trainer(
            try TinyPolicy.options(steps: 1),
            reward: TinyPolicy.Closure("same") { _, _ in 0.1 }
        )
        let before = try await TinyPolicy.weights(trainer)
        var hasWarned = false
        for try await event in trainer.train(on: TinyPolicy.samples) {
            if case .step(let step) = event { #expect(step.constantGroups == 2 && !step.isApplied) }
            if case .warning(let warning) = event { hasWarned = hasWarned || warning.kind == .nothingToLearn }
        }
        #expect(hasWarned)
        #expect(try await TinyPolicy.weights(trainer) == before)
    }

    /// A reward may not apply at all: such completions have no advantage, and the run goes on.
    @Test func `completions without a reward teach nothing`() async throws {
        let trainer = try await TinyPolicy.trainer(
            try TinyPolicy.options(steps: 1),
            reward: TinyPolicy.Closure("never") { _, _ in nil }
        )
        for try await event in trainer.train(on: TinyPolicy.samples) {
            if case .rewards(let rewards) = event { #expect(rewards.unscored == 8 && rewards.mean == nil) }
            if case .step(let step) = event { #expect(step.reward == nil && !step.isApplied) }
        }
    }

    /// Dynamic sampling: a prompt whose completions are all judged alike gives its place to the next one.
    @Test func `groups that teach nothing are replaced`() async throws {
        let trainer = try await TinyPolicy.trainer(
            try TinyPolicy.options(steps: 2, resamplings: 3),
            reward: TinyPolicy.Closure("some") { completion, prompt in
                prompt.count < 6 ? 0 : TinyPolicy.share(completion.text)
            }
        )
        var rounds: [Int] = []
        for try await event in trainer.train(on: TinyPolicy.samples) {
            if case .rollouts(let rollouts) = event { rounds.append(rollouts.resampling) }
            if case .step(let step) = event { #expect(step.constantGroups < 2) }
        }
        #expect(rounds.contains { $0 > 0 })
    }

    @Test func `impossible samples are named`() async throws {
        let trainer = try await TinyPolicy.trainer(try TinyPolicy.options(microBatch: 32))
        await #expect(throws: GRPOError.noSamples) { try await trainer.run(on: []) }
        await #expect(throws: GRPOError.emptyPrompt(sample: 0, isHeldOut: false)) { try await trainer.run(on: [""]) }
        let long = String(repeating: "a", count: 30)
        await #expect(
            throws: GRPOError.promptTooLong(sample: 1, isHeldOut: false, tokens: 30, completion: 12, limit: 32)
        ) {
            try await trainer.run(on: ["a", long])
        }
    }

    // MARK: Guard rails

    /// "aaaa…" wins this reward: within 30 steps the detector says that the policy repeats itself.
    @Test func `a reward that can be hacked trips the detector, and the best weights come back`() async throws {
        let folder = RunFolder()
        let options = try TinyPolicy.options(
            groupSize: 8,
            steps: 30,
            learningRate: 2e-2,
            guardRails: try GuardRails(action: .rollBack)
        )
        let hack = TinyPolicy.Closure("as") { completion, _ in
            Double(completion.text.utf8.count { $0 == UInt8(ascii: "a") })
        }
        let trainer = try await TinyPolicy.trainer(options, reward: hack)
        // What is really wanted: different characters.
        let wanted = TinyPolicy.Closure("variety") { completion, _ in Double(Set(completion.text).count) }
        let held = HoldOut(TinyPolicy.samples, reward: try TinyPolicy.Composite(members: [WeightedReward(wanted)]))
        var signs: [CollapseSign] = []
        var summary: GRPOSummary?
        for try await event in trainer.train(on: TinyPolicy.samples, holdOut: held, in: folder.url) {
            if case .warning(let warning) = event, case .collapse(let sign) = warning.kind { signs.append(sign) }
            if case .finished(let last) = event { summary = last }
        }
        #expect(!signs.isEmpty)
        #expect(summary?.reason == .rolledBack && (summary?.steps ?? 30) < 30, "\(String(describing: summary))")
    }

    @Test func `a healthy run trips nothing`() async throws {
        let options = try TinyPolicy.options(groupSize: 8, steps: 30, learningRate: 1e-3)
        let trainer = try await TinyPolicy.trainer(options)
        let held = HoldOut(
            (0..<64).map { "four \($0)" },
            reward: try TinyPolicy.Composite(members: [WeightedReward(TinyPolicy.letters)])
        )
        for try await event in trainer.train(on: TinyPolicy.samples, holdOut: held) {
            if case .warning(let warning) = event { Issue.record("\(warning)") }
        }
    }
}

@Suite struct SpanCreditTests {
    static func credited(
        _ scores: [[RewardScore?]],
        _ spans: [Int],
        credit: SpanCredit,
        estimator: AdvantageEstimator = .drGRPO,
        weights: [Double] = [1, 0.5]
    ) throws -> CreditedAdvantages {
        try estimator.advantages(
            scores: scores,
            weights: weights,
            groups: [0..<scores.count],
            spanCounts: spans,
            credit: credit
        )
    }

    /// A list of one query earns with credit what it earns without, under every scaling and aggregation.
    @Test(arguments: AdvantageScaling.allCases, RewardAggregation.allCases)
    func `one span is the whole`(scaling: AdvantageScaling, aggregation: RewardAggregation) throws {
        let estimator = try AdvantageEstimator(scaling: scaling, aggregation: aggregation)
        let scores: [[RewardScore?]] = [
            [RewardScore(0.2, spans: [0.2]), RewardScore(1)], [RewardScore(0.9, spans: [0.9]), RewardScore(0)],
            [RewardScore(0.4, spans: [0.4]), RewardScore(1)],
        ]
        for credit in [SpanCredit.full, .share] {
            let result = try Self.credited(scores, [1, 1, 1], credit: credit, estimator: estimator)
            for (whole, spans) in zip(result.whole.values, result.spans) { #expect(abs(whole - spans[0]) < 1e-12) }
        }
    }

    /// By hand: others' mean .5 and .3, factor 1/2 for two completions; the list's reward is shared.
    @Test func `a query is paid against the other lists`() throws {
        let scores: [[RewardScore?]] = [
            [RewardScore(0.3, spans: [0.1, 0.5]), RewardScore(1)], [RewardScore(0.5, spans: [0.5]), RewardScore(0)],
        ]
        let result = try Self.credited(scores, [2, 1], credit: .full)
        let expected = [[(0.1 - 0.5) / 2 + 0.25, 0.25], [(0.5 - 0.3) / 2 - 0.25]]
        for (a, b) in zip(result.spans.joined(), expected.joined()) { #expect(abs(a - b) < 1e-12) }
        // Its share: half of it in a list of two.
        let share = try Self.credited(scores, [2, 1], credit: .share)
        #expect(abs(share.spans[0][0] - ((0.1 - 0.5) / 4 + 0.25)) < 1e-12)
        #expect(
            try Self.credited(scores, [2, 1], credit: .none).spans[0]
                == [0.15, 0.15].map { _ in result.whole.values[0] }
        )
    }

    /// The baseline does not depend on the completion's own spans: changing one moves no advantage of its neighbours.
    @Test func `a span's baseline is not its own list's`() throws {
        func spans(_ second: Double) throws -> [Double] {
            let scores: [[RewardScore?]] = [
                [RewardScore(0.3, spans: [0.1, second])], [RewardScore(0.3, spans: [0.4, 0.2])],
                [RewardScore(0.1, spans: [0.1])],
            ]
            return try Self.credited(scores, [2, 2, 1], credit: .full, weights: [1]).spans[0]
        }
        #expect(try spans(0.5)[0] == spans(0.9)[0])
        #expect(try spans(0.5)[1] < spans(0.9)[1])
    }

    @Test func `lists without parts and queries without value are no trouble`() throws {
        let scores: [[RewardScore?]] = [
            [RewardScore(0)], [RewardScore(0.4, spans: [0.4, nil])], [RewardScore(0.6, spans: [0.6])], [nil],
        ]
        let result = try Self.credited(scores, [0, 2, 1, 3], credit: .full, weights: [1])
        #expect(result.spans[0].isEmpty && result.spans[3] == [0, 0, 0])
        // Against the other list that has parts; the query without value is paid nothing.
        #expect(abs(result.spans[1][0] - (-0.1)) < 1e-12 && abs(result.spans[1][1]) < 1e-12)
        #expect(result.whole.values[0] < 0)
    }

    @Test(arguments: AdvantageScaling.allCases, RewardAggregation.allCases)
    func `equal spans give exactly nothing`(scaling: AdvantageScaling, aggregation: RewardAggregation) throws {
        let estimator = try AdvantageEstimator(scaling: scaling, aggregation: aggregation)
        let score = RewardScore(0.1, spans: [0.1, 0.1])
        let result = try Self.credited(
            [[score], [score], [score]],
            [2, 2, 2],
            credit: .full,
            estimator: estimator,
            weights: [1]
        )
        #expect(result.constantGroups == [0])
        #expect(result.spans.joined().allSatisfy { $0 == 0 })
    }

    /// Lists that are worth the same may have queries that are not: without credit there is nothing to learn, with it there is.
    @Test func `spans may differ where wholes do not`() throws {
        let scores: [[RewardScore?]] = [
            [RewardScore(0.5, spans: [0.25, 0.75])], [RewardScore(0.5, spans: [0.5, 0.5])],
        ]
        #expect(try Self.credited(scores, [2, 2], credit: .none, weights: [1]).constantGroups == [0])
        for scaling in AdvantageScaling.allCases {
            let estimator = try AdvantageEstimator(scaling: scaling)
            let result = try Self.credited(scores, [2, 2], credit: .full, estimator: estimator, weights: [1])
            #expect(result.constantGroups.isEmpty && result.spans[0][0] < 0 && result.spans[0][1] > 0)
            #expect(result.spans.joined().allSatisfy { abs($0) < 10 })
        }
    }

    @Test func `counts that do not match are refused`() {
        #expect(throws: PolicyError.mismatchedCounts("values of spans", expected: 2, found: 1)) {
            try Self.credited([[RewardScore(1, spans: [1])], [RewardScore(1)]], [2, 0], credit: .full, weights: [1])
        }
    }
}
