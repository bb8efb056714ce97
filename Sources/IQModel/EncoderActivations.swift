// The memory that an encoder's forward pass works in, reused from batch to batch.

package import IQTensor

/// Activations of one batch of at most `rows` tokens.
package struct EncoderActivations {
    package let rows: Int
    /// The residual stream: [T, C].
    let stream: FloatMatrix
    let branch: FloatMatrix
    let query: FloatMatrix
    let key: FloatMatrix
    let value: FloatMatrix
    /// Values mixed by attention: [T, C].
    let mixed: FloatMatrix
    /// [T, F]
    let lifted: FloatMatrix

    package init(configuration: EncoderConfiguration, rows: Int) throws(TensorError) {
        precondition(rows > 0)
        self.rows = rows
        let width = configuration.width
        stream = try FloatMatrix(rows: rows, columns: width)
        branch = try FloatMatrix(rows: rows, columns: width)
        query = try FloatMatrix(rows: rows, columns: width)
        key = try FloatMatrix(rows: rows, columns: width)
        value = try FloatMatrix(rows: rows, columns: width)
        mixed = try FloatMatrix(rows: rows, columns: width)
        lifted = try FloatMatrix(rows: rows, columns: configuration.feedForwardWidth)
    }
}
