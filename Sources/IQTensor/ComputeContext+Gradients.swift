// Swift faces of the backward pass's row operations. Their C declarations say what adds and what overwrites.

internal import CIQKernels

extension ComputeContext {
    /// Adds to dx, and to dweight [1, C] where it is given, the gradients of
    /// ``rmsNorm(_:weight:weightOffset:epsilon:into:)`` at x.
    package func rmsNormBackward(
        _ x: FloatMatrix,
        weight: WeightVector,
        weightOffset: Float,
        epsilon: Float,
        dy: FloatMatrix,
        addingTo dx: FloatMatrix,
        dweight: FloatMatrix?
    ) throws(TensorError) {
        requireSameShape(x, dy, dx, "rmsNormBackward")
        precondition(weight.count > 0 && x.columns % weight.count == 0, "rmsNormBackward: weight \(weight.count)")
        requireVector(dweight, weight.count, "rmsNormBackward")
        try check(
            iqk_rms_norm_backward(
                handle,
                x.pointer,
                Int64(x.stride),
                weight.pointer,
                weightOffset,
                epsilon,
                dy.pointer,
                Int64(dy.stride),
                dx.pointer,
                Int64(dx.stride),
                dweight?.pointer,
                Int64(x.rows),
                Int64(x.columns / weight.count),
                Int64(weight.count)
            ),
            "rmsNormBackward"
        )
    }

    /// Adds to dx, and to dweight and dbias [1, C] where they are given, the gradients of
    /// ``layerNorm(_:weight:bias:epsilon:into:)`` at x.
    package func layerNormBackward(
        _ x: FloatMatrix,
        weight: WeightVector,
        epsilon: Float,
        dy: FloatMatrix,
        addingTo dx: FloatMatrix,
        dweight: FloatMatrix?,
        dbias: FloatMatrix?
    ) throws(TensorError) {
        requireSameShape(x, dy, dx, "layerNormBackward")
        precondition(weight.count == x.columns, "layerNormBackward: weight \(weight.count) for \(x.columns) columns")
        requireVector(dweight, x.columns, "layerNormBackward")
        requireVector(dbias, x.columns, "layerNormBackward")
        try check(
            iqk_layer_norm_backward(
                handle,
                x.pointer,
                Int64(x.stride),
                weight.pointer,
                epsilon,
                dy.pointer,
                Int64(dy.stride),
                dx.pointer,
                Int64(dx.stride),
                dweight?.pointer,
                dbias?.pointer,
                Int64(x.rows),
                Int64(x.columns)
            ),
            "layerNormBackward"
        )
    }

    /// dgate and dup of ``siluMultiply(_:_:into:)``, given dy. dgate may be gate, dup may be up.
    package func siluMultiplyBackward(
        _ gate: FloatMatrix,
        _ up: FloatMatrix,
        dy: FloatMatrix,
        dgate: FloatMatrix,
        dup: FloatMatrix
    ) throws(TensorError) {
        requireSameShape(gate, up, dy, "siluMultiplyBackward")
        requireSameShape(gate, dgate, dup, "siluMultiplyBackward")
        try check(
            iqk_silu_multiply_backward(
                handle,
                gate.pointer,
                Int64(gate.stride),
                up.pointer,
                Int64(up.stride),
                dy.pointer,
                Int64(dy.stride),
                dgate.pointer,
                Int64(dgate.stride),
                dup.pointer,
                Int64(dup.stride),
                Int64(gate.rows),
                Int64(gate.columns)
            ),
            "siluMultiplyBackward"
        )
    }

    /// dgate and dup of ``geluTanhMultiply(_:_:into:)``, given dy. dgate may be gate, dup may be up.
    package func geluTanhMultiplyBackward(
        _ gate: FloatMatrix,
        _ up: FloatMatrix,
        dy: FloatMatrix,
        dgate: FloatMatrix,
        dup: FloatMatrix
    ) throws(TensorError) {
        requireSameShape(gate, up, dy, "geluTanhMultiplyBackward")
        requireSameShape(gate, dgate, dup, "geluTanhMultiplyBackward")
        try check(
            iqk_gelu_tanh_multiply_backward(
                handle,
                gate.pointer,
                Int64(gate.stride),
                up.pointer,
                Int64(up.stride),
                dy.pointer,
                Int64(dy.stride),
                dgate.pointer,
                Int64(dgate.stride),
                dup.pointer,
                Int64(dup.stride),
                Int64(gate.rows),
                Int64(gate.columns)
            ),
            "geluTanhMultiplyBackward"
        )
    }

    /// dx of ``geluErf(_:into:)`` at x, given dy; may be dy.
    package func geluErfBackward(_ x: FloatMatrix, dy: FloatMatrix, into dx: FloatMatrix) throws(TensorError) {
        requireSameShape(x, dy, dx, "geluErfBackward")
        try check(
            iqk_gelu_erf_backward(
                handle,
                x.pointer,
                Int64(x.stride),
                dy.pointer,
                Int64(dy.stride),
                dx.pointer,
                Int64(dx.stride),
                Int64(x.rows),
                Int64(x.columns)
            ),
            "geluErfBackward"
        )
    }

    /// dx = dy · (1 − y²) for y = tanh(x); may be dy.
    package func tanhBackward(_ y: FloatMatrix, dy: FloatMatrix, into dx: FloatMatrix) throws(TensorError) {
        requireSameShape(y, dy, dx, "tanhBackward")
        try check(
            iqk_tanh_backward(
                handle,
                y.pointer,
                Int64(y.stride),
                dy.pointer,
                Int64(dy.stride),
                dx.pointer,
                Int64(dx.stride),
                Int64(y.rows),
                Int64(y.columns)
            ),
            "tanhBackward"
        )
    }

    /// y += bias, row by row.
    package func addBias(_ bias: WeightVector, to y: FloatMatrix) throws(TensorError) {
        precondition(bias.count == y.columns, "addBias: bias \(bias.count), y \(y.rows)x\(y.columns)")
        try check(
            iqk_add_bias(handle, bias.pointer, y.pointer, Int64(y.stride), Int64(y.rows), Int64(y.columns)),
            "addBias"
        )
    }

    /// dbias [1, C] += the sum of dy's rows.
    package func addColumnSums(of dy: FloatMatrix, to dbias: FloatMatrix) throws(TensorError) {
        requireVector(dbias, dy.columns, "addColumnSums")
        try check(
            iqk_add_column_sums(
                handle,
                dy.pointer,
                Int64(dy.stride),
                dbias.pointer,
                Int64(dy.rows),
                Int64(dy.columns)
            ),
            "addColumnSums"
        )
    }

    /// Row rows[t] of the table += factor · row t of dy; a row may be named several times.
    package func scatterAdd(
        _ dy: FloatMatrix,
        toRows rows: [Int32],
        factor: Float = 1,
        of table: FloatMatrix
    ) throws(TensorError) {
        precondition(
            dy.rows == rows.count && dy.columns == table.columns,
            "scatterAdd: dy \(dy.rows)x\(dy.columns), \(rows.count) rows, table \(table.rows)x\(table.columns)"
        )
        for row in rows { precondition(row >= 0 && Int(row) < table.rows, "row \(row) of a table of \(table.rows)") }
        try check(
            rows.withUnsafeBufferPointer { buffer in
                guard let start = buffer.baseAddress else { return IQK_OK }
                return iqk_scatter_add_rows(
                    handle,
                    dy.pointer,
                    Int64(dy.stride),
                    start,
                    factor,
                    table.pointer,
                    Int64(table.stride),
                    Int64(dy.rows),
                    Int64(dy.columns)
                )
            },
            "scatterAdd"
        )
    }

    /// destination[t] = row rows[t] of the source.
    package func gatherRows(of source: FloatMatrix, _ rows: [Int32], into destination: FloatMatrix) {
        precondition(
            destination.rows == rows.count && destination.columns == source.columns,
            "gather \(rows.count) rows of \(source.columns) into \(destination.rows)x\(destination.columns)"
        )
        for (index, row) in rows.enumerated() {
            destination.rows(index..<(index + 1)).copy(from: source.rows(Int(row)..<(Int(row) + 1)))
        }
    }

    /// y = x with numbers set to 0 with probability `rate` and the others divided by 1 − rate.
    ///
    /// Element (t, c) is kept where word `random.position + t · C + c` of the random stream is at least rate · 2³²; the
    /// stream is not advanced, and the same stream gives the same mask again.
    package func dropout(
        _ x: FloatMatrix,
        rate: Float,
        random: RandomStream,
        into y: FloatMatrix
    ) throws(TensorError) {
        requireSameShape(x, x, y, "dropout")
        precondition(rate >= 0 && rate < 1, "dropout: rate \(rate)")
        try check(
            iqk_dropout(
                handle,
                x.pointer,
                Int64(x.stride),
                rate,
                random.seed,
                random.stream,
                random.position,
                y.pointer,
                Int64(y.stride),
                Int64(x.rows),
                Int64(x.columns)
            ),
            "dropout"
        )
    }

    private func requireVector(_ vector: FloatMatrix?, _ count: Int, _ name: StaticString) {
        precondition(
            vector.map { $0.rows == 1 && $0.columns == count } ?? true,
            "\(name): a gradient of \(vector?.rows ?? 0)x\(vector?.columns ?? 0) for a vector of \(count)"
        )
    }
}
