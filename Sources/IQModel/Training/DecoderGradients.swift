// Where a backward pass adds the gradients of a decoder's parameters. What is nil is frozen.

package import IQTensor

/// Gradients of a linear layer and of its adapter.
package struct LinearGradients {
    /// [output features, input features]
    package var matrix: FloatMatrix?
    /// [1, output features]
    package var bias: FloatMatrix?
    /// Of the adapter's A: [r, input features].
    package var adapterDown: FloatMatrix?
    /// Of the adapter's B: [output features, r].
    package var adapterUp: FloatMatrix?
    /// The matrix's gradient is written instead of added to: it holds nothing of this step yet.
    package var overwritesMatrix = false

    package init(matrix: FloatMatrix? = nil, bias: FloatMatrix? = nil) {
        self.matrix = matrix
        self.bias = bias
    }

    /// Whether the backward pass reads the layer's input.
    var needsInput: Bool { matrix != nil || adapterDown != nil || adapterUp != nil }

    /// What is in the matrix's place is taken this often.
    var matrixFactor: Float { overwritesMatrix ? 0 : 1 }
}

/// Gradients of one layer; vectors are [1, elements].
package struct DecoderLayerGradients {
    package var attentionNorm: FloatMatrix?
    package var query = LinearGradients()
    package var key = LinearGradients()
    package var value = LinearGradients()
    package var output = LinearGradients()
    package var queryNorm: FloatMatrix?
    package var keyNorm: FloatMatrix?
    package var postAttentionNorm: FloatMatrix?
    package var feedForwardNorm: FloatMatrix?
    package var gate = LinearGradients()
    package var up = LinearGradients()
    package var down = LinearGradients()
    package var postFeedForwardNorm: FloatMatrix?

    /// All frozen.
    package init() {}

    /// The same places, where the gradients of the linear layers' matrices are written instead of added to.
    package var overwritingMatrices: DecoderLayerGradients {
        var result = self
        for projection in AdaptedProjection.allCases {
            result[keyPath: projection.gradientPath].overwritesMatrix = true
        }
        return result
    }
}

/// Gradients of a decoder.
package struct DecoderGradients {
    /// [V, C]; holds the output head's part too where the head is the embedding.
    package var embedding: FloatMatrix?
    package var layers: [DecoderLayerGradients]
    package var finalNorm: FloatMatrix?
    /// [V, C]; nil where the embedding serves.
    package var outputHead: FloatMatrix?

    /// All frozen.
    package init(layers: Int) {
        self.layers = [DecoderLayerGradients](repeating: DecoderLayerGradients(), count: layers)
    }

    /// Gradients in the places that `place` gives, nil for what is frozen. Vectors are [1, elements].
    package init(in configuration: DecoderConfiguration, place: (DecoderParameter) -> FloatMatrix?) {
        self.init(layers: configuration.layers)
        for parameter in DecoderParameter.all(in: configuration) { self[parameter] = place(parameter) }
    }

    package subscript(parameter: DecoderParameter) -> FloatMatrix? {
        get {
            switch parameter {
            case .embedding: embedding
            case .finalNorm: finalNorm
            case .outputHead: outputHead
            case .layer(let layer, let part): layers[layer][keyPath: part.gradientPath]
            }
        }
        set {
            switch parameter {
            case .embedding: embedding = newValue
            case .finalNorm: finalNorm = newValue
            case .outputHead: outputHead = newValue
            case .layer(let layer, let part): layers[layer][keyPath: part.gradientPath] = newValue
            }
        }
    }

    /// Of the adapter at a place: A's and B's.
    package subscript(site: AdapterSite) -> (down: FloatMatrix?, up: FloatMatrix?) {
        get {
            let gradients = layers[site.layer][keyPath: site.projection.gradientPath]
            return (gradients.adapterDown, gradients.adapterUp)
        }
        set {
            layers[site.layer][keyPath: site.projection.gradientPath].adapterDown = newValue.down
            layers[site.layer][keyPath: site.projection.gradientPath].adapterUp = newValue.up
        }
    }

    /// The lowest layer that has something to learn; the backward pass need not go below it. The number of layers if none
    /// has, 0 if the embedding has.
    package var lowestTrained: Int {
        if embedding != nil { return 0 }
        return layers.firstIndex { $0.isTrained } ?? layers.count
    }
}

extension DecoderLayerGradients {
    /// Whether anything of this layer learns.
    package var isTrained: Bool {
        DecoderLayerParameter.allCases.contains { self[keyPath: $0.gradientPath] != nil }
            || AdaptedProjection.allCases.contains { projection in
                let gradients = self[keyPath: projection.gradientPath]
                return gradients.adapterDown != nil || gradients.adapterUp != nil
            }
    }
}

extension AdaptedProjection {
    var gradientPath: WritableKeyPath<DecoderLayerGradients, LinearGradients> {
        switch self {
        case .query: \.query
        case .key: \.key
        case .value: \.value
        case .output: \.output
        case .gate: \.gate
        case .up: \.up
        case .down: \.down
        }
    }
}

extension DecoderLayerParameter {
    fileprivate var gradientPath: WritableKeyPath<DecoderLayerGradients, FloatMatrix?> {
        switch self {
        case .attentionNorm: \.attentionNorm
        case .queryWeight: \.query.matrix
        case .queryBias: \.query.bias
        case .keyWeight: \.key.matrix
        case .keyBias: \.key.bias
        case .valueWeight: \.value.matrix
        case .valueBias: \.value.bias
        case .outputWeight: \.output.matrix
        case .outputBias: \.output.bias
        case .queryNorm: \.queryNorm
        case .keyNorm: \.keyNorm
        case .postAttentionNorm: \.postAttentionNorm
        case .feedForwardNorm: \.feedForwardNorm
        case .gateWeight: \.gate.matrix
        case .gateBias: \.gate.bias
        case .upWeight: \.up.matrix
        case .upBias: \.up.bias
        case .downWeight: \.down.matrix
        case .downBias: \.down.bias
        case .postFeedForwardNorm: \.postFeedForwardNorm
        }
    }
}
