// An adapter put into its model's weights for good, and an adapter beside a loaded model.

internal import IQTensor

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Reads a model and a low-rank adapter for it, and writes the model with the adapter's changes in its weights:
/// W + scale · B · A, computed in f32. Neither source is changed.
///
/// - Parameters:
///   - adapter: a folder as PEFT or this library writes it.
///   - model: a Hugging Face folder or a GGUF file of a text-generating model.
///   - destination: the folder or file to write.
///   - export: what to write. Without a number format of its own a folder is f32 as soon as the model's own format differs,
///     and a GGUF file keeps the matrices that the adapter leaves alone as they are.
/// - Throws: ``ModelError``; ``GenerationError/notADecoder(architecture:)`` for an encoder; ``TensorError`` if memory or
///   threads are short.
public func mergeAdapter(at adapter: URL, into model: URL, to destination: URL, as export: ModelExport) throws {
    let context = try ComputeContext()
    var loaded = try loadModel(at: model, precision: .stored, context: context)
    guard case .decoder(let configuration, let weights) = loaded.weights else {
        throw GenerationError.notADecoder(architecture: ModelInformation(loaded).architecture)
    }
    let change = try loadAdapter(at: adapter, for: configuration, context: context)
    loaded.weights = .decoder(configuration, try weights.merged(with: change, in: configuration, context: context))
    switch export {
    case .huggingFaceFolder(let format): try loaded.saveFolder(to: destination, format: format, context: context)
    case .gguf(let format): try loaded.saveGGUF(to: destination, format: format, context: context)
    }
}

extension LoadedModel {
    /// Reads an adapter for this model; nil where there is no place to read from.
    func adapter(at url: URL?, context: ComputeContext) throws -> DecoderAdapter? {
        guard let url else { return nil }
        guard case .decoder(let configuration, _) = weights else {
            throw GenerationError.notADecoder(architecture: ModelInformation(self).architecture)
        }
        return try loadAdapter(at: url, for: configuration, context: context)
    }
}
