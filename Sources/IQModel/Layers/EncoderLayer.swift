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

    // MARK: Training

    /// x: [T, C], in place. Keeps on the tape what ``backward(_:batch:tape:gradients:workspace:step:)`` needs.
    package func forward(
        _ x: FloatMatrix,
        batch: PackedBatch,
        tape: EncoderLayerTape,
        workspace: EncoderWorkspace,
        step: TrainingStep
    ) throws(TensorError) {
        let context = step.context
        let branch = workspace.branch  // [T, C]
        tape.input.copy(from: x)
        try query.forward(x, into: tape.query, step: step)
        try key.forward(x, into: tape.key, step: step)
        try value.forward(x, into: tape.value, step: step)
        let attention = batch.attentionBatch(keys: tape.key, values: tape.value, headDimension: shape.headDimension)
        try context.attention(shape, q: tape.query, batch: attention, layer: 0, into: tape.mixed)
        try output.forward(tape.mixed, into: branch, step: step)
        try context.add(branch, to: x)
        tape.attentionSum.copy(from: x)
        try attentionNorm.forward(x, into: x, on: context)

        tape.middle.copy(from: x)
        try up.forward(x, into: tape.lifted, step: step)
        try context.geluErf(tape.lifted, into: workspace.activated)
        try down.forward(workspace.activated, into: branch, step: step)
        try context.add(branch, to: x)
        tape.feedForwardSum.copy(from: x)
        try feedForwardNorm.forward(x, into: x, on: context)
    }

    /// dx: [T, C], the gradient at the layer's output, in place to the one at its input.
    package func backward(
        _ dx: FloatMatrix,
        batch: PackedBatch,
        tape: EncoderLayerTape,
        gradients: EncoderLayerGradients,
        workspace: EncoderWorkspace,
        step: TrainingStep
    ) throws(TensorError) {
        let context = step.context

        // norm(middle + down(gelu(up(middle)))): dsum becomes the gradient at the sum, then the one at the middle.
        let dsum = workspace.dsum  // [T, C]
        let dactivated = workspace.dactivated  // [T, F]
        dsum.fill(0)
        try feedForwardNorm.backward(
            tape.feedForwardSum,
            dy: dx,
            addingTo: dsum,
            gradients: gradients.feedForwardNorm,
            on: context
        )
        if gradients.down.needsInput { try context.geluErf(tape.lifted, into: workspace.activated) }
        try down.backward(workspace.activated, dy: dsum, dx: dactivated, gradients: gradients.down, step: step)
        try context.geluErfBackward(tape.lifted, dy: dactivated, into: dactivated)
        try up.backward(tape.middle, dy: dactivated, dx: dsum, addsToInput: true, gradients: gradients.up, step: step)

        // norm(input + output(attention(input))): dx becomes the gradient at the sum, then the one at the input.
        dx.fill(0)
        try attentionNorm.backward(
            tape.attentionSum,
            dy: dsum,
            addingTo: dx,
            gradients: gradients.attentionNorm,
            on: context
        )
        try output.backward(tape.mixed, dy: dx, dx: workspace.dmixed, gradients: gradients.output, step: step)
        let (dquery, dkey, dvalue) = (workspace.dquery, workspace.dkey, workspace.dvalue)  // [T, C]
        try context.attentionBackward(
            shape,
            q: tape.query,
            k: tape.key,
            v: tape.value,
            dout: workspace.dmixed,
            segments: batch.segments,
            dq: dquery,
            dk: dkey,
            dv: dvalue
        )
        try query.backward(tape.input, dy: dquery, dx: dx, addsToInput: true, gradients: gradients.query, step: step)
        try key.backward(tape.input, dy: dkey, dx: dx, addsToInput: true, gradients: gradients.key, step: step)
        try value.backward(tape.input, dy: dvalue, dx: dx, addsToInput: true, gradients: gradients.value, step: step)
    }
}
