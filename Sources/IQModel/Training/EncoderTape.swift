// What an encoder's forward pass keeps for its backward pass, and the memory that both work in.

package import IQTensor

/// Kept by a layer. The activated feed-forward is computed again in the backward pass: it costs little.
package struct EncoderLayerTape {
    /// The layer's input: [T, C].
    package let input: FloatMatrix
    /// [T, C]
    package let query: FloatMatrix
    package let key: FloatMatrix
    package let value: FloatMatrix
    /// Values mixed by attention: [T, C].
    package let mixed: FloatMatrix
    /// Input and attention's result together, before their norm: [T, C].
    package let attentionSum: FloatMatrix
    /// After that norm: [T, C].
    package let middle: FloatMatrix
    /// Before the activation: [T, F].
    package let lifted: FloatMatrix
    /// The middle and the feed-forward's result together, before their norm: [T, C].
    package let feedForwardSum: FloatMatrix

    package init(configuration: EncoderConfiguration, rows: Int) throws(TensorError) {
        let width = configuration.width
        input = try FloatMatrix(rows: rows, columns: width)
        query = try FloatMatrix(rows: rows, columns: width)
        key = try FloatMatrix(rows: rows, columns: width)
        value = try FloatMatrix(rows: rows, columns: width)
        mixed = try FloatMatrix(rows: rows, columns: width)
        attentionSum = try FloatMatrix(rows: rows, columns: width)
        middle = try FloatMatrix(rows: rows, columns: width)
        lifted = try FloatMatrix(rows: rows, columns: configuration.feedForwardWidth)
        feedForwardSum = try FloatMatrix(rows: rows, columns: width)
    }

    private init(_ source: EncoderLayerTape, rows range: Range<Int>) {
        input = source.input.rows(range)
        query = source.query.rows(range)
        key = source.key.rows(range)
        value = source.value.rows(range)
        mixed = source.mixed.rows(range)
        attentionSum = source.attentionSum.rows(range)
        middle = source.middle.rows(range)
        lifted = source.lifted.rows(range)
        feedForwardSum = source.feedForwardSum.rows(range)
    }

    /// Some rows of all matrices.
    package func rows(_ range: Range<Int>) -> EncoderLayerTape { EncoderLayerTape(self, rows: range) }

    /// Floats that one row takes.
    package static func floatsPerRow(_ configuration: EncoderConfiguration) -> Int {
        8 * configuration.width + configuration.feedForwardWidth
    }
}

/// Memory of one layer's passes, shared by all layers.
package struct EncoderWorkspace {
    /// [T, C]
    let branch: FloatMatrix
    let dsum: FloatMatrix
    let dmixed: FloatMatrix
    let dquery: FloatMatrix
    let dkey: FloatMatrix
    let dvalue: FloatMatrix
    /// [T, F]
    let activated: FloatMatrix
    let dactivated: FloatMatrix

    package init(configuration: EncoderConfiguration, rows: Int) throws(TensorError) {
        let width = configuration.width
        branch = try FloatMatrix(rows: rows, columns: width)
        dsum = try FloatMatrix(rows: rows, columns: width)
        dmixed = try FloatMatrix(rows: rows, columns: width)
        dquery = try FloatMatrix(rows: rows, columns: width)
        dkey = try FloatMatrix(rows: rows, columns: width)
        dvalue = try FloatMatrix(rows: rows, columns: width)
        activated = try FloatMatrix(rows: rows, columns: configuration.feedForwardWidth)
        dactivated = try FloatMatrix(rows: rows, columns: configuration.feedForwardWidth)
    }

    private init(_ source: EncoderWorkspace, rows range: Range<Int>) {
        branch = source.branch.rows(range)
        dsum = source.dsum.rows(range)
        dmixed = source.dmixed.rows(range)
        dquery = source.dquery.rows(range)
        dkey = source.dkey.rows(range)
        dvalue = source.dvalue.rows(range)
        activated = source.activated.rows(range)
        dactivated = source.dactivated.rows(range)
    }

    /// Some rows of all matrices.
    package func rows(_ range: Range<Int>) -> EncoderWorkspace { EncoderWorkspace(self, rows: range) }

    /// Floats that one row takes.
    package static func floatsPerRow(_ configuration: EncoderConfiguration) -> Int {
        6 * configuration.width + 2 * configuration.feedForwardWidth
    }
}
