// Decoder weights as a list of named parameters, and back: for files, optimisers and checkpoints.

package import IQTensor

extension DecoderWeights {
    /// The value of a parameter; nil where this decoder has none.
    package subscript(parameter: DecoderParameter) -> ParameterValue? {
        switch parameter {
        case .embedding: .matrix(embedding)
        case .finalNorm: .vector(finalNorm)
        case .outputHead: outputHead.map { .matrix($0) }
        case .layer(let layer, let part): layers.indices.contains(layer) ? layers[layer][part] : nil
        }
    }

    /// Every parameter with its Hugging Face name, from the embedding to the output head.
    package func parameters(
        in configuration: DecoderConfiguration
    ) -> [(name: String, parameter: DecoderParameter, value: ParameterValue)] {
        DecoderParameter.all(in: configuration).compactMap { parameter in
            self[parameter].map { (parameter.huggingFaceName(in: configuration), parameter, $0) }
        }
    }

    /// Weights put together from the values of their parameters, which have the shapes of ``DecoderParameter/shape(in:)``.
    package init<Failure: Error>(
        in configuration: DecoderConfiguration,
        matrix: (DecoderParameter) throws(Failure) -> WeightMatrix,
        vector: (DecoderParameter) throws(Failure) -> WeightVector
    ) throws(Failure) {
        var layers: [DecoderLayerWeights] = []
        layers.reserveCapacity(configuration.layers)
        for layer in 0..<configuration.layers {
            func linear(
                _ weight: DecoderLayerParameter,
                _ bias: DecoderLayerParameter
            ) throws(Failure) -> LinearWeights {
                let matrix = try matrix(.layer(layer, weight))
                return LinearWeights(matrix, bias: try optional(bias))
            }
            func optional(_ part: DecoderLayerParameter) throws(Failure) -> WeightVector? {
                guard part.isPresent(in: configuration) else { return nil }
                return try vector(.layer(layer, part))
            }
            layers.append(
                DecoderLayerWeights(
                    attentionNorm: try vector(.layer(layer, .attentionNorm)),
                    query: try linear(.queryWeight, .queryBias),
                    key: try linear(.keyWeight, .keyBias),
                    value: try linear(.valueWeight, .valueBias),
                    output: try linear(.outputWeight, .outputBias),
                    queryNorm: try optional(.queryNorm),
                    keyNorm: try optional(.keyNorm),
                    postAttentionNorm: try optional(.postAttentionNorm),
                    feedForwardNorm: try vector(.layer(layer, .feedForwardNorm)),
                    gate: try linear(.gateWeight, .gateBias),
                    up: try linear(.upWeight, .upBias),
                    down: try linear(.downWeight, .downBias),
                    postFeedForwardNorm: try optional(.postFeedForwardNorm)
                )
            )
        }
        let outputHead: WeightMatrix? = configuration.tiesEmbeddings ? nil : try matrix(.outputHead)
        self.init(
            embedding: try matrix(.embedding),
            layers: layers,
            finalNorm: try vector(.finalNorm),
            outputHead: outputHead
        )
    }
}

extension DecoderLayerWeights {
    /// The value of a parameter; nil where this layer has none.
    package subscript(part: DecoderLayerParameter) -> ParameterValue? {
        switch part {
        case .attentionNorm: .vector(attentionNorm)
        case .queryWeight: .matrix(query.matrix)
        case .queryBias: query.bias.map { .vector($0) }
        case .keyWeight: .matrix(key.matrix)
        case .keyBias: key.bias.map { .vector($0) }
        case .valueWeight: .matrix(value.matrix)
        case .valueBias: value.bias.map { .vector($0) }
        case .outputWeight: .matrix(output.matrix)
        case .outputBias: output.bias.map { .vector($0) }
        case .queryNorm: queryNorm.map { .vector($0) }
        case .keyNorm: keyNorm.map { .vector($0) }
        case .postAttentionNorm: postAttentionNorm.map { .vector($0) }
        case .feedForwardNorm: .vector(feedForwardNorm)
        case .gateWeight: .matrix(gate.matrix)
        case .gateBias: gate.bias.map { .vector($0) }
        case .upWeight: .matrix(up.matrix)
        case .upBias: up.bias.map { .vector($0) }
        case .downWeight: .matrix(down.matrix)
        case .downBias: down.bias.map { .vector($0) }
        case .postFeedForwardNorm: postFeedForwardNorm.map { .vector($0) }
        }
    }
}
