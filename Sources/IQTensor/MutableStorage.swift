// Weights that an optimiser changes: f32 memory with one writer, viewed as weights by a model.

/// f32 memory that its owner may change between the passes of a model whose weights view it.
///
/// Not Sendable: the owner (a trainer, on its executor) is the only one to write, and only while no pass over the views
/// runs. A model made of the views must stay with that owner; what leaves it (an export, a checkpoint) is copied out.
package final class MutableStorage {
    /// The memory, for optimisers and files.
    package let buffer: FloatBuffer
    /// The same memory, for weights.
    package let storage: TensorStorage

    /// Zeroed memory for `count` floats.
    package init(count: Int) throws(TensorError) {
        buffer = try FloatBuffer(count: count)
        storage = TensorStorage(viewing: buffer)
    }

    package var count: Int { buffer.count }

    /// A weight matrix over the floats from `offset` on.
    package func weightMatrix(rows: Int, columns: Int, at offset: Int) -> WeightMatrix {
        WeightMatrix(
            format: .f32,
            rows: rows,
            columns: columns,
            storage: storage,
            byteOffset: offset * MemoryLayout<Float>.stride
        )
    }

    /// A weight vector over the floats from `offset` on.
    package func weightVector(count: Int, at offset: Int) -> WeightVector {
        WeightVector(count: count, storage: storage, byteOffset: offset * MemoryLayout<Float>.stride)
    }

    /// The same floats as a matrix that can be written.
    package func matrix(rows: Int, columns: Int, at offset: Int) -> FloatMatrix {
        FloatMatrix(buffer: buffer, offset: offset, rows: rows, columns: columns)
    }
}
