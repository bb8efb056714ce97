// Two tiny models of one vocabulary with a tokenizer of one token a character: a student and its teacher.

import IQDistillation
import IQModel
import IQTensor
import IQText
import IQTraining
import _IQTestSupport

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

enum TinyStudent {
    static let student = folder(of: "llama_tied")
    static let teacher = folder(of: "llama_untied")
    static let otherTeacher = folder(of: "qwen3")

    /// A recorded model as a folder with a tokenizer.
    static func folder(of name: String, vocabulary: GGUFVocabulary = TinyTokenizer.vocabulary) -> Result<URL, any Error>
    {
        Result {
            let url = FileManager.default.temporaryDirectory.appending(path: "iq-tiny-\(name)-\(UUID().uuidString)")
            let context = try ComputeContext(threads: 1)
            var model = try loadModel(at: GoldenFiles.url(name), precision: .stored, context: context)
            model.tokenizer = try Tokenizer(vocabulary: vocabulary)
            model.vocabulary = vocabulary
            try model.saveFolder(to: url, format: .f32, context: context)
            return url
        }
    }

    static let samples = ["one", "two and", "three: ", "seven", "eleven?", "a b c"].map {
        DistillationSample(.text($0))
    }

    static func options(
        method: TrainingMethod = .full,
        microBatch: Int = 256,
        promptsPerStep: Int = 2,
        completionsPerPrompt: Int = 2,
        steps: Int = 6,
        learningRate: Double = 3e-3,
        rollout: RolloutOptions? = nil,
        objective: DistillationObjective? = nil,
        onPolicyShare: Double = 1,
        offPolicySource: OffPolicySource = .data,
        seed: UInt64 = 3
    ) throws -> DistillationOptions {
        try DistillationOptions(
            method: method,
            tokensPerMicroBatch: microBatch,
            promptsPerStep: promptsPerStep,
            completionsPerPrompt: completionsPerPrompt,
            duration: .steps(steps),
            learningRate: learningRate,
            seed: seed,
            rollout: try rollout ?? RolloutOptions(maximumTokens: 12),
            objective: objective,
            onPolicyShare: onPolicyShare,
            offPolicySource: offPolicySource,
            evaluationInterval: 2,
            checkpointInterval: 2
        )
    }

    static func distiller(
        _ options: DistillationOptions,
        teachers: [String: URL]? = nil
    ) async throws -> OnPolicyDistiller {
        try await OnPolicyDistiller(
            student: try student.get(),
            teachers: try teachers ?? ["teacher": teacher.get()],
            options: options,
            compute: try ComputeOptions(threads: 1)
        )
    }

    static func session(microBatch: Int = 256) throws -> TrainingSession {
        try TrainingSession(
            modelAt: try student.get(),
            settings: TrainingSettings(
                method: .full,
                precision: .f32,
                tokensPerMicroBatch: microBatch,
                recomputesActivations: false,
                adamW: try AdamWOptions(weightDecay: 0),
                gradientClipping: nil,
                nonFiniteLimit: 3,
                seed: 1
            ),
            compute: try ComputeOptions(threads: 1)
        )
    }

    /// All tensors of a distiller's student.
    static func weights(_ distiller: OnPolicyDistiller) async throws -> [String: [Float]] {
        let folder = RunFolder()
        try await distiller.save(to: folder.url)
        return try GoldenTensors(contentsOf: folder.url.appending(path: "model.safetensors")).tensors
            .mapValues(\.floats)
    }
}

/// A folder that goes away with its owner.
final class RunFolder {
    let url = FileManager.default.temporaryDirectory.appending(path: "iq-distillation-\(UUID().uuidString)")
    deinit { try? FileManager.default.removeItem(at: url) }
}
