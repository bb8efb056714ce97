// Updates: what they may not depend on, and what must give no gradient at all.

import IQModel
import IQPolicy
import IQTensor
import IQText
import IQTraining
import Testing
import _IQTestSupport

@Suite struct PolicyUpdaterTests {
    /// Three groups of three completions of 3 to 9 tokens, with advantages between -1 and 1.
    static func groups(seed: UInt64 = 2) -> [TrainedGroup] {
        var random = RandomStream(seed: seed)
        return (0..<3).map { group in
            TrainedGroup(
                prompt: (0..<(4 + group)).map { _ in TokenID(random.uniform(below: 96)) },
                completions: (0..<3).map { _ in
                    let count = 3 + random.uniform(below: 7)
                    let advantage = 2 * random.uniform() - 1
                    return TrainedCompletion(
                        tokens: (0..<count).map { _ in TokenID(random.uniform(below: 96)) },
                        advantages: (0..<count).map { _ in advantage },
                        mask: (0..<count).map { $0 != 1 }
                    )
                }
            )
        }
    }

    static func objectives() throws -> [PolicyObjective] {
        [
            try .drGRPO(maximumTokens: 12),
            try PolicyObjective(surrogate: .cispo(maximum: 2), normalization: .tokens, entropyBonus: 0.01),
            try PolicyObjective(ratioLevel: .sequence, normalization: .sequences),
            try PolicyObjective(normalization: .sequenceSums, entropyBonus: 0.02, highEntropyShare: 0.4),
        ]
    }

    /// Gradient-sized change of every weight after one step of plain, unclipped descent in Adam's first step would hide
    /// sizes, so gradients are looked at through the step's own norm and the loss, and weights after two inner epochs.
    static func update(
        _ groups: [TrainedGroup],
        _ objective: PolicyObjective,
        microBatch: Int,
        reference: ReferenceControl = .none,
        innerEpochs: Int = 2
    ) throws -> (result: PolicyUpdateResult, weights: [Float]) {
        let options = try TinyPolicy.options(
            microBatch: microBatch,
            innerEpochs: innerEpochs,
            objective: objective,
            reference: reference
        )
        let session = try TinyPolicy.session(options)
        let updater = PolicyUpdater(
            session: session,
            options: options,
            reference: reference == .none
                ? nil : try ReferencePolicy(session: session, modelAt: try TinyPolicy.folder.get())
        )
        let result = try updater.update(groups, step: 1, learningRate: 1e-3)
        return (try #require(result), session.values)
    }

    /// verl#3741, verl#957: neither the split into passes nor what is packed beside a completion changes the update.
    @Test func `an update does not depend on micro-batches`() throws {
        for objective in try Self.objectives() {
            for reference in [ReferenceControl.none, .penalty(try KLPenalty(weight: 0.1)), .divergence(weight: 0.1)] {
                let whole = try Self.update(Self.groups(), objective, microBatch: 256, reference: reference)
                for size in [18, 40] {
                    let split = try Self.update(Self.groups(), objective, microBatch: size, reference: reference)
                    let (a, b) = (try #require(whole.result.loss), try #require(split.result.loss))
                    #expect(abs(a - b) <= 1e-5 * max(1, abs(a)))
                    let (n, m) = (try #require(whole.result.gradientNorm), try #require(split.result.gradientNorm))
                    #expect(abs(n - m) <= 1e-4 * n)
                    if size == 18 { #expect(split.result.rows > whole.result.rows) }
                    let difference = zip(whole.weights, split.weights).reduce(0) { max($0, abs($1.0 - $1.1)) }
                    // Adam divides by the gradient's size, so a gradient near 0 may differ by rounding as a whole.
                    #expect(difference < 1e-3)
                }
            }
        }
    }

    /// Search-R1#88: neither does the order of prompts.
    @Test func `an update does not depend on the order of prompts`() throws {
        let objective = try PolicyObjective.drGRPO(maximumTokens: 12)
        let a = try Self.update(Self.groups(), objective, microBatch: 64)
        let b = try Self.update(Self.groups().reversed(), objective, microBatch: 64)
        let (x, y) = (try #require(a.result.gradientNorm), try #require(b.result.gradientNorm))
        #expect(abs(x - y) <= 1e-4 * x)
        #expect(abs(try #require(a.result.loss) - (try #require(b.result.loss))) < 1e-5)
    }

    /// trl#4764: without advantage, no weight changes, not by a bit: there is no step at all.
    @Test func `no advantage, no change`() throws {
        let groups = Self.groups().map { group in
            TrainedGroup(
                prompt: group.prompt,
                completions: group.completions.map {
                    TrainedCompletion(tokens: $0.tokens, advantages: $0.tokens.map { _ in 0 }, mask: $0.mask)
                }
            )
        }
        let options = try TinyPolicy.options()
        let session = try TinyPolicy.session(options)
        let before = session.values
        let result = try PolicyUpdater(session: session, options: options, reference: nil)
            .update(groups, step: 1, learningRate: 1e-2)
        #expect(session.values == before)
        #expect(result?.isApplied == false && result?.loss == nil && result?.rows == 0)
    }

    /// A group without advantages changes nothing of the others' gradient; it counts in the divisor all the same.
    @Test func `constant groups only count`() throws {
        let groups = Self.groups()
        let silent = TrainedGroup(
            prompt: [1, 2, 3],
            completions: (0..<3).map { _ in TrainedCompletion(tokens: [4, 5], advantages: [0, 0], mask: [true, true]) }
        )
        let objective = try PolicyObjective.drGRPO(maximumTokens: 12)
        let with = try Self.update(groups + [silent], objective, microBatch: 256, innerEpochs: 1)
        let without = try Self.update(groups, objective, microBatch: 256, innerEpochs: 1)
        let (a, b) = (try #require(with.result.gradientNorm), try #require(without.result.gradientNorm))
        #expect(abs(a - b * 9 / 12) < 1e-5 * b)
        #expect(with.result.rows == without.result.rows)
    }

    /// The derivative of the step's loss is the gradient that the passes accumulate: a shift of a weight along it.
    @Test func `the loss falls along its gradient`() throws {
        let objective = try PolicyObjective(surrogate: .clipped(low: 1, high: 10, dual: nil), normalization: .tokens)
        let options = try TinyPolicy.options(innerEpochs: 2, learningRate: 1e-4, objective: objective)
        let session = try TinyPolicy.session(options)
        let updater = PolicyUpdater(session: session, options: options, reference: nil)
        let first = try #require(try updater.update(Self.groups(), step: 1, learningRate: 1e-4))
        // Of the second inner epoch: after one small step on the same completions.
        let start = Self.groups().flatMap(\.completions)
        let tokens = start.reduce(0) { $0 + $1.maskedCount }
        let before =
            -start.reduce(0.0) { sum, completion in
                sum + zip(completion.advantages, completion.mask).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
            } / Double(tokens)
        #expect(try #require(first.loss) < before)
        #expect(first.tallies.largestRatio > 1 && first.tallies.largestRatio < 2)
    }

    /// A piece of a completion weighs what it weighs in the whole.
    @Test(arguments: [LossNormalization.constant(9), .tokens, .sequences, .sequenceSums])
    func `losses of pieces add up`(normalization: LossNormalization) throws {
        let objective = try PolicyObjective(normalization: normalization)
        func sample(_ range: Range<Int>) throws -> PolicySample {
            try PolicySample(
                policy: range.map { -1 - 0.1 * Double($0) },
                old: range.map { -1.2 - 0.08 * Double($0) },
                advantages: range.map { $0 < 3 ? 0.7 : -0.4 },
                mask: range.map { $0 != 2 }
            )
        }
        let totals = PolicyTotals(sequences: 3, tokens: 20)
        let whole = try objective.loss(of: sample(0..<7), totals: totals)
        let parts = try [0..<3, 3..<4, 4..<7].map {
            try objective.loss(of: sample($0), totals: totals, completionTokens: 6)
        }
        #expect(abs(parts.reduce(0) { $0 + $1.loss } - whole.loss) < 1e-15)
        #expect(parts.flatMap(\.derivatives) == whole.derivatives)
    }
}
