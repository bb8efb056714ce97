// One post-norm layer of an encoder (Devlin et al., arXiv 1810.04805).

package import IQTensor

/// x = norm(x + attention(x)); x = norm(x + down(gelu(up(x)))).
package struct EncoderLayer: Sendable {
    package let query: Linear
    package let key: Linear
    package let value: Linear
    package let output: Linear
    package let attentionNorm: LayerNorm
    package let up: Linear
    package let down: Linear
    package let feedForwardNorm: LayerNorm
    package let shape: AttentionShape

    package init(_ weights: EncoderLayerWeights, configuration: EncoderConfiguration) {
        query = Linear(weights.query)
        key = Linear(weights.key)
        value = Linear(weights.value)
        output = Linear(weights.output)
        attentionNorm = LayerNorm(weights.attentionNorm, epsilon: configuration.normEpsilon)
        up = Linear(weights.up)
        down = Linear(weights.down)
        feedForwardNorm = LayerNorm(weights.feedForwardNorm, epsilon: configuration.normEpsilon)
        shape = AttentionShape(
            heads: configuration.heads,
            kvHeads: configuration.heads,
            headDimension: configuration.headDimension,
            scale: 1 / Float(configuration.headDimension).squareRoot(),
            isCausal: false
        )
    }

    /// x: [T, C], in place. `batch` points at the keys and values of `activations`.
    package func forward(
        _ x: FloatMatrix,
        batch: AttentionBatch,
        activations: EncoderActivations,
        on context: ComputeContext
    ) throws(TensorError) {
        let rows = 0..<x.rows
        let branch = activations.branch.rows(rows)  // [T, C]
        try query.forward(x, into: activations.query.rows(rows), on: context)
        try key.forward(x, into: activations.key.rows(rows), on: context)
        try value.forward(x, into: activations.value.rows(rows), on: context)
        let mixed = activations.mixed.rows(rows)  // [T, C]
        try context.attention(shape, q: activations.query.rows(rows), batch: batch, layer: 0, into: mixed)
        try output.forward(mixed, into: branch, on: context)
        try context.add(branch, to: x)
        try attentionNorm.forward(x, into: x, on: context)

        let lifted = activations.lifted.rows(rows)  // [T, F]
        try up.forward(x, into: lifted, on: context)
        try context.geluErf(lifted, into: lifted)
        try down.forward(lifted, into: branch, on: context)
        try context.add(branch, to: x)
        try feedForwardNorm.forward(x, into: x, on: context)
    }
}
