// A Hugging Face folder to a model.

internal import IQTensor
internal import IQText

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Reads a decoder or encoder from a folder with `config.json` and safetensors files.
func loadFolder(path: String, precision: WeightPrecision, context: ComputeContext) throws(ModelError) -> LoadedModel {
    let configurationPath = FileSystem.join(path, "config.json")
    let bytes = try FileSystem.contents(configurationPath)
    let description: ModelDescription
    do {
        description = try ModelDescription(json: bytes)
    } catch {
        throw .configuration(path: configurationPath, error)
    }
    let tensors = try SafetensorsFolder.tensors(in: path)
    let weights: LoadedModel.Weights
    switch description {
    case .decoder(let configuration):
        weights = .decoder(
            configuration,
            try decoderWeights(configuration, tensors, path: path, precision: precision, context: context)
        )
    case .encoder(let configuration):
        weights = .encoder(
            configuration,
            try encoderWeights(configuration, tensors, path: path, precision: precision, context: context)
        )
    }
    var tokenizer: Tokenizer?
    if try FileSystem.kind(FileSystem.join(path, "tokenizer.json")) == .file {
        do {
            tokenizer = try Tokenizer.load(folder: URL(filePath: path, directoryHint: .isDirectory))
        } catch {
            throw .tokenizer(path: path, error)
        }
    }
    return LoadedModel(weights: weights, tokenizer: tokenizer, path: path, fileFormat: .huggingFaceFolder)
}

/// What a `config.json` describes, in our terms.
package enum ModelDescription: Equatable {
    case decoder(DecoderConfiguration)
    case encoder(EncoderConfiguration)

    package init(json: [UInt8]) throws(ConfigurationFault) {
        let reader = try ConfigurationReader(json: json)
        switch try HuggingFaceArchitecture(reader) {
        case .decoder(let family):
            self = .decoder(try DecoderConfiguration(reader, family: family))
        case .nestedDecoder(let family):
            guard let text = try reader.object("text_config") else { throw .missing(key: "text_config") }
            try DecoderConfiguration.refuseQuantization(reader)
            self = .decoder(try DecoderConfiguration(text, family: family))
        case .encoder(let family, let hasClassifier):
            self = .encoder(try EncoderConfiguration(reader, family: family, hasClassifier: hasClassifier))
        }
    }
}

private func decoderWeights(
    _ configuration: DecoderConfiguration,
    _ tensors: [StoredTensor],
    path: String,
    precision: WeightPrecision,
    context: ComputeContext
) throws(ModelError) -> DecoderWeights {
    let catalog = TensorCatalog(path: path, tensors: tensors) { name in
        HuggingFaceNames.decoder(name, tiesEmbeddings: configuration.tiesEmbeddings)
    }
    try catalog.check(
        DecoderParameter.all(in: configuration).map {
            .init(name: $0.huggingFaceName(in: configuration), shape: $0.shape(in: configuration))
        }
    )
    let reader = WeightReader(catalog: catalog, precision: precision, context: context)
    return try DecoderWeights(
        in: configuration,
        matrix: { (parameter) throws(ModelError) in
            try reader.matrix(parameter.huggingFaceName(in: configuration))
        },
        vector: { (parameter) throws(ModelError) in
            try reader.vector(parameter.huggingFaceName(in: configuration))
        }
    )
}

private func encoderWeights(
    _ configuration: EncoderConfiguration,
    _ tensors: [StoredTensor],
    path: String,
    precision: WeightPrecision,
    context: ComputeContext
) throws(ModelError) -> EncoderWeights {
    let catalog = TensorCatalog(path: path, tensors: tensors) { HuggingFaceNames.encoder($0) }
    var needed = EncoderParameter.all(in: configuration)
    let hasPooler = catalog[EncoderParameter.poolerWeight.huggingFaceName(in: configuration)] != nil
    if hasPooler, configuration.labels.isEmpty { needed += [.poolerWeight, .poolerBias] }
    try catalog.check(
        needed.map { .init(name: $0.huggingFaceName(in: configuration), shape: $0.shape(in: configuration)) }
    )
    let reader = WeightReader(catalog: catalog, precision: precision, context: context)
    return try EncoderWeights(
        in: configuration,
        hasPooler: hasPooler,
        matrix: { (parameter) throws(ModelError) in
            try reader.matrix(parameter.huggingFaceName(in: configuration))
        },
        vector: { (parameter) throws(ModelError) in
            try reader.vector(parameter.huggingFaceName(in: configuration))
        }
    )
}
