import IQInterest
import IQModel
import IQTensor
import IQText
import _IQTestSupport

/// The tiny recorded model as a generator of lists: what it writes makes no sense, and is the same every time.
enum TinyGenerator {
    static func engine(maximumBatch: Int = 4) throws -> InferenceEngine {
        let context = try ComputeContext(threads: 1)
        var model = try loadModel(at: GoldenFiles.url("llama_tied"), precision: .stored, context: context)
        model.tokenizer = try TinyTokenizer.make()
        // One token a character: a prompt is longer than what the model was made for, which its positions do not mind.
        if case .decoder(var configuration, let weights) = model.weights {
            configuration.maximumContext = 4096
            model.weights = .decoder(configuration, weights)
        }
        return try InferenceEngine(
            model: model,
            options: try EngineOptions(compute: try ComputeOptions(threads: 1), maximumBatch: maximumBatch)
        )
    }

    static func generator(
        maximumBatch: Int = 4,
        temperature: Float = 1,
        maximumTokens: Int = 24
    ) throws -> InterestQueryGenerator {
        try InterestQueryGenerator(
            engine: try engine(maximumBatch: maximumBatch),
            options: try InterestQueryOptions(
                usesGrammar: false,
                sampling: try SamplingOptions(temperature: temperature),
                maximumTokens: maximumTokens,
                seed: 11,
                prompt: try PromptOptions(style: .instruction, tokenBudget: 1500, maximumSignals: 4)
            )
        )
    }

    /// A line with a person of a few signals.
    static func line(_ number: Int) -> String {
        let signals = (0...number % 3).map {
            #"{"kind": "newsClick", "time": \#(1_773_000_000 + $0), "text": "Story \#(number) part \#($0)"}"#
        }
        return #"{"id": "p\#(number)", "signals": [\#(signals.joined(separator: ", "))]}"#
    }
}
