// Weights: immutable matrices in any number format and vectors in f32, both views of shared storage.

internal import CIQKernels

/// How the numbers of a weight matrix lie in memory.
package enum WeightLayout: Sendable, Hashable {
    /// Row after row, as files have them.
    case rows
    /// As the products of a level want them; see `packed.h`.
    case packed
}

/// An immutable matrix of weights, `rows` output features by `columns` input features.
package struct WeightMatrix: Sendable {
    package let format: NumberFormat
    package let rows: Int
    package let columns: Int
    package let storage: TensorStorage
    package let byteOffset: Int
    /// Only products, gathering and expansion know packed matrices; everything else wants rows.
    package let layout: WeightLayout

    /// A view of `storage`. The range must lie within it and a row must be a whole number of blocks: readers of files
    /// check both first and throw; here they are preconditions.
    package init(
        format: NumberFormat,
        rows: Int,
        columns: Int,
        storage: TensorStorage,
        byteOffset: Int = 0,
        layout: WeightLayout = .rows
    ) {
        guard let bytesPerRow = format.byteCount(of: columns) else {
            preconditionFailure("\(columns) columns are not whole blocks of \(format)")
        }
        precondition(rows >= 0 && byteOffset >= 0, "negative extent \(rows) or offset \(byteOffset)")
        let byteCount =
            layout == .rows ? rows * bytesPerRow : Self.packedByteCount(format, rows: rows, columns: columns)
        precondition(
            byteOffset + byteCount <= storage.byteCount,
            "\(rows) x \(columns) \(format) at \(byteOffset) exceeds a storage of \(storage.byteCount) bytes"
        )
        self.layout = layout
        self.format = format
        self.rows = rows
        self.columns = columns
        self.storage = storage
        self.byteOffset = byteOffset
    }

    /// A matrix in f32 with the values given, row after row.
    package init(rows: Int, columns: Int, values: [Float]) throws {
        precondition(values.count == rows * columns, "\(values.count) values for \(rows) x \(columns)")
        let storage = try TensorStorage.allocate(byteCount: values.count * MemoryLayout<Float>.stride) { bytes in
            values.withUnsafeBytes { bytes.copyMemory(from: $0) }
        }
        self.init(format: .f32, rows: rows, columns: columns, storage: storage)
    }

    package var bytesPerRow: Int { columns / format.blockLength * format.bytesPerBlock }
    package var byteCount: Int {
        layout == .rows ? rows * bytesPerRow : Self.packedByteCount(format, rows: rows, columns: columns)
    }

    static func packedByteCount(_ format: NumberFormat, rows: Int, columns: Int) -> Int {
        let count = iqk_packed_bytes(format.kernelFormat, Int64(rows), Int64(columns))
        precondition(count >= 0, "\(rows) x \(columns) \(format) is never packed")
        return Int(count)
    }

    /// Rows of this matrix, sharing its storage.
    package func rows(_ range: Range<Int>) -> WeightMatrix {
        precondition(layout == .rows, "rows of a packed matrix")
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows)")
        return WeightMatrix(
            format: format,
            rows: range.count,
            columns: columns,
            storage: storage,
            byteOffset: byteOffset + range.lowerBound * bytesPerRow
        )
    }

    /// Lends the matrix's bytes, in its layout, for the length of the call.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try storage.withBytes { bytes in
            try body(UnsafeRawBufferPointer(rebasing: bytes[byteOffset..<(byteOffset + byteCount)]))
        }
    }

    var pointer: UnsafeRawPointer { storage.pointer(at: byteOffset) }
}

/// An immutable f32 vector of weights: a bias, or the scale of a norm.
package struct WeightVector: Sendable {
    package let count: Int
    package let storage: TensorStorage
    package let byteOffset: Int

    /// A view of `count` floats of `storage`, at a byte offset that is a multiple of 4.
    package init(count: Int, storage: TensorStorage, byteOffset: Int = 0) {
        precondition(count >= 0 && byteOffset >= 0 && byteOffset % MemoryLayout<Float>.alignment == 0)
        precondition(
            byteOffset + count * MemoryLayout<Float>.stride <= storage.byteCount,
            "\(count) floats at \(byteOffset) exceed a storage of \(storage.byteCount) bytes"
        )
        self.count = count
        self.storage = storage
        self.byteOffset = byteOffset
    }

    package init(_ values: [Float]) throws {
        let storage = try TensorStorage.allocate(byteCount: values.count * MemoryLayout<Float>.stride) { bytes in
            values.withUnsafeBytes { bytes.copyMemory(from: $0) }
        }
        self.init(count: values.count, storage: storage)
    }

    package var values: [Float] { [Float](UnsafeBufferPointer(start: pointer, count: count)) }

    var pointer: UnsafePointer<Float> {
        storage.pointer(at: byteOffset).assumingMemoryBound(to: Float.self)
    }
}
