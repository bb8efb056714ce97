// The decoder of all families: embeddings, layers, final norm, output head.

package import IQTensor
internal import IQText

/// A decoder-only language model: immutable weights and the forward pass. The caller owns caches and activations.
package struct DecoderModel: Sendable {
    package let configuration: DecoderConfiguration
    /// [V, C]
    package let embedding: WeightMatrix
    package let layers: [DecoderLayer]
    package let finalNorm: RMSNorm
    package let outputHead: Linear
    package let rotary: RotaryEmbedding
    package let slidingRotary: RotaryEmbedding

    package init(
        configuration: DecoderConfiguration,
        weights: DecoderWeights,
        product: QuantizedProduct = .exact
    ) throws {
        precondition(weights.layers.count == configuration.layers)
        self.configuration = configuration
        embedding = weights.embedding
        layers = zip(weights.layers, configuration.layerReach).map { layer, reach in
            DecoderLayer(layer, configuration: configuration, reach: reach, product: product)
        }
        finalNorm = RMSNorm(
            weight: weights.finalNorm,
            offset: configuration.normWeightOffset,
            epsilon: configuration.normEpsilon
        )
        outputHead = Linear(LinearWeights(weights.outputHead ?? weights.embedding), product: product)
        rotary = try RotaryEmbedding(configuration.rotary, headDimension: configuration.headDimension)
        slidingRotary = try RotaryEmbedding(configuration.slidingRotary, headDimension: configuration.headDimension)
    }

    private init(_ model: DecoderModel, layers: [DecoderLayer]) {
        configuration = model.configuration
        embedding = model.embedding
        self.layers = layers
        finalNorm = model.finalNorm
        outputHead = model.outputHead
        rotary = model.rotary
        slidingRotary = model.slidingRotary
    }

    /// The same weights, in the same memory, with an adapter's changes (in place of another's).
    package func with(_ adapter: DecoderAdapter) -> DecoderModel {
        DecoderModel(
            self,
            layers: layers.enumerated().map { index, layer in
                layer.with { adapter[AdapterSite(layer: index, projection: $0)] }
            }
        )
    }

    /// Runs the batch's rows through the model: fills the caches and returns logits [output rows, V], a view of
    /// `activations` that is valid until the next step.
    ///
    /// Tokens must be in the vocabulary; the caller checks what comes from outside.
    package func forward(
        _ batch: DecoderBatch,
        activations: DecoderActivations,
        on context: ComputeContext
    ) throws(TensorError) -> FloatMatrix {
        let rows = 0..<batch.rows
        precondition(
            batch.rows > 0 && batch.rows <= activations.rows && batch.outputRows.count <= activations.outputRows,
            "a step of \(batch.rows) rows, \(batch.outputRows.count) outputs in room for \(activations.rows), \(activations.outputRows)"
        )
        let x = activations.stream.rows(rows)  // [T, C]
        try context.gatherRows(of: embedding, batch.tokens, into: x)
        if configuration.embeddingScale != 1 { try context.scale(x, by: configuration.embeddingScale) }

        try fillTables(activations.fullTables, rotary, batch.positions, on: context)
        if configuration.layerReach.contains(.sliding) {
            try fillTables(activations.slidingTables, slidingRotary, batch.positions, on: context)
        }
        let outputs = 0..<batch.outputRows.count
        let isTrimmed = outputs.count < batch.rows
        for (index, layer) in layers.dropLast(isTrimmed ? 1 : 0).enumerated() {
            try layer.forward(x, layer: index, batch: batch, activations: activations, on: context)
        }
        guard isTrimmed, let last = layers.last else { return try head(x, activations: activations, on: context) }
        // Behind the last layer's keys and values nothing is needed of rows without logits.
        let selected = activations.selected.rows(outputs)  // [output rows, C]
        try last.forwardOutputs(
            x,
            into: selected,
            layer: layers.count - 1,
            batch: batch,
            activations: activations,
            on: context
        )
        return try head(selected, activations: activations, on: context)
    }

    private func fillTables(
        _ tables: RotaryTables,
        _ rotary: RotaryEmbedding,
        _ positions: [Int32],
        on context: ComputeContext
    ) throws(TensorError) {
        try rotary.tables(positions: positions, cosine: tables.cosine, sine: tables.sine, on: context)
    }

    /// Final norm, in place, and output head.
    private func head(
        _ x: FloatMatrix,
        activations: DecoderActivations,
        on context: ComputeContext
    ) throws(TensorError) -> FloatMatrix {
        let logits = activations.logits.rows(0..<x.rows)  // [output rows, V]
        guard x.rows > 0 else { return logits }
        try finalNorm.forward(x, into: x, on: context)
        try outputHead.forward(x, into: logits, on: context)
        if let cap = configuration.finalSoftCap {
            try context.scale(logits, by: 1 / cap)
            try context.tanh(logits, into: logits)
            try context.scale(logits, by: cap)
        }
        return logits
    }
}
