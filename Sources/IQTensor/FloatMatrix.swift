// Activations: mutable f32 memory with one owner, and matrix views of it.

/// Mutable f32 memory. Not Sendable: it belongs to the engine, trainer or test that made it.
package final class FloatBuffer {
    let base: UnsafeMutablePointer<Float>
    package let count: Int

    /// Zeroed memory for `count` floats.
    package init(count: Int) throws(TensorError) {
        precondition(count >= 0, "a buffer of \(count) floats")
        let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
        guard !overflow else { throw .outOfMemory(bytes: Int.max) }
        base = try allocateAligned(byteCount: bytes).bindMemory(to: Float.self, capacity: count)
        self.count = count
    }

    deinit { releaseAligned(UnsafeMutableRawPointer(base)) }

    /// Lends the floats for the length of the call.
    package func withFloats<Result>(
        _ range: Range<Int>? = nil,
        _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        let range = range ?? 0..<count
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "floats \(range) of \(count)")
        return try body(UnsafeMutableBufferPointer(start: base + range.lowerBound, count: range.count))
    }
}

/// A view of a buffer as `rows` rows of `columns` floats, `stride` floats apart. Copies of the view share the memory.
package struct FloatMatrix {
    package let buffer: FloatBuffer
    package let offset: Int
    package let rows: Int
    package let columns: Int
    package let stride: Int

    package init(buffer: FloatBuffer, offset: Int = 0, rows: Int, columns: Int, stride: Int? = nil) {
        let stride = stride ?? columns
        precondition(offset >= 0 && rows >= 0 && columns >= 0 && stride >= columns)
        precondition(
            rows == 0 || offset + (rows - 1) * stride + columns <= buffer.count,
            "\(rows) x \(columns) (stride \(stride)) at \(offset) exceeds a buffer of \(buffer.count)"
        )
        self.buffer = buffer
        self.offset = offset
        self.rows = rows
        self.columns = columns
        self.stride = stride
    }

    /// A zeroed matrix in a buffer of its own.
    package init(rows: Int, columns: Int) throws(TensorError) {
        self.init(buffer: try FloatBuffer(count: rows * columns), rows: rows, columns: columns)
    }

    /// A matrix in a buffer of its own, with the values given row after row.
    package init(rows: Int, columns: Int, values: [Float]) throws(TensorError) {
        precondition(values.count == rows * columns, "\(values.count) values for \(rows) x \(columns)")
        try self.init(rows: rows, columns: columns)
        values.withUnsafeBufferPointer { source in
            if let start = source.baseAddress { buffer.base.update(from: start, count: source.count) }
        }
    }

    package subscript(row: Int, column: Int) -> Float {
        get {
            precondition(row >= 0 && row < rows && column >= 0 && column < columns)
            return buffer.base[offset + row * stride + column]
        }
        nonmutating set {
            precondition(row >= 0 && row < rows && column >= 0 && column < columns)
            buffer.base[offset + row * stride + column] = newValue
        }
    }

    /// Consecutive rows of this matrix, sharing its memory.
    package func rows(_ range: Range<Int>) -> FloatMatrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows)")
        return FloatMatrix(
            buffer: buffer,
            offset: offset + range.lowerBound * stride,
            rows: range.count,
            columns: columns,
            stride: stride
        )
    }

    /// Consecutive columns of this matrix, sharing its memory.
    package func columns(_ range: Range<Int>) -> FloatMatrix {
        precondition(range.lowerBound >= 0 && range.upperBound <= columns, "columns \(range) of \(columns)")
        return FloatMatrix(
            buffer: buffer,
            offset: offset + range.lowerBound,
            rows: rows,
            columns: range.count,
            stride: stride
        )
    }

    /// Copies another matrix of the same shape into this one.
    package func copy(from source: FloatMatrix) {
        precondition(
            rows == source.rows && columns == source.columns,
            "copy \(source.rows)x\(source.columns) into \(rows)x\(columns)"
        )
        if stride == columns && source.stride == columns {
            pointer.update(from: source.pointer, count: rows * columns)
        } else {
            for row in 0..<rows {
                (pointer + row * stride).update(from: source.pointer + row * source.stride, count: columns)
            }
        }
    }

    /// Copies weights in f32 of the same shape into this matrix.
    package func copy(from source: WeightMatrix) {
        precondition(
            source.format == .f32 && rows == source.rows && columns == source.columns,
            "copy \(source.rows)x\(source.columns) \(source.format) into \(rows)x\(columns)"
        )
        let rowBytes = columns * MemoryLayout<Float>.stride
        for row in 0..<rows {
            UnsafeMutableRawPointer(pointer + row * stride)
                .copyMemory(from: source.pointer + row * rowBytes, byteCount: rowBytes)
        }
    }

    /// Sets every value.
    package func fill(_ value: Float) {
        for row in 0..<rows { (pointer + row * stride).update(repeating: value, count: columns) }
    }

    /// The values, row after row.
    package var values: [Float] {
        var result: [Float] = []
        result.reserveCapacity(rows * columns)
        for row in 0..<rows { withRow(row) { result.append(contentsOf: $0) } }
        return result
    }

    /// Lends one row for the length of the call.
    package func withRow<Result>(_ row: Int, _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result) rethrows
        -> Result
    {
        precondition(row >= 0 && row < rows, "row \(row) of \(rows)")
        return try body(UnsafeMutableBufferPointer(start: buffer.base + offset + row * stride, count: columns))
    }

    var pointer: UnsafeMutablePointer<Float> { buffer.base + offset }
}
