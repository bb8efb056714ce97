// A loaded model to disk again, tokenizer and all: what is written opens in transformers or in llama.cpp.

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif
public import IQTensor
internal import IQText

/// In which form a model is written.
public enum ModelExport: Sendable, Hashable {
    /// A folder with `config.json`, `*.safetensors` and the tokenizer's files, as transformers opens it; weights in f32,
    /// f16 or bf16. Nil keeps the format of the weights where it is one of these, else takes f32.
    case huggingFaceFolder(NumberFormat? = nil)
    /// One GGUF file, as llama.cpp opens it; weights in f32, f16, bf16, q8_0 or q4_0. Nil keeps each matrix as it is.
    case gguf(NumberFormat? = nil)
}

/// Reads the model at one path and writes it at another, in another form or format.
///
/// - Parameters:
///   - source: a Hugging Face folder or a GGUF file; of an encoder only a folder, to a folder.
///   - destination: the folder or file to write.
///   - export: what to write.
/// - Throws: ``ModelError``; ``TensorError`` if memory or threads are short.
public func convertModel(at source: URL, to destination: URL, as export: ModelExport) throws {
    let context = try ComputeContext()
    let model = try loadModel(at: source, precision: .stored, context: context)
    switch export {
    case .huggingFaceFolder(let format):
        try model.saveFolder(to: destination, format: format, context: context)
    case .gguf(let format):
        try model.saveGGUF(to: destination, format: format, context: context)
    }
}

extension LoadedModel {
    /// Writes a model and its tokenizer as a Hugging Face folder. See ``saveFolder(_:_:specialTokens:to:format:shardByteLimit:context:)``.
    package func saveFolder(
        to url: URL,
        format: NumberFormat? = nil,
        shardByteLimit: Int = standardShardByteLimit,
        context: ComputeContext
    ) throws(ModelError) {
        let specialTokens = SpecialTokenIDs(
            beginningOfText: tokenizer?.beginningOfText.map { Int($0) },
            endOfText: tokenizer?.endOfText.map { Int($0) },
            padding: tokenizer?.padding.map { Int($0) }
        )
        let maximumContext: Int
        switch weights {
        case .decoder(let configuration, let weights):
            maximumContext = configuration.maximumContext
            try IQModel.saveFolder(
                configuration,
                weights,
                specialTokens: specialTokens,
                to: url,
                format: format,
                shardByteLimit: shardByteLimit,
                context: context
            )
        case .encoder(let configuration, let weights):
            maximumContext = configuration.maximumContext
            try IQModel.saveFolder(
                configuration,
                weights,
                specialTokens: specialTokens,
                to: url,
                format: format,
                shardByteLimit: shardByteLimit,
                context: context
            )
        }
        if let vocabulary, let tokenizer {
            try TokenizerFolderWriter.write(
                vocabulary,
                tokenizer: tokenizer,
                maximumContext: maximumContext,
                to: url.path
            )
        } else if fileFormat == .huggingFaceFolder, path != url.path {
            try TokenizerFolderWriter.copy(from: path, to: url.path)
        }
    }

    /// Writes a decoder and its tokenizer as a GGUF file. See ``saveGGUF(_:_:vocabulary:name:to:format:context:)``.
    package func saveGGUF(to url: URL, format: NumberFormat?, context: ComputeContext) throws(ModelError) {
        let (configuration, weights) = try decoder(writing: url)
        var vocabulary = vocabulary
        if vocabulary == nil, let tokenizer, fileFormat == .huggingFaceFolder {
            vocabulary = try GGUFVocabulary(folder: path, tokenizer: tokenizer)
        }
        var name = path.split(separator: "/").last.map(String.init) ?? "model"
        if name.lowercased().hasSuffix(".gguf") { name.removeLast(".gguf".count) }
        try IQModel.saveGGUF(
            configuration,
            weights,
            vocabulary: vocabulary,
            name: name,
            to: url,
            format: format,
            context: context
        )
    }

    private func decoder(writing url: URL) throws(ModelError) -> (DecoderConfiguration, DecoderWeights) {
        guard case .decoder(let configuration, let weights) = weights else {
            throw .notExpressible(
                path: url.path,
                what: "an encoder",
                reason: "GGUF files are written only of models that generate text"
            )
        }
        return (configuration, weights)
    }
}
