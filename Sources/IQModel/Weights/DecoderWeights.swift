// The weights of a decoder and of an encoder, in the library's own names and Hugging Face's layout.

package import IQTensor

/// A linear layer's weights: [output features, input features] and an optional bias.
package struct LinearWeights: Sendable {
    package var matrix: WeightMatrix
    package var bias: WeightVector?

    package init(_ matrix: WeightMatrix, bias: WeightVector? = nil) {
        precondition(bias == nil || bias?.count == matrix.rows)
        self.matrix = matrix
        self.bias = bias
    }
}

/// Scale and shift of a layer norm.
package struct LayerNormWeights: Sendable {
    package var weight: WeightVector
    package var bias: WeightVector

    package init(weight: WeightVector, bias: WeightVector) {
        self.weight = weight
        self.bias = bias
    }
}

/// One layer of a decoder. Rotary pairs are (i, i + D/2), as Hugging Face stores query and key.
package struct DecoderLayerWeights: Sendable {
    /// Norm before attention.
    package var attentionNorm: WeightVector
    package var query: LinearWeights
    package var key: LinearWeights
    package var value: LinearWeights
    package var output: LinearWeights
    package var queryNorm: WeightVector?
    package var keyNorm: WeightVector?
    /// Norm on attention's result before it joins the residual stream (sandwich norms only).
    package var postAttentionNorm: WeightVector?
    /// Norm before the feed-forward.
    package var feedForwardNorm: WeightVector
    package var gate: LinearWeights
    package var up: LinearWeights
    package var down: LinearWeights
    /// Norm on the feed-forward's result before it joins the residual stream (sandwich norms only).
    package var postFeedForwardNorm: WeightVector?

    package init(
        attentionNorm: WeightVector,
        query: LinearWeights,
        key: LinearWeights,
        value: LinearWeights,
        output: LinearWeights,
        queryNorm: WeightVector? = nil,
        keyNorm: WeightVector? = nil,
        postAttentionNorm: WeightVector? = nil,
        feedForwardNorm: WeightVector,
        gate: LinearWeights,
        up: LinearWeights,
        down: LinearWeights,
        postFeedForwardNorm: WeightVector? = nil
    ) {
        self.attentionNorm = attentionNorm
        self.query = query
        self.key = key
        self.value = value
        self.output = output
        self.queryNorm = queryNorm
        self.keyNorm = keyNorm
        self.postAttentionNorm = postAttentionNorm
        self.feedForwardNorm = feedForwardNorm
        self.gate = gate
        self.up = up
        self.down = down
        self.postFeedForwardNorm = postFeedForwardNorm
    }
}

/// All weights of a decoder.
package struct DecoderWeights: Sendable {
    /// [V, C]
    package var embedding: WeightMatrix
    package var layers: [DecoderLayerWeights]
    package var finalNorm: WeightVector
    /// [V, C]; nil where the embedding serves.
    package var outputHead: WeightMatrix?

    package init(
        embedding: WeightMatrix,
        layers: [DecoderLayerWeights],
        finalNorm: WeightVector,
        outputHead: WeightMatrix?
    ) {
        self.embedding = embedding
        self.layers = layers
        self.finalNorm = finalNorm
        self.outputHead = outputHead
    }
}
