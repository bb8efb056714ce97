// Sentence vectors.

public import IQTensor

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Turns texts into vectors of length 1 whose scalar product is their similarity (mean pooling over all tokens, as
/// all-MiniLM-L6-v2 was trained).
public actor TextEmbedder {
    private nonisolated let executor: EngineExecutor
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// What the model is.
    public nonisolated let information: ModelInformation
    /// Numbers in a vector.
    public nonisolated let dimension: Int
    private let runner: EncoderRunner

    /// Loads an encoder from a Hugging Face folder.
    ///
    /// - Parameters:
    ///   - url: the folder.
    ///   - compute: threads and instruction level; nil takes every processor and the fastest level.
    ///   - maximumLength: tokens of a text that are read; all-MiniLM-L6-v2 was trained on 256.
    ///   - batchTokens: tokens that are encoded together, at least 1; 1,024 if not given. Up to
    ///     ``EngineOptions/independentBatch`` a vector does not depend, bit for bit, on the texts that are embedded with it.
    /// - Throws: ``ModelError``, ``EncoderError/notAnEncoder(architecture:)``, ``TensorError``.
    public init(
        modelAt url: URL,
        compute: ComputeOptions? = nil,
        maximumLength: Int? = 256,
        batchTokens: Int? = nil
    ) async throws {
        let executor = EngineExecutor(label: "InterestQueryKit.TextEmbedder")
        let model = try await executor.run { () throws -> LoadedModel in
            let context = try ComputeContext(options: try compute ?? ComputeOptions())
            return try loadModel(at: url, precision: .stored, context: context)
        }
        self.executor = executor
        information = ModelInformation(model)
        runner = try EncoderRunner(
            model: model,
            compute: compute,
            maximumLength: maximumLength,
            batchTokens: batchTokens ?? EncoderRunner.standardBatchTokens
        )
        dimension = runner.encoder.configuration.width
    }

    /// One vector for each text, in order. A text without tokens gets the zero vector.
    ///
    /// - Throws: `CancellationError` if the task is cancelled; checked between batches.
    public func embed(_ texts: [String]) throws -> [[Float]] {
        var vectors = [[Float]](repeating: [Float](repeating: 0, count: dimension), count: texts.count)
        try runner.encode(texts) { hidden, lengths, indices in
            for (index, vector) in zip(indices, EncoderModel.meanPooled(hidden, lengths: lengths)) {
                vectors[index] = vector
            }
        }
        return vectors
    }
}

extension EncoderRunner {
    convenience init(
        model: LoadedModel,
        compute: ComputeOptions?,
        maximumLength: Int?,
        batchTokens: Int = EncoderRunner.standardBatchTokens
    ) throws {
        guard case .encoder(let configuration, let weights) = model.weights else {
            throw EncoderError.notAnEncoder(architecture: ModelInformation(model).architecture)
        }
        guard let tokenizer = model.tokenizer else {
            throw ModelError.missingFile(folder: model.path, name: "tokenizer.json")
        }
        try self.init(
            encoder: EncoderModel(configuration: configuration, weights: weights),
            tokenizer: tokenizer,
            context: try ComputeContext(options: try compute ?? ComputeOptions()),
            maximumLength: maximumLength,
            batchTokens: batchTokens
        )
    }
}
