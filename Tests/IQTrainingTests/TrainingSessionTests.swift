// The shared core of trainers: the divisor of the loss, steps that are left out, memory known before it is taken.

import IQTensor
import IQText
import IQTraining
import Testing
import _IQTestSupport

import IQModel

@Suite struct TrainingSessionTests {
    /// However a step's pairs are cut into micro-batches, the mean is over all their completion tokens.
    @Test(arguments: [12, 20, 40]) func microBatchesDoNotChangeTheStep(capacity: Int) throws {
        let pairs = try SmallData.tokenized(SmallData.pairs(5))
        let whole = try session("llama_tied", settings())
        let parts = try session("llama_tied", settings())
        let one = try whole.step(on: pairs, capacity: 64)
        let several = try parts.step(on: pairs, capacity: capacity)
        #expect(one.weight == Double(pairs.reduce(0) { $0 + $1.completionCount }))
        #expect(several.weight == one.weight && several.rows == one.rows)
        #expect(abs(several.loss - one.loss) < 1e-6 * one.loss)
        #expect(abs(several.gradientNorm - one.gradientNorm) < 1e-5 * one.gradientNorm)
    }

    /// Loss on completions only: the targets of a packed batch are the completions, each predicted from its own sequence.
    @Test func onlyCompletionsAreLearnt() {
        var packed = PackedPairs()
        packed.append(TokenizedPair(prompt: [5, 6, 7], completion: [8, 9]))
        packed.append(TokenizedPair(prompt: [1], completion: [2]))
        #expect(packed.batch.tokens == [5, 6, 7, 8, 9, 1, 2])
        #expect(packed.batch.positions == [0, 1, 2, 3, 4, 0, 1])
        #expect(packed.targets.rows == [2, 3, 5])
        #expect(packed.targets.tokens == [8, 9, 2])
    }

    /// A step that is not finite leaves the weights as they were, and enough of them end the training.
    @Test func stepsThatAreNotFiniteAreLeftOut() throws {
        let session = try session("llama_tied", settings(limit: 2))
        let pair = try SmallData.tokenized(SmallData.pairs(1))
        let before = session.values
        func poisoned(_ number: Int) throws -> TrainingSession.StepResult {
            let packed = PackedPairs.packed(pair, capacity: 64)[0]
            try session.accumulate(packed.batch, targets: packed.targets, weight: 1) { places, _ in
                (.nan, TokenGradients(logProbabilities: [Float](repeating: .nan, count: places.count)))
            }
            return try session.step(number: number, learningRate: 1)
        }
        #expect(try poisoned(1).isApplied == false)
        #expect(session.values == before)
        #expect(throws: TrainingError.notFinite(step: 2, inARow: 2, loss: "nan", gradientNorm: "nan")) {
            _ = try poisoned(2)
        }
        #expect(session.values == before)
        // Nothing of the poison stays behind.
        #expect(try session.step(on: pair, capacity: 64).isApplied)
    }

    /// What a step that was given up left in the gradients takes no part in the next one.
    @Test func discardedGradientsTakeNoPart() throws {
        let pairs = try SmallData.tokenized(SmallData.pairs(3))
        let packed = PackedPairs.packed(pairs, capacity: 64)[0]
        let (clean, used) = (try session("llama_tied", settings()), try session("llama_tied", settings()))
        try used.accumulateCrossEntropy(packed.batch, targets: packed.targets)
        try used.discard()
        #expect(try used.step(on: pairs, capacity: 20) == clean.step(on: pairs, capacity: 20))
        #expect(try used.step(on: pairs, capacity: 20) == clean.step(on: pairs, capacity: 20))
        #expect(used.values == clean.values)
    }

    @Test func memoryIsRefusedBeforeItIsTaken() throws {
        let wanted = try session("llama_tied", settings()).estimate.total
        #expect(throws: TrainingError.notEnoughMemory(needed: wanted, available: 1000, advice: [])) {
            _ = try TrainingSession(
                modelAt: GoldenFiles.url("llama_tied"),
                settings: settings(),
                compute: try ComputeOptions(threads: 1),
                availableMemory: 1000
            )
        }
    }
}
