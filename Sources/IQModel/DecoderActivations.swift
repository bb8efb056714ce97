// The memory that a decoder's forward pass works in, reused from step to step.

package import IQTensor

/// Cosine and sine of every row's position: [T, D/2] each.
package struct RotaryTables {
    package let cosine: FloatMatrix
    package let sine: FloatMatrix

    package init(rows: Int, half: Int) throws(TensorError) {
        self.init(
            cosine: try FloatMatrix(rows: rows, columns: half),
            sine: try FloatMatrix(rows: rows, columns: half)
        )
    }

    private init(cosine: FloatMatrix, sine: FloatMatrix) {
        self.cosine = cosine
        self.sine = sine
    }

    package func rows(_ range: Range<Int>) -> RotaryTables {
        RotaryTables(cosine: cosine.rows(range), sine: sine.rows(range))
    }
}

/// Activations of one step of at most `rows` tokens, of which at most `outputRows` get logits.
package struct DecoderActivations {
    /// Tokens that a step can have.
    package let rows: Int
    /// Rows of logits that a step can have.
    package let outputRows: Int
    /// The residual stream: [T, C].
    let stream: FloatMatrix
    let normed: FloatMatrix
    /// What attention or feed-forward returns: [T, C].
    let branch: FloatMatrix
    let query: FloatMatrix
    let key: FloatMatrix
    let value: FloatMatrix
    /// Values mixed by attention: [T, H · D].
    let mixed: FloatMatrix
    let gate: FloatMatrix
    let up: FloatMatrix
    let fullTables: RotaryTables
    let slidingTables: RotaryTables
    /// The tables of the rows with logits: [output rows, D/2] each.
    let outputTables: RotaryTables
    /// The residual stream of the rows with logits behind the last layer: [output rows, C].
    let selected: FloatMatrix
    /// [output rows, V]
    package let logits: FloatMatrix

    package init(configuration: DecoderConfiguration, rows: Int, outputRows: Int) throws(TensorError) {
        precondition(rows > 0 && outputRows > 0 && outputRows <= rows)
        let width = configuration.width
        let queryWidth = configuration.heads * configuration.headDimension
        let keyWidth = configuration.kvHeads * configuration.headDimension
        let half = configuration.headDimension / 2
        self.rows = rows
        self.outputRows = outputRows
        stream = try FloatMatrix(rows: rows, columns: width)
        normed = try FloatMatrix(rows: rows, columns: width)
        branch = try FloatMatrix(rows: rows, columns: width)
        query = try FloatMatrix(rows: rows, columns: queryWidth)
        key = try FloatMatrix(rows: rows, columns: keyWidth)
        value = try FloatMatrix(rows: rows, columns: keyWidth)
        mixed = try FloatMatrix(rows: rows, columns: queryWidth)
        gate = try FloatMatrix(rows: rows, columns: configuration.feedForwardWidth)
        up = try FloatMatrix(rows: rows, columns: configuration.feedForwardWidth)
        fullTables = try RotaryTables(rows: rows, half: half)
        slidingTables = try RotaryTables(rows: rows, half: half)
        outputTables = try RotaryTables(rows: outputRows, half: half)
        selected = try FloatMatrix(rows: outputRows, columns: width)
        logits = try FloatMatrix(rows: outputRows, columns: configuration.vocabularySize)
    }
}
