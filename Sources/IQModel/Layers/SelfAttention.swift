// Grouped-query self-attention over a key/value cache.

package import IQTensor

/// Projections, optional norms on query and key, rotation, attention over the cache, and the output projection.
package struct SelfAttention: Sendable {
    package let query: Linear
    package let key: Linear
    package let value: Linear
    package let output: Linear
    package let queryNorm: RMSNorm?
    package let keyNorm: RMSNorm?
    package let shape: AttentionShape

    package init(
        query: Linear,
        key: Linear,
        value: Linear,
        output: Linear,
        queryNorm: RMSNorm?,
        keyNorm: RMSNorm?,
        shape: AttentionShape
    ) {
        self.query = query
        self.key = key
        self.value = value
        self.output = output
        self.queryNorm = queryNorm
        self.keyNorm = keyNorm
        self.shape = shape
    }

    /// x: [T, C] → y: [T, C]. Writes the rows' keys and values into layer `layer` of their sequences' caches first.
    ///
    /// - Parameters:
    ///   - batch: which rows belong to which sequence.
    ///   - tables: rotary tables of this step, [T, D/2] each.
    package func forward(
        _ x: FloatMatrix,
        into y: FloatMatrix,
        layer: Int,
        batch: DecoderBatch,
        tables: RotaryTables,
        activations: DecoderActivations,
        on context: ComputeContext
    ) throws(TensorError) {
        let rows = 0..<x.rows
        let q = activations.query.rows(rows)  // [T, H · D]
        let k = activations.key.rows(rows)  // [T, KV · D]
        let v = activations.value.rows(rows)  // [T, KV · D]
        try Linear.forward(x, (query, q), (key, k), (value, v), on: context)
        try remember(k, v, layer: layer, batch: batch, tables: tables, on: context)
        try attend(q, into: y, layer: layer, batch.attention, tables: tables, activations: activations, on: context)
    }

    /// The same for the rows that get logits alone: x: [T, C] → y: [output rows, C]. Keys and values of all rows go into the caches.
    ///
    /// - Parameter y: x of the output rows passes through here on its way.
    package func forwardOutputs(
        _ x: FloatMatrix,
        into y: FloatMatrix,
        layer: Int,
        batch: DecoderBatch,
        tables: RotaryTables,
        activations: DecoderActivations,
        on context: ComputeContext
    ) throws(TensorError) {
        let rows = 0..<x.rows
        let k = activations.key.rows(rows)  // [T, KV · D]
        let v = activations.value.rows(rows)  // [T, KV · D]
        try Linear.forward(x, (key, k), (value, v), on: context)
        try remember(k, v, layer: layer, batch: batch, tables: tables, on: context)
        guard !batch.outputRows.isEmpty else { return }
        let outputs = 0..<batch.outputRows.count
        let q = activations.query.rows(outputs)  // [output rows, H · D]
        context.gatherRows(of: x, batch.outputRows, into: y)
        try query.forward(y, into: q, on: context)
        let outputTables = activations.outputTables.rows(outputs)
        context.gatherRows(of: tables.cosine, batch.outputRows, into: outputTables.cosine)
        context.gatherRows(of: tables.sine, batch.outputRows, into: outputTables.sine)
        try attend(
            q,
            into: y,
            layer: layer,
            batch.outputAttention,
            tables: outputTables,
            activations: activations,
            on: context
        )
    }

    /// Norm and rotation of the rows' keys, and both into the caches.
    private func remember(
        _ k: FloatMatrix,
        _ v: FloatMatrix,
        layer: Int,
        batch: DecoderBatch,
        tables: RotaryTables,
        on context: ComputeContext
    ) throws(TensorError) {
        if let keyNorm { try keyNorm.forward(k, into: k, on: context) }
        try context.rotate(k, cosine: tables.cosine, sine: tables.sine, headDimension: shape.headDimension)
        for run in batch.writes {
            let written = run.row..<(run.row + run.count)
            try context.store(
                keys: k.rows(written),
                values: v.rows(written),
                in: run.block,
                layer: layer,
                at: run.at
            )
        }
    }

    /// Norm and rotation of the queries, what they see in the caches, and the output projection.
    private func attend(
        _ q: FloatMatrix,
        into y: FloatMatrix,
        layer: Int,
        _ batch: AttentionBatch,
        tables: RotaryTables,
        activations: DecoderActivations,
        on context: ComputeContext
    ) throws(TensorError) {
        if let queryNorm { try queryNorm.forward(q, into: q, on: context) }
        try context.rotate(q, cosine: tables.cosine, sine: tables.sine, headDimension: shape.headDimension)
        let mixed = activations.mixed.rows(0..<q.rows)  // [rows of q, H · D]
        try context.attention(
            shape,
            q: q,
            batch: batch,
            layer: layer,
            precision: query.product == .rounded ? .bf16 : .f32,
            into: mixed
        )
        try output.forward(mixed, into: y, on: context)
    }

    // MARK: Training

    /// x: [T, C] → y: [T, C] over the segments of a packed batch. Keeps query, key, value and what they mix to.
    ///
    /// - Parameters:
    ///   - batch: the segments, as an attention batch over the tape's keys and values.
    ///   - tables: rotary tables of the batch, [T, D/2] each.
    package func forward(
        _ x: FloatMatrix,
        into y: FloatMatrix,
        batch: PackedBatch,
        tables: RotaryTables,
        tape: SelfAttentionTape,
        step: TrainingStep
    ) throws(TensorError) {
        let context = step.context
        try query.forward(x, into: tape.query, step: step)
        try key.forward(x, into: tape.key, step: step)
        try value.forward(x, into: tape.value, step: step)
        if let queryNorm, let raw = tape.rawQuery {
            raw.copy(from: tape.query)
            try queryNorm.forward(raw, into: tape.query, on: context)
        }
        if let keyNorm, let raw = tape.rawKey {
            raw.copy(from: tape.key)
            try keyNorm.forward(raw, into: tape.key, on: context)
        }
        try context.rotate(tape.query, cosine: tables.cosine, sine: tables.sine, headDimension: shape.headDimension)
        try context.rotate(tape.key, cosine: tables.cosine, sine: tables.sine, headDimension: shape.headDimension)
        let attention = batch.attentionBatch(
            keys: tape.key,
            values: tape.value,
            headDimension: shape.headDimension
        )
        try context.attention(
            shape,
            q: tape.query,
            batch: attention,
            layer: 0,
            precision: step.precision,
            into: tape.mixed
        )
        try output.forward(tape.mixed, into: y, step: step)
    }

    /// dx = the gradient at x.
    package func backward(
        _ x: FloatMatrix,
        dy: FloatMatrix,
        dx: FloatMatrix,
        batch: PackedBatch,
        tables: RotaryTables,
        tape: SelfAttentionTape,
        gradients: DecoderLayerGradients,
        workspace: DecoderWorkspace,
        step: TrainingStep
    ) throws(TensorError) {
        let context = step.context
        let dmixed = workspace.dmixed  // [T, H · D]
        var dquery = workspace.dquery  // [T, H · D]
        var dkey = workspace.dkey  // [T, KV · D]
        let dvalue = workspace.dvalue  // [T, KV · D]
        try output.backward(tape.mixed, dy: dy, dx: dmixed, gradients: gradients.output, step: step)
        try context.attentionBackward(
            shape,
            q: tape.query,
            k: tape.key,
            v: tape.value,
            dout: dmixed,
            segments: batch.segments,
            precision: step.precision,
            dq: dquery,
            dk: dkey,
            dv: dvalue
        )
        // The inverse of a rotation is the rotation by the opposite angle.
        let backwards = workspace.negativeSine.rows(0..<x.rows)
        backwards.copy(from: tables.sine)
        try context.scale(backwards, by: -1)
        try context.rotate(dquery, cosine: tables.cosine, sine: backwards, headDimension: shape.headDimension)
        try context.rotate(dkey, cosine: tables.cosine, sine: backwards, headDimension: shape.headDimension)
        if let queryNorm, let raw = tape.rawQuery {
            // dmixed has served and has the shape.
            dmixed.fill(0)
            try queryNorm.backward(raw, dy: dquery, addingTo: dmixed, dweight: gradients.queryNorm, on: context)
            dquery = dmixed
        }
        if let keyNorm, let raw = tape.rawKey, let drawKey = workspace.drawKey {
            drawKey.fill(0)
            try keyNorm.backward(raw, dy: dkey, addingTo: drawKey, dweight: gradients.keyNorm, on: context)
            dkey = drawKey
        }
        try query.backward(x, dy: dquery, dx: dx, gradients: gradients.query, step: step)
        try key.backward(x, dy: dkey, dx: dx, addsToInput: true, gradients: gradients.key, step: step)
        try value.backward(x, dy: dvalue, dx: dx, addsToInput: true, gradients: gradients.value, step: step)
    }
}
