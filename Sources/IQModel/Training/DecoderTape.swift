// What a decoder's forward pass keeps for its backward pass, and the memory that both work in.

package import IQTensor

/// Kept by attention.
package struct SelfAttentionTape {
    /// After norm and rotation: [T, H · D].
    package let query: FloatMatrix
    /// After norm and rotation: [T, KV · D].
    package let key: FloatMatrix
    /// [T, KV · D]
    package let value: FloatMatrix
    /// Query and key before their norms; nil where there are none.
    package let rawQuery: FloatMatrix?
    package let rawKey: FloatMatrix?
    /// Values mixed by attention: [T, H · D].
    package let mixed: FloatMatrix
}

/// Kept by the feed-forward; its backward pass overwrites both by their gradients.
package struct GatedFeedForwardTape {
    /// [T, F]
    package let gate: FloatMatrix
    /// [T, F]
    package let up: FloatMatrix
}

/// Kept by a layer. Norms and the gated product are computed again in the backward pass: they cost little.
package struct DecoderLayerTape {
    /// The residual stream at the layer's input: [T, C].
    package let input: FloatMatrix
    package let attention: SelfAttentionTape
    /// What attention returned, before its own norm (sandwich norms only): [T, C].
    package let attentionResult: FloatMatrix?
    /// The residual stream between attention and feed-forward: [T, C].
    package let middle: FloatMatrix
    package let feedForward: GatedFeedForwardTape
    /// What the feed-forward returned, before its own norm (sandwich norms only): [T, C].
    package let feedForwardResult: FloatMatrix?

    package init(configuration: DecoderConfiguration, rows: Int) throws(TensorError) {
        let width = configuration.width
        let queryWidth = configuration.heads * configuration.headDimension
        let keyWidth = configuration.kvHeads * configuration.headDimension
        let hasNorms = configuration.hasQueryKeyNorm
        let isSandwich = configuration.hasSandwichNorms
        input = try FloatMatrix(rows: rows, columns: width)
        attention = SelfAttentionTape(
            query: try FloatMatrix(rows: rows, columns: queryWidth),
            key: try FloatMatrix(rows: rows, columns: keyWidth),
            value: try FloatMatrix(rows: rows, columns: keyWidth),
            rawQuery: hasNorms ? try FloatMatrix(rows: rows, columns: queryWidth) : nil,
            rawKey: hasNorms ? try FloatMatrix(rows: rows, columns: keyWidth) : nil,
            mixed: try FloatMatrix(rows: rows, columns: queryWidth)
        )
        attentionResult = isSandwich ? try FloatMatrix(rows: rows, columns: width) : nil
        middle = try FloatMatrix(rows: rows, columns: width)
        feedForward = GatedFeedForwardTape(
            gate: try FloatMatrix(rows: rows, columns: configuration.feedForwardWidth),
            up: try FloatMatrix(rows: rows, columns: configuration.feedForwardWidth)
        )
        feedForwardResult = isSandwich ? try FloatMatrix(rows: rows, columns: width) : nil
    }

    private init(
        input: FloatMatrix,
        attention: SelfAttentionTape,
        attentionResult: FloatMatrix?,
        middle: FloatMatrix,
        feedForward: GatedFeedForwardTape,
        feedForwardResult: FloatMatrix?
    ) {
        self.input = input
        self.attention = attention
        self.attentionResult = attentionResult
        self.middle = middle
        self.feedForward = feedForward
        self.feedForwardResult = feedForwardResult
    }

    /// The first rows of all matrices.
    package func rows(_ range: Range<Int>) -> DecoderLayerTape {
        DecoderLayerTape(
            input: input.rows(range),
            attention: SelfAttentionTape(
                query: attention.query.rows(range),
                key: attention.key.rows(range),
                value: attention.value.rows(range),
                rawQuery: attention.rawQuery?.rows(range),
                rawKey: attention.rawKey?.rows(range),
                mixed: attention.mixed.rows(range)
            ),
            attentionResult: attentionResult?.rows(range),
            middle: middle.rows(range),
            feedForward: GatedFeedForwardTape(
                gate: feedForward.gate.rows(range),
                up: feedForward.up.rows(range)
            ),
            feedForwardResult: feedForwardResult?.rows(range)
        )
    }

    /// Floats that one row takes.
    package static func floatsPerRow(_ configuration: DecoderConfiguration) -> Int {
        let queryWidth = configuration.heads * configuration.headDimension
        let keyWidth = configuration.kvHeads * configuration.headDimension
        return 2 * configuration.width * (configuration.hasSandwichNorms ? 2 : 1)
            + 2 * queryWidth + 2 * keyWidth
            + (configuration.hasQueryKeyNorm ? queryWidth + keyWidth : 0)
            + 2 * configuration.feedForwardWidth
    }
}

/// Memory of one layer's passes, shared by all layers.
package struct DecoderWorkspace {
    /// [T, C]
    let normed: FloatMatrix
    let branch: FloatMatrix
    let dnormed: FloatMatrix
    /// [T, F]
    let gated: FloatMatrix
    let dgated: FloatMatrix
    /// [T, H · D]
    let dmixed: FloatMatrix
    let dquery: FloatMatrix
    /// [T, KV · D]
    let dkey: FloatMatrix
    let dvalue: FloatMatrix
    /// The gradient at the keys before their norm; nil where there is none.
    let drawKey: FloatMatrix?
    /// [T, D/2]
    let negativeSine: FloatMatrix

    package init(configuration: DecoderConfiguration, rows: Int) throws(TensorError) {
        let width = configuration.width
        let queryWidth = configuration.heads * configuration.headDimension
        let keyWidth = configuration.kvHeads * configuration.headDimension
        normed = try FloatMatrix(rows: rows, columns: width)
        branch = try FloatMatrix(rows: rows, columns: width)
        dnormed = try FloatMatrix(rows: rows, columns: width)
        gated = try FloatMatrix(rows: rows, columns: configuration.feedForwardWidth)
        dgated = try FloatMatrix(rows: rows, columns: configuration.feedForwardWidth)
        dmixed = try FloatMatrix(rows: rows, columns: queryWidth)
        dquery = try FloatMatrix(rows: rows, columns: queryWidth)
        dkey = try FloatMatrix(rows: rows, columns: keyWidth)
        dvalue = try FloatMatrix(rows: rows, columns: keyWidth)
        drawKey = configuration.hasQueryKeyNorm ? try FloatMatrix(rows: rows, columns: keyWidth) : nil
        negativeSine = try FloatMatrix(rows: rows, columns: configuration.headDimension / 2)
    }

    private init(_ source: DecoderWorkspace, rows range: Range<Int>) {
        normed = source.normed.rows(range)
        branch = source.branch.rows(range)
        dnormed = source.dnormed.rows(range)
        gated = source.gated.rows(range)
        dgated = source.dgated.rows(range)
        dmixed = source.dmixed.rows(range)
        dquery = source.dquery.rows(range)
        dkey = source.dkey.rows(range)
        dvalue = source.dvalue.rows(range)
        drawKey = source.drawKey?.rows(range)
        negativeSine = source.negativeSine.rows(range)
    }

    /// The first rows of all matrices.
    package func rows(_ range: Range<Int>) -> DecoderWorkspace { DecoderWorkspace(self, rows: range) }

    /// Floats that one row takes.
    package static func floatsPerRow(_ configuration: DecoderConfiguration) -> Int {
        let queryWidth = configuration.heads * configuration.headDimension
        let keyWidth = configuration.kvHeads * configuration.headDimension
        return 3 * configuration.width + 2 * configuration.feedForwardWidth + 2 * queryWidth
            + (configuration.hasQueryKeyNorm ? 3 : 2) * keyWidth + configuration.headDimension / 2
    }
}
