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

    private init(_ layer: DecoderLayer, attention: SelfAttention, feedForward: GatedFeedForward) {
        attentionNorm = layer.attentionNorm
        self.attention = attention
        postAttentionNorm = layer.postAttentionNorm
        feedForwardNorm = layer.feedForwardNorm
        self.feedForward = feedForward
        postFeedForwardNorm = layer.postFeedForwardNorm
        reach = layer.reach
    }

    /// The same weights with other adapters.
    package func with(adapter: (AdaptedProjection) -> LowRankAdapter?) -> DecoderLayer {
        DecoderLayer(
            self,
            attention: SelfAttention(
                query: attention.query.with(adapter(.query)),
                key: attention.key.with(adapter(.key)),
                value: attention.value.with(adapter(.value)),
                output: attention.output.with(adapter(.output)),
                queryNorm: attention.queryNorm,
                keyNorm: attention.keyNorm,
                shape: attention.shape
            ),
            feedForward: GatedFeedForward(
                gate: feedForward.gate.with(adapter(.gate)),
                up: feedForward.up.with(adapter(.up)),
                down: feedForward.down.with(adapter(.down)),
                activation: feedForward.activation
            )
        )
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
        try attentionNorm.forward(x, into: normed, on: context)
        try attention.forward(
            normed,
            into: branch,
            layer: layer,
            batch: batch,
            tables: tables(of: activations).rows(rows),
            activations: activations,
            on: context
        )
        try addBranches(branch, to: x, activations: activations, on: context)
    }

    /// The last layer, whose results are wanted of the batch's output rows alone: x: [T, C] → y: [output rows, C]. The caches get keys and
    /// values of all rows.
    package func forwardOutputs(
        _ x: FloatMatrix,
        into y: FloatMatrix,
        layer: Int,
        batch: DecoderBatch,
        activations: DecoderActivations,
        on context: ComputeContext
    ) throws(TensorError) {
        let rows = 0..<x.rows
        let normed = activations.normed.rows(rows)  // [T, C]
        let branch = activations.branch.rows(0..<batch.outputRows.count)  // [output rows, C]
        try attentionNorm.forward(x, into: normed, on: context)
        try attention.forwardOutputs(
            normed,
            into: branch,
            layer: layer,
            batch: batch,
            tables: tables(of: activations).rows(rows),
            activations: activations,
            on: context
        )
        guard !batch.outputRows.isEmpty else { return }
        context.gatherRows(of: x, batch.outputRows, into: y)
        try addBranches(branch, to: y, activations: activations, on: context)
    }

    private func tables(of activations: DecoderActivations) -> RotaryTables {
        reach == .sliding ? activations.slidingTables : activations.fullTables
    }

    /// x += branch; x += feedForward(norm(x)).
    ///
    /// - Parameter branch: what attention returned; overwritten.
    private func addBranches(
        _ branch: FloatMatrix,
        to x: FloatMatrix,
        activations: DecoderActivations,
        on context: ComputeContext
    ) throws(TensorError) {
        if let postAttentionNorm { try postAttentionNorm.forward(branch, into: branch, on: context) }
        try context.add(branch, to: x)

        let normed = activations.normed.rows(0..<x.rows)
        try feedForwardNorm.forward(x, into: normed, on: context)
        try feedForward.forward(normed, into: branch, activations: activations, on: context)
        if let postFeedForwardNorm { try postFeedForwardNorm.forward(branch, into: branch, on: context) }
        try context.add(branch, to: x)
    }

    // MARK: Training

    /// x: [T, C], in place. Keeps on the tape what ``backward(_:batch:tables:tape:gradients:workspace:step:)`` needs.
    package func forward(
        _ x: FloatMatrix,
        batch: PackedBatch,
        tables: RotaryTables,
        tape: DecoderLayerTape,
        workspace: DecoderWorkspace,
        step: TrainingStep
    ) throws(TensorError) {
        let context = step.context
        let normed = workspace.normed  // [T, C]
        let branch = workspace.branch  // [T, C]

        tape.input.copy(from: x)
        try attentionNorm.forward(x, into: normed, on: context)
        try attention.forward(normed, into: branch, batch: batch, tables: tables, tape: tape.attention, step: step)
        if let postAttentionNorm, let result = tape.attentionResult {
            result.copy(from: branch)
            try postAttentionNorm.forward(result, into: branch, on: context)
        }
        try context.add(branch, to: x)

        tape.middle.copy(from: x)
        try feedForwardNorm.forward(x, into: normed, on: context)
        try feedForward.forward(normed, into: branch, tape: tape.feedForward, workspace: workspace, step: step)
        if let postFeedForwardNorm, let result = tape.feedForwardResult {
            result.copy(from: branch)
            try postFeedForwardNorm.forward(result, into: branch, on: context)
        }
        try context.add(branch, to: x)
    }

    /// dx: [T, C], the gradient at the layer's output, in place to the one at its input. The tape is used up.
    package func backward(
        _ dx: FloatMatrix,
        batch: PackedBatch,
        tables: RotaryTables,
        tape: DecoderLayerTape,
        gradients: DecoderLayerGradients,
        workspace: DecoderWorkspace,
        step: TrainingStep
    ) throws(TensorError) {
        let context = step.context
        let normed = workspace.normed  // [T, C]
        let dnormed = workspace.dnormed  // [T, C]

        // x + feedForward(norm(x)): dx keeps the part of the residual stream, the branch's part is added to it.
        let dlifted = try branchGradient(dx, postFeedForwardNorm, tape.feedForwardResult, gradients.postFeedForwardNorm)
        try feedForwardNorm.forward(tape.middle, into: normed, on: context)
        try feedForward.backward(
            normed,
            dy: dlifted,
            dx: dnormed,
            tape: tape.feedForward,
            gradients: gradients,
            workspace: workspace,
            step: step
        )
        try feedForwardNorm.backward(
            tape.middle,
            dy: dnormed,
            addingTo: dx,
            dweight: gradients.feedForwardNorm,
            on: context
        )

        // x + attention(norm(x))
        let dattended = try branchGradient(dx, postAttentionNorm, tape.attentionResult, gradients.postAttentionNorm)
        try attentionNorm.forward(tape.input, into: normed, on: context)
        try attention.backward(
            normed,
            dy: dattended,
            dx: dnormed,
            batch: batch,
            tables: tables,
            tape: tape.attention,
            gradients: gradients,
            workspace: workspace,
            step: step
        )
        try attentionNorm.backward(
            tape.input,
            dy: dnormed,
            addingTo: dx,
            dweight: gradients.attentionNorm,
            on: context
        )

        /// The gradient at what a branch returned: that of the stream itself, or through the branch's own norm.
        func branchGradient(
            _ dx: FloatMatrix,
            _ norm: RMSNorm?,
            _ result: FloatMatrix?,
            _ dweight: FloatMatrix?
        ) throws(TensorError) -> FloatMatrix {
            guard let norm, let result else { return dx }
            let dbranch = workspace.branch
            dbranch.fill(0)
            try norm.backward(result, dy: dx, addingTo: dbranch, dweight: dweight, on: context)
            return dbranch
        }
    }
}
