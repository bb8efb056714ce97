// Classes of texts.

public import IQTensor

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// The probability of each class for a text, by a BERT or RoBERTa model with a classification head.
public actor TextClassifier {
    private nonisolated let executor: EngineExecutor
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// What the model is.
    public nonisolated let information: ModelInformation
    /// Names of the classes, in the order of the probabilities.
    public nonisolated let labels: [String]
    private let runner: EncoderRunner

    /// Loads a classifier from a Hugging Face folder.
    ///
    /// - Throws: ``ModelError``, ``EncoderError`` if the model is no encoder or has no classification head,
    ///   ``TensorError``.
    public init(modelAt url: URL, compute: ComputeOptions? = nil, maximumLength: Int? = nil) async throws {
        let executor = EngineExecutor(label: "InterestQueryKit.TextClassifier")
        let model = try await executor.run { () throws -> LoadedModel in
            let context = try ComputeContext(options: try compute ?? ComputeOptions())
            return try loadModel(at: url, precision: .stored, context: context)
        }
        self.executor = executor
        information = ModelInformation(model)
        runner = try EncoderRunner(model: model, compute: compute, maximumLength: maximumLength)
        guard let classifier = runner.encoder.weights.classifier else {
            throw EncoderError.noClassifier(architecture: information.architecture)
        }
        let named = runner.encoder.configuration.labels
        labels = named.count == classifier.matrix.rows ? named : (0..<classifier.matrix.rows).map { "LABEL_\($0)" }
    }

    /// Probabilities of the classes for each text, in order; they sum to 1.
    ///
    /// - Throws: `CancellationError` if the task is cancelled; checked between batches.
    public func classify(_ texts: [String]) throws -> [[Float]] {
        let uniform = [Float](repeating: 1 / Float(labels.count), count: labels.count)
        var results = [[Float]](repeating: uniform, count: texts.count)
        try runner.encode(texts) { hidden, lengths, indices in
            guard let scores = try runner.encoder.classScores(hidden, lengths: lengths, on: runner.context) else {
                return
            }
            for (row, index) in indices.enumerated() { results[index] = softmax(scores.rows(row..<(row + 1)).values) }
        }
        return results
    }
}
