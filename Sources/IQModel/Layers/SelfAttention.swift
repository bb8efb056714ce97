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
        try query.forward(x, into: q, on: context)
        try key.forward(x, into: k, on: context)
        try value.forward(x, into: v, on: context)
        if let queryNorm { try queryNorm.forward(q, into: q, on: context) }
        if let keyNorm { try keyNorm.forward(k, into: k, on: context) }
        try context.rotate(q, cosine: tables.cosine, sine: tables.sine, headDimension: shape.headDimension)
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
        let mixed = activations.mixed.rows(rows)  // [T, H · D]
        try context.attention(shape, q: q, batch: batch.attention, layer: layer, into: mixed)
        try output.forward(mixed, into: y, on: context)
    }
}
