// A GGUF file to a model.

internal import IQTensor
internal import IQText

/// Reads a decoder from a GGUF file.
func loadGGUF(path: String, precision: WeightPrecision, context: ComputeContext) throws(ModelError) -> LoadedModel {
    let file = try GGUFFile.open(path: path)
    let catalog = TensorCatalog(path: path, tensors: file.tensors) { $0 }
    let factorsName = "rope_freqs.weight"
    // What a model does not need and files are known to carry.
    let extras: Set<String> = [factorsName]

    var factors: [Float]?
    if let stored = catalog[factorsName], stored.shape.count == 1 {
        let reader = WeightReader(catalog: catalog, precision: .stored, context: context)
        factors = try reader.vector(factorsName).values
    }
    let configuration: DecoderConfiguration
    let vocabulary: GGUFVocabulary?
    do {
        let shapes = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0.shape) })
        configuration = try DecoderConfiguration(gguf: file.metadata, tensors: shapes, rotaryFactors: factors)
        vocabulary = try GGUFVocabulary(file.metadata)
    } catch {
        throw .configuration(path: path, error)
    }

    let parameters = DecoderParameter.all(in: configuration)
    let needed = TensorCatalog(path: path, tensors: file.tensors) { extras.contains($0) ? nil : $0 }
    try needed.check(parameters.map { .init(name: $0.ggufName, shape: $0.shape(in: configuration)) })

    let reader = WeightReader(catalog: needed, precision: precision, context: context)
    let isInterleaved = configuration.family == .llama
    let weights = try DecoderWeights(
        in: configuration,
        matrix: { (parameter) throws(ModelError) in
            try reader.matrix(
                parameter.ggufName,
                rotaryHeads: isInterleaved ? parameter.rotaryHeads(in: configuration) : nil
            )
        },
        vector: { (parameter) throws(ModelError) in
            try reader.vector(
                parameter.ggufName,
                rotaryHeads: isInterleaved ? parameter.rotaryHeads(in: configuration) : nil,
                subtracting: parameter.isNorm ? configuration.normWeightOffset : 0
            )
        }
    )
    var tokenizer: Tokenizer?
    if let vocabulary {
        do {
            tokenizer = try Tokenizer(vocabulary: vocabulary)
        } catch {
            throw .tokenizer(path: path, error)
        }
    }
    return LoadedModel(
        weights: .decoder(configuration, weights),
        tokenizer: tokenizer,
        vocabulary: vocabulary,
        path: path,
        fileFormat: .gguf
    )
}
