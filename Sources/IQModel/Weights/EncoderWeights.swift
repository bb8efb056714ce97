// The weights of an encoder (BERT, MiniLM, RoBERTa).

package import IQTensor

/// One post-norm layer of an encoder.
package struct EncoderLayerWeights: Sendable {
    package var query: LinearWeights
    package var key: LinearWeights
    package var value: LinearWeights
    package var output: LinearWeights
    package var attentionNorm: LayerNormWeights
    package var up: LinearWeights
    package var down: LinearWeights
    package var feedForwardNorm: LayerNormWeights

    package init(
        query: LinearWeights,
        key: LinearWeights,
        value: LinearWeights,
        output: LinearWeights,
        attentionNorm: LayerNormWeights,
        up: LinearWeights,
        down: LinearWeights,
        feedForwardNorm: LayerNormWeights
    ) {
        self.query = query
        self.key = key
        self.value = value
        self.output = output
        self.attentionNorm = attentionNorm
        self.up = up
        self.down = down
        self.feedForwardNorm = feedForwardNorm
    }
}

/// All weights of an encoder.
package struct EncoderWeights: Sendable {
    /// [V, C]
    package var tokenEmbedding: WeightMatrix
    /// [position rows, C]
    package var positionEmbedding: WeightMatrix
    /// [token types, C]; nil where there are none.
    package var tokenTypeEmbedding: WeightMatrix?
    package var embeddingNorm: LayerNormWeights
    package var layers: [EncoderLayerWeights]
    /// tanh(dense(first token)) before the classifier: BERT's pooler, or the dense layer of RoBERTa's head.
    package var pooler: LinearWeights?
    /// [classes, C]; nil where the file has no classification head.
    package var classifier: LinearWeights?

    package init(
        tokenEmbedding: WeightMatrix,
        positionEmbedding: WeightMatrix,
        tokenTypeEmbedding: WeightMatrix?,
        embeddingNorm: LayerNormWeights,
        layers: [EncoderLayerWeights],
        pooler: LinearWeights?,
        classifier: LinearWeights?
    ) {
        self.tokenEmbedding = tokenEmbedding
        self.positionEmbedding = positionEmbedding
        self.tokenTypeEmbedding = tokenTypeEmbedding
        self.embeddingNorm = embeddingNorm
        self.layers = layers
        self.pooler = pooler
        self.classifier = classifier
    }
}
