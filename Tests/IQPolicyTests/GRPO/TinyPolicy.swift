// A tiny model with a tokenizer of one token a character, and a task over plain texts: what GRPO is tested on.

import IQModel
import IQPolicy
import IQTensor
import IQText
import IQTraining
import _IQTestSupport

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The sample is the prompt, the output the text's words with their places.
struct WordTask: PolicyTask {
    func prompt(for sample: String) -> GenerationPrompt { .text(sample) }

    func output(of text: String, reason: StopReason, for sample: String) -> TaskOutput<[String]> {
        let words = text.split(separator: " ")
        return TaskOutput(
            words.map(String.init),
            spans: words.map { word in
                text.utf8.distance(
                    from: text.startIndex,
                    to: word.startIndex
                )..<text.utf8.distance(
                    from: text.startIndex,
                    to: word.endIndex
                )
            }
        )
    }
}

enum TinyPolicy {
    typealias Composite = CompositeReward<String, [String]>
    typealias Closure = ClosureReward<String, [String]>
    typealias Trainer = GRPOTrainer<String, [String]>

    /// llama_tied of the recorded models as a folder with a tokenizer.
    static let folder: Result<URL, any Error> = Result {
        let url = FileManager.default.temporaryDirectory.appending(path: "iq-tiny-policy-\(UUID().uuidString)")
        let context = try ComputeContext(threads: 1)
        var model = try loadModel(at: GoldenFiles.url("llama_tied"), precision: .stored, context: context)
        model.tokenizer = try TinyTokenizer.make()
        model.vocabulary = TinyTokenizer.vocabulary
        try model.saveFolder(to: url, format: .f32, context: context)
        return url
    }

    static let samples = ["one", "two and", "three: ", "seven", "eleven?", "a b c"]

    /// Share of the text's characters that are lower-case letters; a span's value is its own share.
    static let letters = Closure(
        "letters",
        group: { completions, _ in
            completions.map { completion in
                RewardScore(share(completion.text), spans: completion.output.map(share))
            }
        }
    )

    static func share(_ text: some StringProtocol) -> Double {
        guard !text.isEmpty else { return 0 }
        return Double(text.utf8.count { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) })
            / Double(text.utf8.count)
    }

    static func options(
        method: TrainingMethod = .full,
        microBatch: Int = 256,
        promptsPerStep: Int = 2,
        groupSize: Int = 4,
        steps: Int = 6,
        innerEpochs: Int = 1,
        learningRate: Double = 3e-3,
        rollout: RolloutOptions? = nil,
        advantages: AdvantageEstimator = .drGRPO,
        credit: SpanCredit = .none,
        objective: PolicyObjective? = nil,
        reference: ReferenceControl = .none,
        cutCompletions: CutCompletions = .trained,
        resamplings: Int = 0,
        guardRails: GuardRails = .standard,
        seed: UInt64 = 3
    ) throws -> GRPOOptions {
        try GRPOOptions(
            method: method,
            tokensPerMicroBatch: microBatch,
            promptsPerStep: promptsPerStep,
            groupSize: groupSize,
            duration: .steps(steps),
            innerEpochs: innerEpochs,
            learningRate: learningRate,
            seed: seed,
            rollout: try rollout ?? RolloutOptions(maximumTokens: 12),
            advantages: advantages,
            credit: credit,
            objective: objective,
            reference: reference,
            cutCompletions: cutCompletions,
            resamplings: resamplings,
            evaluationInterval: 2,
            guardRails: guardRails,
            checkpointInterval: 2
        )
    }

    static func trainer(
        _ options: GRPOOptions,
        reward: (any Reward<String, [String]>)? = nil,
        grammar: (@Sendable (Tokenizer) throws -> TokenGrammar)? = nil
    ) async throws -> Trainer {
        try await Trainer(
            modelAt: try folder.get(),
            task: WordTask(),
            reward: try Composite(members: [WeightedReward(reward ?? letters)]),
            options: options,
            grammar: grammar,
            compute: try ComputeOptions(threads: 1)
        )
    }

    static func session(_ options: GRPOOptions) throws -> TrainingSession {
        try TrainingSession(
            modelAt: try folder.get(),
            settings: TrainingSettings(
                method: options.method,
                precision: options.precision,
                tokensPerMicroBatch: options.tokensPerMicroBatch,
                recomputesActivations: false,
                adamW: options.adamW,
                gradientClipping: options.gradientClipping,
                nonFiniteLimit: 3,
                seed: options.seed
            ),
            compute: try ComputeOptions(threads: 1)
        )
    }

    /// All tensors of a trainer's model.
    static func weights(_ trainer: Trainer) async throws -> [String: [Float]] {
        let url = FileManager.default.temporaryDirectory.appending(path: "iq-saved-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: url) }
        try await trainer.save(to: url)
        return try GoldenTensors(contentsOf: url.appending(path: "model.safetensors")).tensors.mapValues(\.floats)
    }
}

extension TrainingSession {
    var values: [Float] { decoder.parameters.values.buffer.withFloats { Array($0) } }
}

/// A folder that goes away with its owner.
final class RunFolder {
    let url = FileManager.default.temporaryDirectory.appending(path: "iq-grpo-\(UUID().uuidString)")
    deinit { try? FileManager.default.removeItem(at: url) }
}
