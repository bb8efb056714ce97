// Swift faces of the row operations: norms, rotary embedding, activations, residual sums.

internal import CIQKernels

extension ComputeContext {
    /// y = x / √(mean(x²) + epsilon) · (weight + weightOffset), over each group of `weight.count` columns of each row.
    package func rmsNorm(
        _ x: FloatMatrix,
        weight: WeightVector,
        weightOffset: Float,
        epsilon: Float,
        into y: FloatMatrix
    ) throws(TensorError) {
        precondition(
            x.rows == y.rows && x.columns == y.columns && weight.count > 0 && x.columns % weight.count == 0,
            "rmsNorm: x \(x.rows)x\(x.columns), weight \(weight.count), y \(y.rows)x\(y.columns)"
        )
        try check(
            iqk_rms_norm(
                handle,
                x.pointer,
                Int64(x.stride),
                weight.pointer,
                weightOffset,
                epsilon,
                y.pointer,
                Int64(y.stride),
                Int64(x.rows),
                Int64(x.columns / weight.count),
                Int64(weight.count)
            ),
            "rmsNorm"
        )
    }

    /// y = (x − mean) / √(variance + epsilon) · weight + bias, row by row.
    package func layerNorm(
        _ x: FloatMatrix,
        weight: WeightVector,
        bias: WeightVector,
        epsilon: Float,
        into y: FloatMatrix
    ) throws(TensorError) {
        precondition(
            x.rows == y.rows && x.columns == y.columns && weight.count == x.columns && bias.count == x.columns,
            "layerNorm: x \(x.rows)x\(x.columns), weight \(weight.count), y \(y.rows)x\(y.columns)"
        )
        try check(
            iqk_layer_norm(
                handle,
                x.pointer,
                Int64(x.stride),
                weight.pointer,
                bias.pointer,
                epsilon,
                y.pointer,
                Int64(y.stride),
                Int64(x.rows),
                Int64(x.columns)
            ),
            "layerNorm"
        )
    }

    /// Cosines and sines of position · inverse frequency, times `scale`, for ``rotate(_:cosine:sine:headDimension:)``.
    package func rotaryTables(
        positions: [Int32],
        inverseFrequencies: WeightVector,
        scale: Float,
        cosine: FloatMatrix,
        sine: FloatMatrix
    ) throws(TensorError) {
        precondition(
            cosine.columns == inverseFrequencies.count && sine.columns == inverseFrequencies.count
                && cosine.rows >= positions.count && sine.rows >= positions.count
                && cosine.stride == cosine.columns && sine.stride == sine.columns,
            "rotaryTables: \(positions.count) positions, \(inverseFrequencies.count) frequencies, tables \(cosine.rows)x\(cosine.columns)"
        )
        try check(
            positions.withUnsafeBufferPointer { buffer in
                guard let start = buffer.baseAddress else { return IQK_OK }
                return iqk_rope_tables(
                    handle,
                    start,
                    Int64(buffer.count),
                    inverseFrequencies.pointer,
                    Int64(inverseFrequencies.count),
                    scale,
                    cosine.pointer,
                    sine.pointer
                )
            },
            "rotaryTables"
        )
    }

    /// Rotates the pairs (i, i + half) of each head in place, half being the tables' width.
    package func rotate(
        _ x: FloatMatrix,
        cosine: FloatMatrix,
        sine: FloatMatrix,
        headDimension: Int
    ) throws(TensorError) {
        precondition(
            headDimension > 0 && x.columns % headDimension == 0 && cosine.rows >= x.rows && sine.rows >= x.rows
                && cosine.columns * 2 <= headDimension && sine.columns == cosine.columns
                && cosine.stride == cosine.columns && sine.stride == sine.columns,
            "rotate: x \(x.rows)x\(x.columns), head \(headDimension), tables \(cosine.rows)x\(cosine.columns)"
        )
        try check(
            iqk_rope_apply(
                handle,
                x.pointer,
                Int64(x.stride),
                cosine.pointer,
                sine.pointer,
                Int64(x.rows),
                Int64(x.columns / headDimension),
                Int64(headDimension),
                Int64(cosine.columns)
            ),
            "rotate"
        )
    }

    /// y = silu(gate) · up.
    package func siluMultiply(_ gate: FloatMatrix, _ up: FloatMatrix, into y: FloatMatrix) throws(TensorError) {
        requireSameShape(gate, up, y, "siluMultiply")
        try check(
            iqk_silu_multiply(
                handle,
                gate.pointer,
                Int64(gate.stride),
                up.pointer,
                Int64(up.stride),
                y.pointer,
                Int64(y.stride),
                Int64(y.rows),
                Int64(y.columns)
            ),
            "siluMultiply"
        )
    }

    /// y = gelu(gate) · up, with the tanh form of GELU.
    package func geluTanhMultiply(_ gate: FloatMatrix, _ up: FloatMatrix, into y: FloatMatrix) throws(TensorError) {
        requireSameShape(gate, up, y, "geluTanhMultiply")
        try check(
            iqk_gelu_tanh_multiply(
                handle,
                gate.pointer,
                Int64(gate.stride),
                up.pointer,
                Int64(up.stride),
                y.pointer,
                Int64(y.stride),
                Int64(y.rows),
                Int64(y.columns)
            ),
            "geluTanhMultiply"
        )
    }

    /// y = gelu(x), the exact form with erf.
    package func geluErf(_ x: FloatMatrix, into y: FloatMatrix) throws(TensorError) {
        requireSameShape(x, x, y, "geluErf")
        try check(
            iqk_gelu_erf(
                handle,
                x.pointer,
                Int64(x.stride),
                y.pointer,
                Int64(y.stride),
                Int64(y.rows),
                Int64(y.columns)
            ),
            "geluErf"
        )
    }

    /// y = tanh(x).
    package func tanh(_ x: FloatMatrix, into y: FloatMatrix) throws(TensorError) {
        requireSameShape(x, x, y, "tanh")
        try check(
            iqk_tanh(handle, x.pointer, Int64(x.stride), y.pointer, Int64(y.stride), Int64(y.rows), Int64(y.columns)),
            "tanh"
        )
    }

    /// y += x.
    package func add(_ x: FloatMatrix, to y: FloatMatrix) throws(TensorError) {
        requireSameShape(x, x, y, "add")
        try check(
            iqk_add(handle, x.pointer, Int64(x.stride), y.pointer, Int64(y.stride), Int64(y.rows), Int64(y.columns)),
            "add"
        )
    }

    /// x *= factor.
    package func scale(_ x: FloatMatrix, by factor: Float) throws(TensorError) {
        try check(
            iqk_scale(handle, factor, x.pointer, Int64(x.stride), Int64(x.rows), Int64(x.columns)),
            "scale"
        )
    }

    func requireSameShape(_ a: FloatMatrix, _ b: FloatMatrix, _ c: FloatMatrix, _ name: StaticString) {
        precondition(
            a.rows == b.rows && a.columns == b.columns && a.rows == c.rows && a.columns == c.columns,
            "\(name): \(a.rows)x\(a.columns), \(b.rows)x\(b.columns), \(c.rows)x\(c.columns)"
        )
    }
}
