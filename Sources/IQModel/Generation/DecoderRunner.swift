// A decoder with the memory and threads to run it: one owner, one step at a time.

package import IQTensor
package import IQText

/// Runs steps of a decoder. Not Sendable: it belongs to an engine's actor, a trainer or a test.
package final class DecoderRunner {
    /// The model; another one of the same shape may take its place between steps.
    package var decoder: DecoderModel {
        willSet {
            precondition(newValue.configuration == decoder.configuration, "another model in the same activations")
            beginnings.removeAll()
        }
    }
    package let context: ComputeContext
    package let cacheShape: KVCacheShape
    /// Longest sequence, in tokens.
    package let contextLength: Int
    /// Most rows of one step, and most rows with logits.
    package let maximumRows: Int
    package let maximumOutputs: Int
    package let batch = DecoderBatch()
    private let activations: DecoderActivations
    private let memory = KeyValueMemory()
    /// What prompts begin with, by this model.
    package let beginnings = PromptBeginnings()

    package init(
        decoder: DecoderModel,
        context: ComputeContext,
        cacheFormat: CacheFormat = .f32,
        contextLength: Int? = nil,
        maximumRows: Int = 512,
        maximumOutputs: Int = 32
    ) throws(TensorError) {
        self.decoder = decoder
        self.context = context
        let limit = decoder.configuration.maximumContext
        self.contextLength = min(contextLength ?? limit, limit)
        self.maximumRows = max(maximumRows, maximumOutputs)
        self.maximumOutputs = maximumOutputs
        cacheShape = KVCacheShape(configuration: decoder.configuration, format: cacheFormat)
        activations = try DecoderActivations(
            configuration: decoder.configuration,
            rows: self.maximumRows,
            outputRows: maximumOutputs
        )
    }

    /// An empty cache for one sequence.
    package func makeCache() -> KVCache { KVCache(shape: cacheShape, memory: memory) }

    /// Runs what ``batch`` describes and empties it. The logits, [output rows, V], are valid until the next step.
    package func step() throws(TensorError) -> FloatMatrix {
        defer { batch.removeAll() }
        return try decoder.forward(batch, activations: activations, on: context)
    }

    /// Reads tokens into a cache, as many steps as needed, and returns the logits after the last one, [1, V].
    package func prefill(_ tokens: [TokenID], into cache: KVCache) throws(TensorError) -> FloatMatrix {
        precondition(!tokens.isEmpty)
        var start = 0
        while true {
            let end = min(start + maximumRows, tokens.count)
            let isLast = end == tokens.count
            try batch.append(tokens[start..<end], to: cache, outputs: isLast ? .last : .none)
            let logits = try step()
            if isLast { return logits }
            start = end
        }
    }

    /// Throws if a token is not in the vocabulary or the tokens do not fit the context.
    package func validate(_ tokens: [TokenID]) throws(GenerationError) {
        guard !tokens.isEmpty else { throw .emptyPrompt }
        guard tokens.count < contextLength else {
            throw .promptTooLong(tokens: tokens.count, context: contextLength)
        }
        let vocabularySize = decoder.configuration.vocabularySize
        for token in tokens where token < 0 || Int(token) >= vocabularySize {
            throw .tokenOutOfRange(Int(token), vocabularySize: vocabularySize)
        }
    }
}
