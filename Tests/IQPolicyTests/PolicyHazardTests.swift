// The hazards that other trainers' users met, each by name: see the references beside the tests' sentences.

import IQPolicy
import Testing

@Suite struct PolicyHazardTests {
    static func sample(_ seed: Int, tokens: Int, advantage: Double) throws -> PolicySample {
        func number(_ index: Int) -> Double { -1.5 + Double((seed * 37 + index * 17) % 23) / 11 }
        return try PolicySample(
            policy: (0..<tokens).map { -2 + number($0) },
            old: (0..<tokens).map { -2 + number($0 + 5) },
            reference: (0..<tokens).map { -2 + number($0 + 9) },
            entropies: (0..<tokens).map { 2 + number($0 + 3) },
            advantages: [Double](repeating: advantage, count: tokens)
        )
    }

    static func objectives() throws -> [PolicyObjective] {
        var all: [PolicyObjective] = []
        let surrogates: [Surrogate] = [
            .clipped(low: 0.2, high: 0.28, dual: 3), .cispo(maximum: 2),
            .soft(positiveTemperature: 1, negativeTemperature: 1.05),
            .gamma(positive: .init(k: 2, lambda: 3), negative: .init(k: 3, lambda: 2)),
        ]
        for surrogate in surrogates {
            for normalization in [LossNormalization.constant(64), .tokens, .sequences, .sequenceSums] {
                for level in RatioLevel.allCases {
                    all.append(
                        try PolicyObjective(
                            ratioLevel: level,
                            surrogate: surrogate,
                            normalization: normalization,
                            klPenalty: try KLPenalty(weight: 0.05),
                            entropyBonus: 0.01
                        )
                    )
                }
            }
        }
        return all
    }

    /// verl#3741: the loss and its gradient do not depend on how a step is split.
    @Test func lossIsInvariantToMicroBatches() throws {
        let samples = try (0..<6).map { try Self.sample($0, tokens: 3 + 2 * $0, advantage: Double($0) - 2.5) }
        for objective in try Self.objectives() {
            let totals = PolicyTotals(samples, objective: objective)
            let whole = try objective.loss(of: samples, totals: totals)
            let first = try objective.loss(of: Array(samples.prefix(2)), totals: totals)
            let second = try objective.loss(of: Array(samples.dropFirst(2)), totals: totals)
            #expect(abs(whole.loss - first.loss - second.loss) < 1e-12)
            #expect(whole.parts == first.parts + second.parts)
        }
    }

    /// verl#957: what is masked (padding, forced tokens) changes nothing.
    @Test func lossIsInvariantToPadding() throws {
        for objective in try Self.objectives() {
            let plain = try Self.sample(1, tokens: 5, advantage: 0.7)
            var padded = plain
            for _ in 0..<3 {
                padded.policy.append(-50)
                padded.old.append(0)
                padded.reference?.append(-1)
                padded.entropies?.append(9)
                padded.advantages.append(4)
                padded.mask.append(false)
            }
            let a = try objective.loss(of: [plain])
            let b = try objective.loss(of: [padded])
            #expect(a.loss == b.loss)
            #expect(b.parts[0].derivatives == a.parts[0].derivatives + [0, 0, 0])
        }
    }

    /// Search-R1#88: the order of the prompts changes no advantage.
    @Test(arguments: AdvantageScaling.allCases, RewardAggregation.allCases)
    func advantagesFollowTheirPrompts(scaling: AdvantageScaling, aggregation: RewardAggregation) throws {
        let estimator = try AdvantageEstimator(scaling: scaling, aggregation: aggregation)
        let rewards: [[Double?]] = [[1, 0.2], [0, 0.3], [0, 0.1], [0.5, nil], [1, 0.9], [nil, nil]]
        let swapped = Array(rewards[3...]) + Array(rewards[..<3])
        let a = try estimator.advantages(rewards: rewards, weights: [1, 2], groups: [0..<3, 3..<6]).values
        let b = try estimator.advantages(rewards: swapped, weights: [1, 2], groups: [0..<3, 3..<6]).values
        for (x, y) in zip(a, Array(b[3...]) + Array(b[..<3])) { #expect(abs(x - y) < 1e-12) }
    }

    /// trl#4764: equal rewards give exactly no gradient, and the group is named. 0.1 · 3 / 3 is not 0.1.
    @Test(arguments: AdvantageScaling.allCases, RewardAggregation.allCases)
    func equalRewardsGiveNoGradient(scaling: AdvantageScaling, aggregation: RewardAggregation) throws {
        let estimator = try AdvantageEstimator(scaling: scaling, aggregation: aggregation)
        let result = try estimator.advantages(
            rewards: [[0.1], [0.1], [0.1], [nil], [nil], [nil]],
            weights: [1],
            groups: [0..<3, 3..<6]
        )
        #expect(result.values == [0, 0, 0, 0, 0, 0])
        #expect(result.constantGroups == [0, 1])
        #expect(result.unscored == [3, 4, 5])
        let objective = try PolicyObjective.drGRPO(maximumTokens: 64)
        let sample = try Self.sample(2, tokens: 6, advantage: result.values[0])
        #expect(try objective.loss(of: [sample]).parts[0].derivatives.allSatisfy { $0 == 0 })
    }

    /// A reward that does not apply leaves the others' advantages alone, and a row without any has advantage 0.
    @Test func rowsWithoutScoreHaveNoAdvantage() throws {
        let with = try AdvantageEstimator.drGRPO.advantages(
            rewards: [[1], [3], [nil], [.nan]],
            weights: [1],
            groups: [0..<4]
        )
        #expect(with.values == [-1, 1, 0, 0])
        #expect(with.unscored == [2, 3])
    }

    /// trl#3015: estimators and losses stay finite at log-ratios of ±100, and still point back.
    @Test(arguments: KLEstimator.allCases, [-100.0, 100.0])
    func extremeRatiosStayFinite(estimator: KLEstimator, shift: Double) throws {
        #expect(estimator.value(policy: -101, reference: -101 + shift).isFinite)
        let derivative = estimator.derivative(policy: -101, reference: -101 + shift)
        #expect(derivative.isFinite)
        if estimator != .k1 { #expect(derivative * shift < 0) }
        for objective in try Self.objectives() {
            let sample = try PolicySample(
                policy: [-101, -1],
                old: [-101 + shift, -1],
                reference: [-101 - shift, -1],
                entropies: [1, 1],
                advantages: [1, 1]
            )
            let result = try objective.loss(of: [sample])
            #expect(result.loss.isFinite && result.parts[0].derivatives.allSatisfy(\.isFinite))
        }
    }

    /// Derivatives are slopes of the loss, in every form, at every token.
    @Test func derivativesAreSlopes() throws {
        for objective in try Self.objectives() {
            let sample = try Self.sample(4, tokens: 5, advantage: -0.8)
            let totals = PolicyTotals([sample], objective: objective)
            let result = try objective.loss(of: sample, totals: totals)
            // Held constant by definition: the ratio of CISPO and the weight of the gamma form. Their slope is looked at
            // with the old policy moving along, which keeps the ratio.
            let holdsRatio =
                switch objective.surrogate {
                case .cispo, .gamma: true
                case .clipped, .soft: false
                }
            let step = 1e-6
            for index in sample.policy.indices {
                func loss(_ shift: Double) throws -> Double {
                    var moved = sample
                    moved.policy[index] += shift
                    if holdsRatio { moved.old[index] += shift }
                    return try objective.loss(of: moved, totals: totals).loss
                }
                let slope = (try loss(step) - loss(-step)) / (2 * step)
                let expected =
                    holdsRatio
                    ? try result.derivatives[index] - klThroughRatio(objective, sample, index, totals)
                    : result.derivatives[index]
                #expect(abs(slope - expected) < 1e-6, "\(objective)")
            }
        }
    }

    /// The part of a derivative that comes through the ratio in a bias-corrected KL penalty.
    private func klThroughRatio(
        _ objective: PolicyObjective,
        _ sample: PolicySample,
        _ index: Int,
        _ totals: PolicyTotals
    ) throws -> Double {
        // Moving the old policy alone moves the ratio alone.
        let step = 1e-6
        let penalty = try PolicyObjective(
            ratioLevel: objective.ratioLevel,
            surrogate: .clipped(low: 0, high: 0, dual: nil),
            normalization: objective.normalization,
            klPenalty: objective.klPenalty
        )
        func loss(_ shift: Double) throws -> Double {
            var moved = sample
            moved.advantages = moved.advantages.map { _ in 0 }
            moved.old[index] -= shift
            return try penalty.loss(of: moved, totals: totals).loss
        }
        return (try loss(step) - loss(-step)) / (2 * step)
    }

    /// Per-query credit: tokens of one completion may have advantages of their own, also with a shared ratio.
    @Test func tokensMayHaveTheirOwnAdvantages() throws {
        let objective = try PolicyObjective(normalization: .constant(4))
        let sample = try PolicySample(
            policy: [-1, -1, -2, -2],
            old: [-1, -1, -2, -2],
            advantages: [1, 1, -0.5, 0]
        )
        let result = try objective.loss(of: [sample])
        #expect(result.parts[0].derivatives == [-0.25, -0.25, 0.125, 0])
    }

    @Test func settingsThatCannotBeAreRefused() {
        #expect(throws: PolicyError.self) { try KLPenalty(weight: -1) }
        #expect(throws: PolicyError.self) { try PolicyObjective(normalization: .constant(0)) }
        #expect(throws: PolicyError.self) { try PolicyObjective(normalization: .tokens, highEntropyShare: 0) }
        #expect(throws: PolicyError.self) {
            try PolicyObjective(surrogate: .clipped(low: 0.2, high: 0.2, dual: 1.1), normalization: .tokens)
        }
        #expect(throws: PolicyError.mismatchedCounts("advantages", expected: 2, found: 1)) {
            try PolicySample(policy: [0, 0], old: [0, 0], advantages: [1])
        }
    }
}
