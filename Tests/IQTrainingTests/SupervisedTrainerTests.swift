// Supervised training of tiny models: it learns, it stops early, and a broken run ends with the bits of an unbroken one.

import IQTensor
import IQText
import IQTraining
import Testing
import _IQTestSupport

import IQModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct SupervisedTrainerTests {
    static let pairs = SmallData.pairs(24)
    static let held = SmallData.pairs(6, seed: 6)

    static func options(
        _ method: TrainingMethod = .full,
        learningRate: Double = 3e-3,
        patience: Int? = nil
    ) throws -> SupervisedOptions {
        try SupervisedOptions(
            method: method,
            tokensPerMicroBatch: 32,
            stepSize: .pairs(5),
            duration: .epochs(3),
            learningRate: learningRate,
            schedule: try LearningRateSchedule(.cosine(finalFraction: 0.1), warmUpSteps: 2),
            seed: 9,
            evaluationInterval: 4,
            patience: patience,
            checkpointInterval: 3
        )
    }

    static func trainer(_ options: SupervisedOptions) async throws -> SupervisedTrainer {
        try await SupervisedTrainer(
            modelAt: GoldenFiles.url("llama_tied"),
            options: options,
            compute: try ComputeOptions(threads: 2)
        )
    }

    /// All tensors of a saved model.
    static func weights(_ trainer: SupervisedTrainer, _ folder: ScratchFolder) async throws -> [String: [Float]] {
        let url = URL(fileURLWithPath: folder.file("model-\(UUID().uuidString)"))
        try await trainer.save(to: url)
        return try GoldenTensors(contentsOf: url.appending(path: "model.safetensors")).tensors.mapValues(\.floats)
    }

    @Test func lossFallsAndEventsAreInOrder() async throws {
        let folder = try ScratchFolder()
        let trainer = try await Self.trainer(try Self.options(learningRate: 1e-2))
        var names: [String] = []
        var losses: [Double] = []
        var summary: SupervisedSummary?
        // Evaluated on what it learns: a random model of 22,000 weights generalises little from 24 pairs.
        let events = trainer.train(on: Self.pairs, validation: Self.pairs, in: URL(fileURLWithPath: folder.path))
        for try await event in events {
            switch event {
            case .started(let start):
                names.append("started")
                #expect(start.pairs == 24 && start.validationPairs == 24 && start.steps == 15 && start.stepsDone == 0)
            case .step(let step):
                names.append("step")
                #expect(step.isApplied && step.steps == 15)
            case .evaluation(let evaluation): losses.append(evaluation.loss)
            case .checkpoint: break
            case .finished(let last):
                names.append("finished")
                summary = last
            }
        }
        #expect(names == ["started"] + [String](repeating: "step", count: 15) + ["finished"])
        #expect(losses.count == 5 && losses[4] < losses[0] - 0.5, "\(losses)")
        #expect(summary?.reason == .completed && summary?.steps == 15)
        #expect(try folder.names().contains("metrics.jsonl"))
    }

    /// Cancelled after any step, in the middle of a pass too, and resumed by a new trainer.
    @Test(arguments: [TrainingMethod.full, .adapters(try LoRAOptions(rank: 2, dropout: 0.25))], [1, 4, 7])
    func resumedRunsEndWithTheSameBits(method: TrainingMethod, steps: Int) async throws {
        let options = try Self.options(method)
        let folder = try ScratchFolder()
        let unbroken = try await Self.trainer(options)
        try await unbroken.run(on: Self.pairs, validation: Self.held, in: URL(fileURLWithPath: folder.file("a")))

        let url = URL(fileURLWithPath: folder.file("b"))
        let broken = try await Self.trainer(options)
        let task = Task {
            var last: SupervisedSummary?
            for try await event in broken.train(on: Self.pairs, validation: Self.held, in: url) {
                if case .step(let step) = event, step.step == steps { withUnsafeCurrentTask { $0?.cancel() } }
                if case .finished(let summary) = event { last = summary }
            }
            return last
        }
        let cancelled = try await task.value
        #expect(cancelled?.reason == .cancelled && cancelled?.steps == steps)

        let resumed = try await Self.trainer(options)
        let summary = try await resumed.run(on: Self.pairs, validation: Self.held, in: url, resuming: true)
        #expect(summary.steps == 15)
        #expect(try await Self.weights(resumed, folder) == Self.weights(unbroken, folder))
    }

    @Test func anotherRunIsNotResumed() async throws {
        let folder = try ScratchFolder()
        let url = URL(fileURLWithPath: folder.file("run"))
        let trainer = try await Self.trainer(try Self.options())
        try await trainer.run(on: Self.pairs, in: url)
        await #expect(throws: TrainingError.self) {
            try await trainer.run(on: Array(Self.pairs.dropLast()), in: url, resuming: true)
        }
        await #expect(throws: RunLogError.self) { try await trainer.run(on: Self.pairs, in: url) }
    }

    /// Held-out pairs that contradict what is learnt: the best weights are the first ones.
    @Test func patienceEndsWithTheBestWeights() async throws {
        let folder = try ScratchFolder()
        let contrary = SmallData.pairs(24).map { pair -> SupervisedPair in
            guard case .tokens(let prompt, let completion) = pair else { return pair }
            return .tokens(prompt: prompt, completion: completion.map { ($0 + 40) % 96 })
        }
        let fresh = try await Self.trainer(try Self.options())
        let before = try await Self.weights(fresh, folder)
        let trainer = try await Self.trainer(try Self.options(patience: 2))
        let url = URL(fileURLWithPath: folder.file("run"))
        let summary = try await trainer.run(on: Self.pairs, validation: contrary, in: url)
        #expect(summary.reason == .stoppedEarly || (summary.bestStep ?? 0) > 0)
        if summary.bestStep == 0 { #expect(try await Self.weights(trainer, folder) == before) }
    }

    @Test func impossiblePairsAreNamed() async throws {
        let trainer = try await Self.trainer(try Self.options())
        await #expect(throws: TrainingError.noPairs) { try await trainer.run(on: []) }
        let long = SupervisedPair.tokens(prompt: [1], completion: [TokenID](repeating: 2, count: 40))
        await #expect(throws: TrainingError.invalidPair(index: 1, .tooLong(tokens: 41, limit: 32))) {
            try await trainer.run(on: [Self.pairs[0], long])
        }
        await #expect(throws: TrainingError.invalidPair(index: 0, .tokenOutOfRange(97, vocabularySize: 97))) {
            try await trainer.run(on: [.tokens(prompt: [1], completion: [97])])
        }
        await #expect(throws: TrainingError.invalidPair(index: 0, .noTokenizer)) {
            try await trainer.run(on: [.text(prompt: "a", completion: "b")])
        }
    }
}
