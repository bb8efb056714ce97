// What a loaded model is, for people and for logs.

internal import IQTensor

/// A summary of a loaded model.
public struct ModelInformation: Sendable, Hashable, Codable {
    /// Name of the folder or file.
    public var name: String
    /// The model family: `llama`, `gemma3`, `bert`, ….
    public var architecture: String
    /// The kind of files it was read from.
    public var fileFormat: ModelFileFormat
    /// Number of weights; a tied output head counts once.
    public var parameters: Int
    /// Bytes of the weights in memory, by number format; vectors count as f32.
    public var bytesByFormat: [String: Int]
    public var layers: Int
    /// Width of the residual stream.
    public var width: Int
    public var heads: Int
    public var kvHeads: Int
    public var headDimension: Int
    public var feedForwardWidth: Int
    public var vocabularySize: Int
    /// The longest sequence in tokens that the model was made for.
    public var contextLength: Int
    /// Bytes of cached keys and values for one token in f32; 0 for encoders.
    public var cacheBytesPerToken: Int
    public var hasTokenizer: Bool
    public var hasChatTemplate: Bool

    /// Bytes of all weights in memory.
    public var weightBytes: Int { bytesByFormat.values.reduce(0, +) }
}

extension ModelInformation {
    package init(_ model: LoadedModel) {
        var inventory = WeightInventory()
        let hasChatTemplate = model.tokenizer?.chatTemplate != nil
        let name = String(model.path.split(separator: "/").last ?? "model")
        switch model.weights {
        case .decoder(let configuration, let weights):
            inventory.add(weights)
            self.init(
                name: name,
                architecture: configuration.family.rawValue,
                fileFormat: model.fileFormat,
                parameters: inventory.parameters,
                bytesByFormat: inventory.bytesByFormat,
                layers: configuration.layers,
                width: configuration.width,
                heads: configuration.heads,
                kvHeads: configuration.kvHeads,
                headDimension: configuration.headDimension,
                feedForwardWidth: configuration.feedForwardWidth,
                vocabularySize: configuration.vocabularySize,
                contextLength: configuration.maximumContext,
                cacheBytesPerToken: KVCacheShape(configuration: configuration, format: .f32).bytesPerToken,
                hasTokenizer: model.tokenizer != nil,
                hasChatTemplate: hasChatTemplate
            )
        case .encoder(let configuration, let weights):
            inventory.add(weights)
            self.init(
                name: name,
                architecture: configuration.family.rawValue,
                fileFormat: model.fileFormat,
                parameters: inventory.parameters,
                bytesByFormat: inventory.bytesByFormat,
                layers: configuration.layers,
                width: configuration.width,
                heads: configuration.heads,
                kvHeads: configuration.heads,
                headDimension: configuration.headDimension,
                feedForwardWidth: configuration.feedForwardWidth,
                vocabularySize: configuration.vocabularySize,
                contextLength: configuration.maximumContext,
                cacheBytesPerToken: 0,
                hasTokenizer: model.tokenizer != nil,
                hasChatTemplate: hasChatTemplate
            )
        }
    }
}

/// Counts weights and their bytes.
struct WeightInventory {
    private(set) var parameters = 0
    private(set) var bytesByFormat: [String: Int] = [:]

    mutating func add(_ matrix: WeightMatrix?) {
        guard let matrix else { return }
        parameters += matrix.rows * matrix.columns
        bytesByFormat[matrix.format.rawValue, default: 0] += matrix.byteCount
    }

    mutating func add(_ vector: WeightVector?) {
        guard let vector else { return }
        parameters += vector.count
        bytesByFormat[NumberFormat.f32.rawValue, default: 0] += vector.count * MemoryLayout<Float>.stride
    }

    mutating func add(_ linear: LinearWeights?) {
        add(linear?.matrix)
        add(linear?.bias)
    }

    mutating func add(_ norm: LayerNormWeights) {
        add(norm.weight)
        add(norm.bias)
    }

    mutating func add(_ weights: DecoderWeights) {
        add(weights.embedding)
        add(weights.outputHead)
        add(weights.finalNorm)
        for layer in weights.layers {
            for linear in [layer.query, layer.key, layer.value, layer.output, layer.gate, layer.up, layer.down] {
                add(linear)
            }
            for norm in [
                layer.attentionNorm, layer.feedForwardNorm, layer.queryNorm, layer.keyNorm, layer.postAttentionNorm,
                layer.postFeedForwardNorm,
            ] { add(norm) }
        }
    }

    mutating func add(_ weights: EncoderWeights) {
        add(weights.tokenEmbedding)
        add(weights.positionEmbedding)
        add(weights.tokenTypeEmbedding)
        add(weights.embeddingNorm)
        add(weights.pooler)
        add(weights.classifier)
        for layer in weights.layers {
            for linear in [layer.query, layer.key, layer.value, layer.output, layer.up, layer.down] { add(linear) }
            add(layer.attentionNorm)
            add(layer.feedForwardNorm)
        }
    }
}
