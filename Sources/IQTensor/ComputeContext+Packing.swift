// Packed weights: matrices in the layout that the products of a level want, made once when a model is loaded.

internal import CIQKernels

/// One of several products of the same activations with packed weights.
package struct PackedProduct {
    let weights: WeightMatrix
    let bias: WeightVector?
    let result: FloatMatrix

    /// result[T, N] = x[T, K] · weights[N, K]ᵀ + bias[N]
    package init(_ weights: WeightMatrix, bias: WeightVector? = nil, into result: FloatMatrix) {
        self.weights = weights
        self.bias = bias
        self.result = result
    }

    func kernelProduct(of x: FloatMatrix) -> iqk_packed_product {
        precondition(
            weights.layout == .packed && x.columns == weights.columns && result.columns == weights.rows
                && x.rows == result.rows && (bias == nil || bias?.count == weights.rows),
            "linear: x \(x.rows)x\(x.columns), \(weights.layout) \(weights.rows)x\(weights.columns), "
                + "y \(result.rows)x\(result.columns)"
        )
        return iqk_packed_product(
            w: weights.pointer,
            format: weights.format.kernelFormat,
            bias: bias?.pointer,
            y: result.pointer,
            ldy: Int64(result.stride),
            N: Int64(weights.rows)
        )
    }
}

extension ComputeContext {
    /// True if this context's level has a layout of its own for such a matrix, which products of this kind then read.
    package func packs(_ matrix: WeightMatrix, for product: QuantizedProduct) -> Bool {
        matrix.layout == .rows && iqk_can_pack(handle, matrix.format.kernelFormat, product.kernelProduct)
    }

    /// Bytes that the packed matrix takes; whole cache lines.
    package func packedByteCount(_ matrix: WeightMatrix) -> Int {
        WeightMatrix.packedByteCount(matrix.format, rows: matrix.rows, columns: matrix.columns)
    }

    /// Matrices packed one after the other into one piece of memory. The pages of a mapped file are given back as soon as they
    /// are packed, so that both never count at once.
    ///
    /// - Parameter matrices: such that ``packs(_:for:)`` is true.
    /// - Returns: the same values; products with them are of the kind that they were packed for.
    package func packed(_ matrices: [WeightMatrix]) throws -> [WeightMatrix] {
        var offsets: [Int] = []
        var total = 0
        for matrix in matrices {
            offsets.append(total)
            total += packedByteCount(matrix)
        }
        // Packing writes every byte, on all threads: so do the faults of new pages.
        let storage = try TensorStorage.allocate(byteCount: total, isZeroed: false) { bytes in
            guard let start = bytes.baseAddress else { return }
            for (matrix, offset) in zip(matrices, offsets) {
                try check(
                    iqk_pack(
                        handle,
                        matrix.format.kernelFormat,
                        matrix.pointer,
                        Int64(matrix.rows),
                        Int64(matrix.columns),
                        start + offset
                    ),
                    "pack"
                )
                matrix.storage.releasePages(matrix.byteOffset..<(matrix.byteOffset + matrix.byteCount))
            }
        }
        return zip(matrices, offsets).map { matrix, offset in
            WeightMatrix(
                format: matrix.format,
                rows: matrix.rows,
                columns: matrix.columns,
                storage: storage,
                byteOffset: offset,
                layout: .packed
            )
        }
    }

    /// Up to three products of the same x[T, K] with packed weights, which share the rounding of x and one division of the work.
    package func linear(
        _ x: FloatMatrix,
        _ first: PackedProduct,
        _ second: PackedProduct? = nil,
        _ third: PackedProduct? = nil
    ) throws(TensorError) {
        // No array: a decoding step allocates nothing.
        let status = withUnsafeTemporaryAllocation(of: iqk_packed_product.self, capacity: 3) { products in
            var count = 0
            func append(_ product: PackedProduct?) {
                guard let product else { return }
                products.initializeElement(at: count, to: product.kernelProduct(of: x))
                count += 1
            }
            append(first)
            append(second)
            append(third)
            guard let start = products.baseAddress else { return IQK_INVALID_ARGUMENT }
            return iqk_linear_packed(
                handle,
                x.pointer,
                Int64(x.stride),
                Int64(x.rows),
                Int64(x.columns),
                start,
                Int64(count)
            )
        }
        try check(status, "linear")
    }

    /// destination[i] = row rows[i] of a packed table, in f32.
    func gatherPackedRows(
        of table: WeightMatrix,
        _ rows: [Int32],
        into destination: FloatMatrix
    ) throws(TensorError) {
        let status = rows.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return IQK_OK }
            return iqk_gather_packed_rows(
                handle,
                table.pointer,
                table.format.kernelFormat,
                start,
                Int64(buffer.count),
                Int64(table.columns),
                destination.pointer,
                Int64(destination.stride)
            )
        }
        try check(status, "gatherRows")
    }

    /// Writes a packed matrix in f32, row after row.
    func expandPacked(
        _ matrix: WeightMatrix,
        into destination: UnsafeMutablePointer<Float>,
        stride: Int
    ) throws(TensorError) {
        try check(
            iqk_gather_packed_rows(
                handle,
                matrix.pointer,
                matrix.format.kernelFormat,
                nil,
                Int64(matrix.rows),
                Int64(matrix.columns),
                destination,
                Int64(stride)
            ),
            "dequantize"
        )
    }
}
