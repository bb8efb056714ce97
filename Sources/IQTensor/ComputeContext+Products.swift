// Swift faces of the products and of the conversions between number formats.

internal import CIQKernels

extension ComputeContext {
    /// y[T, N] = x[T, K] · w[N, K]ᵀ + bias[N].
    package func linear(
        _ x: FloatMatrix,
        _ weights: WeightMatrix,
        bias: WeightVector? = nil,
        product: QuantizedProduct = .exact,
        into y: FloatMatrix
    ) throws(TensorError) {
        precondition(
            x.columns == weights.columns && y.columns == weights.rows && x.rows == y.rows
                && (bias == nil || bias?.count == weights.rows),
            "linear: x \(x.rows)x\(x.columns), w \(weights.rows)x\(weights.columns), y \(y.rows)x\(y.columns)"
        )
        if weights.layout == .packed {
            return try linear(x, PackedProduct(weights, bias: bias, into: y))
        }
        try check(
            iqk_linear(
                handle,
                x.pointer,
                Int64(x.stride),
                weights.pointer,
                weights.format.kernelFormat,
                bias?.pointer,
                y.pointer,
                Int64(y.stride),
                Int64(x.rows),
                Int64(weights.rows),
                Int64(weights.columns),
                product.kernelProduct
            ),
            "linear"
        )
    }

    /// c[M, N] = alpha · op(a) · op(b) + beta · c. With a beta of 0, c is not read.
    package func multiply(
        _ a: FloatMatrix,
        transposed transposeA: Bool = false,
        _ b: FloatMatrix,
        transposed transposeB: Bool = false,
        alpha: Float = 1,
        beta: Float = 0,
        precision: MatrixPrecision = .f32,
        into c: FloatMatrix
    ) throws(TensorError) {
        let (m, k) = transposeA ? (a.columns, a.rows) : (a.rows, a.columns)
        let (kb, n) = transposeB ? (b.columns, b.rows) : (b.rows, b.columns)
        precondition(
            k == kb && c.rows == m && c.columns == n,
            "multiply: op(a) \(m)x\(k), op(b) \(kb)x\(n), c \(c.rows)x\(c.columns)"
        )
        try check(
            iqk_gemm(
                handle,
                precision.kernelPrecision,
                transposeA,
                transposeB,
                Int64(m),
                Int64(n),
                Int64(k),
                alpha,
                a.pointer,
                Int64(a.stride),
                b.pointer,
                Int64(b.stride),
                beta,
                c.pointer,
                Int64(c.stride)
            ),
            "multiply"
        )
    }

    /// c[M, N] = alpha · op(a) · op(w) + beta · c with weights in any format: those that are not f32 are expanded into
    /// scratch memory of this context first.
    package func multiply(
        _ a: FloatMatrix,
        _ weights: WeightMatrix,
        transposed transposeWeights: Bool = false,
        alpha: Float = 1,
        beta: Float = 0,
        precision: MatrixPrecision = .f32,
        into c: FloatMatrix
    ) throws(TensorError) {
        let (k, n) =
            transposeWeights ? (weights.columns, weights.rows) : (weights.rows, weights.columns)
        precondition(
            a.columns == k && c.rows == a.rows && c.columns == n,
            "multiply: a \(a.rows)x\(a.columns), op(w) \(k)x\(n), c \(c.rows)x\(c.columns)"
        )
        try check(
            iqk_gemm(
                handle,
                precision.kernelPrecision,
                false,
                transposeWeights,
                Int64(a.rows),
                Int64(n),
                Int64(k),
                alpha,
                a.pointer,
                Int64(a.stride),
                try expandedPointer(weights),
                Int64(weights.columns),
                beta,
                c.pointer,
                Int64(c.stride)
            ),
            "multiply"
        )
    }

    /// The weights in f32: their own memory, or scratch memory that is valid until the next call.
    func expandedPointer(_ weights: WeightMatrix) throws(TensorError) -> UnsafePointer<Float> {
        if weights.format == .f32, weights.layout == .rows {
            return weights.pointer.assumingMemoryBound(to: Float.self)
        }
        let count = weights.rows * weights.columns
        let scratch = try expansionBuffer(count: count)
        if weights.layout == .packed {
            try expandPacked(weights, into: scratch.base, stride: weights.columns)
            return UnsafePointer(scratch.base)
        }
        try check(
            iqk_dequantize(handle, weights.format.kernelFormat, weights.pointer, scratch.base, Int64(count)),
            "dequantize"
        )
        return UnsafePointer(scratch.base)
    }

    /// destination[i] = row rows[i] of the table, in f32.
    package func gatherRows(
        of table: WeightMatrix,
        _ rows: [Int32],
        into destination: FloatMatrix
    ) throws(TensorError) {
        precondition(
            destination.columns == table.columns && destination.rows >= rows.count,
            "gather \(rows.count) rows of \(table.columns) into \(destination.rows)x\(destination.columns)"
        )
        for row in rows { precondition(row >= 0 && Int(row) < table.rows, "row \(row) of a table of \(table.rows)") }
        if table.layout == .packed { return try gatherPackedRows(of: table, rows, into: destination) }
        try check(
            rows.withUnsafeBufferPointer { buffer in
                guard let start = buffer.baseAddress else { return IQK_OK }
                return iqk_gather_rows(
                    handle,
                    table.pointer,
                    table.format.kernelFormat,
                    start,
                    Int64(buffer.count),
                    Int64(table.columns),
                    destination.pointer,
                    Int64(destination.stride)
                )
            },
            "gatherRows"
        )
    }

    /// Writes the matrix in f32 into memory of the same shape.
    package func expand(_ matrix: WeightMatrix, into destination: FloatMatrix) throws(TensorError) {
        precondition(
            destination.rows == matrix.rows && destination.columns == matrix.columns
                && destination.stride == destination.columns,
            "expand \(matrix.rows)x\(matrix.columns) into \(destination.rows)x\(destination.columns)"
        )
        if matrix.layout == .packed {
            return try expandPacked(matrix, into: destination.pointer, stride: destination.stride)
        }
        try check(
            iqk_dequantize(
                handle,
                matrix.format.kernelFormat,
                matrix.pointer,
                destination.pointer,
                Int64(matrix.rows * matrix.columns)
            ),
            "dequantize"
        )
    }

    /// The matrix in f32; the same matrix if it already is.
    package func dequantized(_ matrix: WeightMatrix) throws -> WeightMatrix {
        guard matrix.format != .f32 || matrix.layout == .packed else { return matrix }
        let count = matrix.rows * matrix.columns
        let storage = try TensorStorage.allocate(byteCount: count * MemoryLayout<Float>.stride) { bytes in
            guard count > 0, let start = bytes.bindMemory(to: Float.self).baseAddress else { return }
            if matrix.layout == .packed { return try expandPacked(matrix, into: start, stride: matrix.columns) }
            try check(
                iqk_dequantize(handle, matrix.format.kernelFormat, matrix.pointer, start, Int64(count)),
                "dequantize"
            )
        }
        return WeightMatrix(format: .f32, rows: matrix.rows, columns: matrix.columns, storage: storage)
    }

    /// The matrix converted to `format` (f32, f16, bf16, q8_0 or q4_0), by way of f32.
    package func converted(_ matrix: WeightMatrix, to format: NumberFormat) throws -> WeightMatrix {
        guard matrix.format != format || matrix.layout == .packed else { return matrix }
        let source = try dequantized(matrix)
        guard format != .f32 else { return source }
        let count = matrix.rows * matrix.columns
        guard format.byteCount(of: matrix.columns) != nil, let byteCount = format.byteCount(of: count) else {
            throw TensorError.unsupportedFormat(
                operation: "conversion of \(matrix.columns) columns to \(format.rawValue)"
            )
        }
        let storage = try TensorStorage.allocate(byteCount: byteCount) { bytes in
            guard count > 0, let start = bytes.baseAddress else { return }
            try check(
                iqk_quantize(
                    handle,
                    format.kernelFormat,
                    source.pointer.assumingMemoryBound(to: Float.self),
                    start,
                    Int64(count)
                ),
                "quantize"
            )
        }
        return WeightMatrix(format: format, rows: matrix.rows, columns: matrix.columns, storage: storage)
    }
}
