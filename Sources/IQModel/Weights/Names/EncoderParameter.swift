// The parameters of an encoder: which there are, of what shape, and what Hugging Face calls them.

package import IQTensor

/// One parameter of an encoder's layer.
package enum EncoderLayerParameter: String, Sendable, Hashable, CaseIterable {
    case queryWeight = "attention.self.query.weight"
    case queryBias = "attention.self.query.bias"
    case keyWeight = "attention.self.key.weight"
    case keyBias = "attention.self.key.bias"
    case valueWeight = "attention.self.value.weight"
    case valueBias = "attention.self.value.bias"
    case outputWeight = "attention.output.dense.weight"
    case outputBias = "attention.output.dense.bias"
    case attentionNormWeight = "attention.output.LayerNorm.weight"
    case attentionNormBias = "attention.output.LayerNorm.bias"
    case upWeight = "intermediate.dense.weight"
    case upBias = "intermediate.dense.bias"
    case downWeight = "output.dense.weight"
    case downBias = "output.dense.bias"
    case feedForwardNormWeight = "output.LayerNorm.weight"
    case feedForwardNormBias = "output.LayerNorm.bias"

    /// The name after `encoder.layer.N.`.
    var huggingFaceName: String { rawValue }

    func shape(in configuration: EncoderConfiguration) -> [Int] {
        let width = configuration.width
        let feedForwardWidth = configuration.feedForwardWidth
        return switch self {
        case .queryWeight, .keyWeight, .valueWeight, .outputWeight: [width, width]
        case .upWeight: [feedForwardWidth, width]
        case .upBias: [feedForwardWidth]
        case .downWeight: [width, feedForwardWidth]
        default: [width]
        }
    }
}

/// One parameter of an encoder.
package enum EncoderParameter: Sendable, Hashable {
    case tokenEmbedding
    case positionEmbedding
    case tokenTypeEmbedding
    case embeddingNormWeight
    case embeddingNormBias
    case layer(Int, EncoderLayerParameter)
    case poolerWeight
    case poolerBias
    case classifierWeight
    case classifierBias

    /// The parameters that every file of this configuration has. A pooler may or may not be there beside them, unless
    /// there is a classifier, which reads it.
    package static func all(in configuration: EncoderConfiguration) -> [EncoderParameter] {
        var all: [EncoderParameter] = [.tokenEmbedding, .positionEmbedding]
        if configuration.tokenTypes > 0 { all.append(.tokenTypeEmbedding) }
        all += [.embeddingNormWeight, .embeddingNormBias]
        for layer in 0..<configuration.layers { all += EncoderLayerParameter.allCases.map { .layer(layer, $0) } }
        if !configuration.labels.isEmpty { all += [.poolerWeight, .poolerBias, .classifierWeight, .classifierBias] }
        return all
    }

    package func shape(in configuration: EncoderConfiguration) -> [Int] {
        let width = configuration.width
        return switch self {
        case .tokenEmbedding: [configuration.vocabularySize, width]
        case .positionEmbedding: [configuration.positionRows, width]
        case .tokenTypeEmbedding: [configuration.tokenTypes, width]
        case .embeddingNormWeight, .embeddingNormBias, .poolerBias: [width]
        case .layer(_, let part): part.shape(in: configuration)
        case .poolerWeight: [width, width]
        case .classifierWeight: [configuration.labels.count, width]
        case .classifierBias: [configuration.labels.count]
        }
    }

    /// The name in a Hugging Face file, without the model's own prefix (`bert.`, `roberta.`).
    package func huggingFaceName(in configuration: EncoderConfiguration) -> String {
        let isRoberta = configuration.family == .roberta && !configuration.labels.isEmpty
        return switch self {
        case .tokenEmbedding: "embeddings.word_embeddings.weight"
        case .positionEmbedding: "embeddings.position_embeddings.weight"
        case .tokenTypeEmbedding: "embeddings.token_type_embeddings.weight"
        case .embeddingNormWeight: "embeddings.LayerNorm.weight"
        case .embeddingNormBias: "embeddings.LayerNorm.bias"
        case .layer(let layer, let part): "encoder.layer.\(layer).\(part.huggingFaceName)"
        case .poolerWeight: isRoberta ? "classifier.dense.weight" : "pooler.dense.weight"
        case .poolerBias: isRoberta ? "classifier.dense.bias" : "pooler.dense.bias"
        case .classifierWeight: isRoberta ? "classifier.out_proj.weight" : "classifier.weight"
        case .classifierBias: isRoberta ? "classifier.out_proj.bias" : "classifier.bias"
        }
    }
}

extension EncoderParameter {
    /// The name in a file that transformers opens: that of the bare model, or under the prefix of its class where there is
    /// a classification head.
    package func fileName(in configuration: EncoderConfiguration) -> String {
        let name = huggingFaceName(in: configuration)
        if configuration.labels.isEmpty || name.hasPrefix("classifier.") { return name }
        return "\(configuration.family.rawValue).\(name)"
    }
}

extension EncoderWeights {
    /// Every parameter with the name under which it is written, a pooler included if there is one.
    package func parameters(
        in configuration: EncoderConfiguration
    ) -> [(name: String, parameter: EncoderParameter, value: ParameterValue)] {
        var all = EncoderParameter.all(in: configuration)
        if pooler != nil, configuration.labels.isEmpty { all += [.poolerWeight, .poolerBias] }
        return all.compactMap { parameter in
            self[parameter].map { (parameter.fileName(in: configuration), parameter, $0) }
        }
    }

    /// The value of a parameter; nil where this encoder has none.
    package subscript(parameter: EncoderParameter) -> ParameterValue? {
        switch parameter {
        case .tokenEmbedding: .matrix(tokenEmbedding)
        case .positionEmbedding: .matrix(positionEmbedding)
        case .tokenTypeEmbedding: tokenTypeEmbedding.map { .matrix($0) }
        case .embeddingNormWeight: .vector(embeddingNorm.weight)
        case .embeddingNormBias: .vector(embeddingNorm.bias)
        case .layer(let layer, let part): layers.indices.contains(layer) ? layers[layer][part] : nil
        case .poolerWeight: pooler.map { .matrix($0.matrix) }
        case .poolerBias: pooler?.bias.map { .vector($0) }
        case .classifierWeight: classifier.map { .matrix($0.matrix) }
        case .classifierBias: classifier?.bias.map { .vector($0) }
        }
    }

    /// Weights put together from the values of their parameters.
    package init<Failure: Error>(
        in configuration: EncoderConfiguration,
        hasPooler: Bool,
        matrix: (EncoderParameter) throws(Failure) -> WeightMatrix,
        vector: (EncoderParameter) throws(Failure) -> WeightVector
    ) throws(Failure) {
        var layers: [EncoderLayerWeights] = []
        layers.reserveCapacity(configuration.layers)
        for layer in 0..<configuration.layers {
            func linear(
                _ weight: EncoderLayerParameter,
                _ bias: EncoderLayerParameter
            ) throws(Failure) -> LinearWeights {
                LinearWeights(try matrix(.layer(layer, weight)), bias: try vector(.layer(layer, bias)))
            }
            func norm(
                _ weight: EncoderLayerParameter,
                _ bias: EncoderLayerParameter
            ) throws(Failure) -> LayerNormWeights {
                LayerNormWeights(weight: try vector(.layer(layer, weight)), bias: try vector(.layer(layer, bias)))
            }
            layers.append(
                EncoderLayerWeights(
                    query: try linear(.queryWeight, .queryBias),
                    key: try linear(.keyWeight, .keyBias),
                    value: try linear(.valueWeight, .valueBias),
                    output: try linear(.outputWeight, .outputBias),
                    attentionNorm: try norm(.attentionNormWeight, .attentionNormBias),
                    up: try linear(.upWeight, .upBias),
                    down: try linear(.downWeight, .downBias),
                    feedForwardNorm: try norm(.feedForwardNormWeight, .feedForwardNormBias)
                )
            )
        }
        let tokenTypes: WeightMatrix? = configuration.tokenTypes > 0 ? try matrix(.tokenTypeEmbedding) : nil
        var pooler: LinearWeights?
        if hasPooler { pooler = LinearWeights(try matrix(.poolerWeight), bias: try vector(.poolerBias)) }
        var classifier: LinearWeights?
        if !configuration.labels.isEmpty {
            classifier = LinearWeights(try matrix(.classifierWeight), bias: try vector(.classifierBias))
        }
        self.init(
            tokenEmbedding: try matrix(.tokenEmbedding),
            positionEmbedding: try matrix(.positionEmbedding),
            tokenTypeEmbedding: tokenTypes,
            embeddingNorm: LayerNormWeights(
                weight: try vector(.embeddingNormWeight),
                bias: try vector(.embeddingNormBias)
            ),
            layers: layers,
            pooler: pooler,
            classifier: classifier
        )
    }
}

extension EncoderLayerWeights {
    /// The value of a parameter; nil where this layer has none.
    package subscript(part: EncoderLayerParameter) -> ParameterValue? {
        switch part {
        case .queryWeight: .matrix(query.matrix)
        case .queryBias: query.bias.map { .vector($0) }
        case .keyWeight: .matrix(key.matrix)
        case .keyBias: key.bias.map { .vector($0) }
        case .valueWeight: .matrix(value.matrix)
        case .valueBias: value.bias.map { .vector($0) }
        case .outputWeight: .matrix(output.matrix)
        case .outputBias: output.bias.map { .vector($0) }
        case .attentionNormWeight: .vector(attentionNorm.weight)
        case .attentionNormBias: .vector(attentionNorm.bias)
        case .upWeight: .matrix(up.matrix)
        case .upBias: up.bias.map { .vector($0) }
        case .downWeight: .matrix(down.matrix)
        case .downBias: down.bias.map { .vector($0) }
        case .feedForwardNormWeight: .vector(feedForwardNorm.weight)
        case .feedForwardNormBias: .vector(feedForwardNorm.bias)
        }
    }
}
