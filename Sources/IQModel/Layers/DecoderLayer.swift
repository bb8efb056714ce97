// One layer of the decoder: attention and feed-forward, each on a residual branch.

package import IQTensor

/// x += attention(norm(x)); x += feedForward(norm(x)); Gemma also norms what each branch returns.
package struct DecoderLayer: Sendable {
    package let attentionNorm: RMSNorm
    package let attention: SelfAttention
    package let postAttentionNorm: RMSNorm?
    package let feedForwardNorm: RMSNorm
    package let feedForward: GatedFeedForward
    package let postFeedForwardNorm: RMSNorm?
    package let reach: AttentionReach

    package init(
        _ weights: DecoderLayerWeights,
        configuration: DecoderConfiguration,
        reach: AttentionReach,
        product: QuantizedProduct
    ) {
        func norm(_ weight: WeightVector) -> RMSNorm {
            RMSNorm(weight: weight, offset: configuration.normWeightOffset, epsilon: configuration.normEpsilon)
        }
        func linear(_ weights: LinearWeights) -> Linear { Linear(weights, product: product) }
        attentionNorm = norm(weights.attentionNorm)
        attention = SelfAttention(
            query: linear(weights.query),
            key: linear(weights.key),
            value: linear(weights.value),
            output: linear(weights.output),
            queryNorm: weights.queryNorm.map(norm),
            keyNorm: weights.keyNorm.map(norm),
            shape: AttentionShape(
                heads: configuration.heads,
                kvHeads: configuration.kvHeads,
                headDimension: configuration.headDimension,
                scale: configuration.attentionScale,
                softCap: configuration.attentionSoftCap,
                window: reach == .sliding ? configuration.slidingWindow : nil
            )
        )
        postAttentionNorm = weights.postAttentionNorm.map(norm)
        feedForwardNorm = norm(weights.feedForwardNorm)
        feedForward = GatedFeedForward(
            gate: linear(weights.gate),
            up: linear(weights.up),
            down: linear(weights.down),
            activation: configuration.activation
        )
        postFeedForwardNorm = weights.postFeedForwardNorm.map(norm)
        self.reach = reach
    }

    /// x: [T, C], in place.
    package func forward(
        _ x: FloatMatrix,
        layer: Int,
        batch: DecoderBatch,
        activations: DecoderActivations,
        on context: ComputeContext
    ) throws(TensorError) {
        let rows = 0..<x.rows
        let normed = activations.normed.rows(rows)  // [T, C]
        let branch = activations.branch.rows(rows)  // [T, C]
        let tables = reach == .sliding ? activations.slidingTables : activations.fullTables

        try attentionNorm.forward(x, into: normed, on: context)
        try attention.forward(
            normed,
            into: branch,
            layer: layer,
            batch: batch,
            tables: tables.rows(rows),
            activations: activations,
            on: context
        )
        if let postAttentionNorm { try postAttentionNorm.forward(branch, into: branch, on: context) }
        try context.add(branch, to: x)

        try feedForwardNorm.forward(x, into: normed, on: context)
        try feedForward.forward(normed, into: branch, activations: activations, on: context)
        if let postFeedForwardNorm { try postFeedForwardNorm.forward(branch, into: branch, on: context) }
        try context.add(branch, to: x)
    }
}
