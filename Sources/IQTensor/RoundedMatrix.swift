// Operands of products in bfloat16, rounded once for several products.

internal import CIQKernels

/// Rows of bfloat16 numbers in memory that belongs to someone else, who says how long it is valid.
package struct RoundedMatrix {
    let buffer: FloatBuffer
    /// Where the first row begins, in floats.
    let offset: Int
    package let rows: Int
    package let columns: Int
    /// Numbers between the beginnings of two rows.
    let stride: Int
}

/// What a product multiplies: f32 numbers, which a product in bfloat16 rounds on the way, or rounded ones.
package enum ProductOperand {
    case exact(FloatMatrix)
    case rounded(RoundedMatrix)

    package var rows: Int {
        switch self {
        case .exact(let matrix): matrix.rows
        case .rounded(let matrix): matrix.rows
        }
    }

    package var columns: Int {
        switch self {
        case .exact(let matrix): matrix.columns
        case .rounded(let matrix): matrix.columns
        }
    }

    func kernelOperand(transposed: Bool) -> iqk_operand {
        switch self {
        case .exact(let matrix):
            iqk_operand(
                start: matrix.pointer,
                stride: Int64(matrix.stride),
                transposed: transposed,
                is_rounded: false
            )
        case .rounded(let matrix):
            iqk_operand(
                start: matrix.buffer.base + matrix.offset,
                stride: Int64(matrix.stride),
                transposed: transposed,
                is_rounded: true
            )
        }
    }
}

extension ComputeContext {
    /// The matrix rounded to bfloat16, in memory of this context; valid until the slot is asked for again.
    package func rounded(_ x: FloatMatrix, in slot: ScratchSlot) throws(TensorError) -> RoundedMatrix {
        let stride = Self.roundedStride(columns: x.columns)
        let memory = try scratch(slot, rows: x.rows, columns: stride / 2)
        let result = RoundedMatrix(
            buffer: memory.buffer,
            offset: memory.offset,
            rows: x.rows,
            columns: x.columns,
            stride: stride
        )
        try round(x, into: result)
        return result
    }

    /// The matrix rounded to bfloat16 in its own memory: its numbers in f32 are lost.
    package func roundedInPlace(_ x: FloatMatrix) throws(TensorError) -> RoundedMatrix {
        let result = RoundedMatrix(
            buffer: x.buffer,
            offset: x.offset,
            rows: x.rows,
            columns: x.columns,
            stride: 2 * x.stride
        )
        try round(x, into: result)
        return result
    }

    /// Bytes of scratch memory for a rounded matrix.
    package static func roundedByteCount(rows: Int, columns: Int) -> Int { rows * roundedStride(columns: columns) * 2 }

    /// Rows begin at cache lines, but not at multiples of 1 KiB: lines that far apart fall on few places of the caches.
    private static func roundedStride(columns: Int) -> Int {
        let stride = (columns + 31) / 32 * 32
        return stride % 512 == 0 ? stride + 32 : stride
    }

    private func round(_ x: FloatMatrix, into y: RoundedMatrix) throws(TensorError) {
        try check(
            iqk_round_rows(
                handle,
                x.pointer,
                Int64(x.stride),
                y.buffer.base + y.offset,
                Int64(y.stride),
                Int64(x.rows),
                Int64(x.columns)
            ),
            "round"
        )
    }

    /// c[M, N] = alpha · op(a) · op(b) + beta · c in bfloat16. With a beta of 0, c is not read.
    package func multiplyRounded(
        _ a: ProductOperand,
        transposed transposeA: Bool = false,
        _ b: ProductOperand,
        transposed transposeB: Bool = false,
        alpha: Float = 1,
        beta: Float = 0,
        into c: FloatMatrix
    ) throws(TensorError) {
        let (m, k) = transposeA ? (a.columns, a.rows) : (a.rows, a.columns)
        let (kb, n) = transposeB ? (b.columns, b.rows) : (b.rows, b.columns)
        precondition(
            k == kb && c.rows == m && c.columns == n,
            "multiply: op(a) \(m)x\(k), op(b) \(kb)x\(n), c \(c.rows)x\(c.columns)"
        )
        try multiplyRounded(
            a.kernelOperand(transposed: transposeA),
            b.kernelOperand(transposed: transposeB),
            depth: k,
            alpha: alpha,
            beta: beta,
            into: c
        )
    }

    /// The same with weights in any format: those that are not f32 are expanded into scratch memory of this context first.
    package func multiplyRounded(
        _ a: ProductOperand,
        _ weights: WeightMatrix,
        transposed transposeWeights: Bool = false,
        beta: Float = 0,
        into c: FloatMatrix
    ) throws(TensorError) {
        let (k, n) =
            transposeWeights ? (weights.columns, weights.rows) : (weights.rows, weights.columns)
        precondition(
            a.columns == k && c.rows == a.rows && c.columns == n,
            "multiply: a \(a.rows)x\(a.columns), op(w) \(k)x\(n), c \(c.rows)x\(c.columns)"
        )
        let operand = iqk_operand(
            start: try expandedPointer(weights),
            stride: Int64(weights.columns),
            transposed: transposeWeights,
            is_rounded: false
        )
        try multiplyRounded(a.kernelOperand(transposed: false), operand, depth: k, alpha: 1, beta: beta, into: c)
    }

    private func multiplyRounded(
        _ a: iqk_operand,
        _ b: iqk_operand,
        depth: Int,
        alpha: Float,
        beta: Float,
        into c: FloatMatrix
    ) throws(TensorError) {
        try check(
            iqk_gemm_rounded(
                handle,
                a,
                b,
                Int64(c.rows),
                Int64(c.columns),
                Int64(depth),
                alpha,
                beta,
                c.pointer,
                Int64(c.stride)
            ),
            "multiply"
        )
    }
}
