// Where a backward pass adds the gradients of an encoder's parameters. What is nil is frozen.

package import IQTensor

/// Gradients of a layer norm, [1, C] each.
package struct LayerNormGradients {
    package var weight: FloatMatrix?
    package var bias: FloatMatrix?

    package init(weight: FloatMatrix? = nil, bias: FloatMatrix? = nil) {
        self.weight = weight
        self.bias = bias
    }
}

/// Gradients of one layer.
package struct EncoderLayerGradients {
    package var query = LinearGradients()
    package var key = LinearGradients()
    package var value = LinearGradients()
    package var output = LinearGradients()
    package var attentionNorm = LayerNormGradients()
    package var up = LinearGradients()
    package var down = LinearGradients()
    package var feedForwardNorm = LayerNormGradients()

    /// All frozen.
    package init() {}

    /// Whether anything of this layer learns.
    package var isTrained: Bool { EncoderLayerParameter.allCases.contains { self[keyPath: $0.gradientPath] != nil } }
}

/// Gradients of an encoder and its classification head.
package struct EncoderGradients {
    /// [V, C]
    package var tokenEmbedding: FloatMatrix?
    /// [position rows, C]
    package var positionEmbedding: FloatMatrix?
    /// [token types, C]
    package var tokenTypeEmbedding: FloatMatrix?
    package var embeddingNorm = LayerNormGradients()
    package var layers: [EncoderLayerGradients]
    package var pooler = LinearGradients()
    package var classifier = LinearGradients()

    /// All frozen.
    package init(layers: Int) {
        self.layers = [EncoderLayerGradients](repeating: EncoderLayerGradients(), count: layers)
    }

    package subscript(parameter: EncoderParameter) -> FloatMatrix? {
        get { self[keyPath: Self.path(parameter)] }
        set { self[keyPath: Self.path(parameter)] = newValue }
    }

    /// Whether the embeddings or their norm learn.
    package var embeddingsAreTrained: Bool {
        tokenEmbedding != nil || positionEmbedding != nil || tokenTypeEmbedding != nil
            || embeddingNorm.weight != nil || embeddingNorm.bias != nil
    }

    /// The lowest layer that the backward pass must go through; the number of layers if none.
    package var lowestTrained: Int {
        if embeddingsAreTrained { return 0 }
        return layers.firstIndex { $0.isTrained } ?? layers.count
    }

    private static func path(_ parameter: EncoderParameter) -> WritableKeyPath<EncoderGradients, FloatMatrix?> {
        switch parameter {
        case .tokenEmbedding: \.tokenEmbedding
        case .positionEmbedding: \.positionEmbedding
        case .tokenTypeEmbedding: \.tokenTypeEmbedding
        case .embeddingNormWeight: \.embeddingNorm.weight
        case .embeddingNormBias: \.embeddingNorm.bias
        case .layer(let layer, let part):
            (\EncoderGradients.layers[layer] as WritableKeyPath).appending(path: part.gradientPath)
        case .poolerWeight: \.pooler.matrix
        case .poolerBias: \.pooler.bias
        case .classifierWeight: \.classifier.matrix
        case .classifierBias: \.classifier.bias
        }
    }
}

extension EncoderLayerParameter {
    fileprivate var gradientPath: WritableKeyPath<EncoderLayerGradients, FloatMatrix?> {
        switch self {
        case .queryWeight: \.query.matrix
        case .queryBias: \.query.bias
        case .keyWeight: \.key.matrix
        case .keyBias: \.key.bias
        case .valueWeight: \.value.matrix
        case .valueBias: \.value.bias
        case .outputWeight: \.output.matrix
        case .outputBias: \.output.bias
        case .attentionNormWeight: \.attentionNorm.weight
        case .attentionNormBias: \.attentionNorm.bias
        case .upWeight: \.up.matrix
        case .upBias: \.up.bias
        case .downWeight: \.down.matrix
        case .downBias: \.down.bias
        case .feedForwardNormWeight: \.feedForwardNorm.weight
        case .feedForwardNormBias: \.feedForwardNorm.bias
        }
    }
}
