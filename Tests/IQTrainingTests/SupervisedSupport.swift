// Small data for supervised training on the tiny recorded models.

import IQText
import IQTraining
import _IQTestSupport

import IQModel
import IQTensor

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

enum SmallData {
    /// Pairs of 4 to 11 tokens of a vocabulary of 97; the completion repeats the prompt's last token.
    static func pairs(_ count: Int, seed: UInt64 = 5) -> [SupervisedPair] {
        var random = RandomStream(seed: seed)
        return (0..<count).map { _ in
            let prompt = (0..<(2 + random.uniform(below: 5))).map { _ in TokenID(random.uniform(below: 96)) }
            let completion = [TokenID](repeating: prompt[prompt.count - 1], count: 2 + random.uniform(below: 4))
            return .tokens(prompt: prompt, completion: completion)
        }
    }

    static func tokenized(_ pairs: [SupervisedPair]) throws -> [TokenizedPair] {
        let tokenization = PairTokenization(tokenizer: nil, vocabularySize: 97, limit: 64)
        return try pairs.map { try tokenization.tokens(of: $0) }
    }
}

func settings(
    microBatch: Int = 64,
    method: TrainingMethod = .full,
    recomputes: Bool = false,
    limit: Int = 3
) throws -> TrainingSettings {
    TrainingSettings(
        method: method,
        precision: .f32,
        tokensPerMicroBatch: microBatch,
        recomputesActivations: recomputes,
        adamW: try AdamWOptions(),
        gradientClipping: 1,
        nonFiniteLimit: limit,
        seed: 1
    )
}

func session(_ name: String = "llama_tied", _ settings: TrainingSettings) throws -> TrainingSession {
    try TrainingSession(
        modelAt: GoldenFiles.url(name),
        settings: settings,
        compute: try ComputeOptions(threads: 2)
    )
}

extension TrainingSession {
    /// One step on pairs, packed into micro-batches of at most `capacity` tokens.
    func step(on pairs: [TokenizedPair], capacity: Int) throws -> StepResult {
        for packed in PackedPairs.packed(pairs, capacity: capacity) {
            try accumulateCrossEntropy(packed.batch, targets: packed.targets)
        }
        return try step(number: 1, learningRate: 1e-3)
    }

    var values: [Float] { decoder.parameters.values.buffer.withFloats { Array($0) } }
}
