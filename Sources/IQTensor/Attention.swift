// Cached keys and values, the description of a batch of sequences, and the Swift face of attention.

internal import CIQKernels

/// Shape and rule of one attention layer.
package struct AttentionShape: Sendable, Equatable {
    /// Query heads (H); a multiple of the key/value heads.
    package var heads: Int
    /// Key/value heads: query head h reads key/value head h / (heads / kvHeads).
    package var kvHeads: Int
    /// Width of one head (D).
    package var headDimension: Int
    /// Multiplies the scores before the softmax.
    package var scale: Float
    /// Bounds scores to ±cap by cap · tanh(score / cap); nil for no bound.
    package var softCap: Float?
    /// How many positions a query sees, itself included; nil for all.
    package var window: Int?
    /// A query sees its own position and those before. Otherwise it sees its whole sequence.
    package var isCausal: Bool

    package init(
        heads: Int,
        kvHeads: Int,
        headDimension: Int,
        scale: Float,
        softCap: Float? = nil,
        window: Int? = nil,
        isCausal: Bool = true
    ) {
        precondition(heads > 0 && kvHeads > 0 && headDimension > 0 && heads % kvHeads == 0)
        self.heads = heads
        self.kvHeads = kvHeads
        self.headDimension = headDimension
        self.scale = scale
        self.softCap = softCap
        self.window = window
        self.isCausal = isCausal
    }
}

/// Number formats that keys and values can be cached in.
public enum CacheFormat: String, Sendable, Hashable, CaseIterable, Codable {
    case f32
    case f16

    /// Bytes of one number.
    public var byteCount: Int { self == .f32 ? 4 : 2 }

    var kernelFormat: iqk_format { self == .f32 ? IQK_F32 : IQK_F16 }
}

/// Keys and values of up to `capacity` consecutive tokens, for every layer: [layer][key or value][head][token][D].
package final class KeyValueBlock {
    package let layers: Int
    package let kvHeads: Int
    package let headDimension: Int
    package let capacity: Int
    package let format: CacheFormat
    private let base: UnsafeMutableRawPointer
    /// Whose memory this is, and how much was lent; nil where it is the block's own.
    private let lender: (memory: KeyValueMemory, byteCount: Int)?

    package static func byteCount(
        layers: Int,
        kvHeads: Int,
        headDimension: Int,
        capacity: Int,
        format: CacheFormat
    ) -> Int {
        2 * layers * kvHeads * headDimension * capacity * format.byteCount
    }

    package init(
        layers: Int,
        kvHeads: Int,
        headDimension: Int,
        capacity: Int,
        format: CacheFormat,
        from memory: KeyValueMemory? = nil
    ) throws(TensorError) {
        precondition(layers > 0 && kvHeads > 0 && headDimension > 0 && capacity > 0)
        self.layers = layers
        self.kvHeads = kvHeads
        self.headDimension = headDimension
        self.capacity = capacity
        self.format = format
        let byteCount = Self.byteCount(
            layers: layers,
            kvHeads: kvHeads,
            headDimension: headDimension,
            capacity: capacity,
            format: format
        )
        // Undefined contents: only tokens that were stored are read.
        if let memory {
            let lent = try memory.take(byteCount: byteCount)
            base = lent.pointer
            lender = (memory, lent.byteCount)
        } else {
            base = try allocateAligned(byteCount: byteCount, isZeroed: false)
            lender = nil
        }
    }

    deinit {
        if let lender {
            lender.memory.give(base, byteCount: lender.byteCount)
        } else {
            releaseAligned(base)
        }
    }

    /// Elements between two heads of one layer's keys (or values).
    var headStride: Int { capacity * headDimension }
    /// Bytes of one layer's keys (or values).
    var planeBytes: Int { kvHeads * headStride * format.byteCount }

    func keys(layer: Int) -> UnsafeMutableRawPointer {
        precondition(layer >= 0 && layer < layers, "layer \(layer) of \(layers)")
        return base + 2 * layer * planeBytes
    }

    func values(layer: Int) -> UnsafeMutableRawPointer { keys(layer: layer) + planeBytes }

    /// Copies the first `count` tokens of another block of the same shape (capacities may differ).
    package func copy(from other: KeyValueBlock, count: Int) {
        precondition(
            other.layers == layers && other.kvHeads == kvHeads && other.headDimension == headDimension
                && other.format == format && count <= capacity && count <= other.capacity
        )
        let bytes = count * headDimension * format.byteCount
        for plane in 0..<(2 * layers * kvHeads) {
            (base + plane * headStride * format.byteCount).copyMemory(
                from: other.base + plane * other.headStride * format.byteCount,
                byteCount: bytes
            )
        }
    }
}

/// Which rows of the queries belong to which sequence, and where that sequence's keys and values lie. Reused from step to
/// step: after warm-up, describing a batch allocates nothing.
package final class AttentionBatch {
    var sequences: [iqk_attention_sequence] = []
    var chunks: [iqk_kv_chunk] = []
    /// Bytes from a chunk's keys in layer 0 to those in layer 1, and the layer that the pointers are set to.
    private var layerStrides: [Int] = []
    private var layer = 0
    /// Keeps the memory that the chunks point into alive.
    private var blocks: [KeyValueBlock] = []
    private var buffers: [FloatBuffer] = []
    private(set) var format: CacheFormat = .f32

    package init() {}

    package func removeAll() {
        sequences.removeAll(keepingCapacity: true)
        chunks.removeAll(keepingCapacity: true)
        layerStrides.removeAll(keepingCapacity: true)
        blocks.removeAll(keepingCapacity: true)
        buffers.removeAll(keepingCapacity: true)
        layer = 0
    }

    /// Starts the next sequence: its queries are rows `queryStart ..< queryStart + queryCount`, at consecutive positions.
    package func beginSequence(queryStart: Int, queryCount: Int, firstPosition: Int) {
        precondition(queryStart >= 0 && queryCount >= 0 && firstPosition >= 0)
        sequences.append(
            iqk_attention_sequence(
                query_start: Int32(queryStart),
                query_count: Int32(queryCount),
                first_position: Int32(firstPosition),
                chunk_start: Int32(chunks.count),
                chunk_count: 0
            )
        )
    }

    /// Adds the first `count` tokens of a block to the sequence begun last.
    package func append(_ block: KeyValueBlock, count: Int, firstPosition: Int) {
        precondition(count >= 0 && count <= block.capacity, "\(count) tokens of a block of \(block.capacity)")
        blocks.append(block)
        append(
            chunk: iqk_kv_chunk(
                keys: block.keys(layer: 0),
                values: block.values(layer: 0),
                head_stride: Int64(block.headStride),
                token_stride: Int64(block.headDimension),
                count: Int32(count),
                first_position: Int32(firstPosition)
            ),
            layerStride: 2 * block.planeBytes,
            format: block.format
        )
    }

    /// Adds keys and values just computed, one token a row of [KV heads, D], to the sequence begun last.
    package func append(keys: FloatMatrix, values: FloatMatrix, headDimension: Int, firstPosition: Int) {
        precondition(keys.rows == values.rows && keys.columns == values.columns && keys.stride == values.stride)
        buffers.append(keys.buffer)
        buffers.append(values.buffer)
        append(
            chunk: iqk_kv_chunk(
                keys: keys.pointer,
                values: values.pointer,
                head_stride: Int64(headDimension),
                token_stride: Int64(keys.stride),
                count: Int32(keys.rows),
                first_position: Int32(firstPosition)
            ),
            layerStride: 0,
            format: .f32
        )
    }

    private func append(chunk: iqk_kv_chunk, layerStride: Int, format: CacheFormat) {
        precondition(!sequences.isEmpty, "a chunk before the first sequence")
        precondition(layer == 0, "a chunk after the first layer was computed")
        precondition(chunks.isEmpty || format == self.format, "chunks of two cache formats in one batch")
        self.format = format
        chunks.append(chunk)
        layerStrides.append(layerStride)
        sequences[sequences.count - 1].chunk_count += 1
    }

    func select(layer newLayer: Int) {
        for block in blocks { precondition(newLayer >= 0 && newLayer < block.layers) }
        let distance = newLayer - layer
        guard distance != 0 else { return }
        for index in chunks.indices {
            chunks[index].keys += distance * layerStrides[index]
            chunks[index].values += distance * layerStrides[index]
        }
        layer = newLayer
    }
}

extension ComputeContext {
    /// out = softmax(scale · q · Kᵀ) · V for every sequence of the batch, over the keys and values of one layer.
    ///
    /// - Parameters:
    ///   - q: queries [T, H · D]; rows of no sequence are left alone in `out`.
    ///   - out: [T, H · D].
    package func attention(
        _ shape: AttentionShape,
        q: FloatMatrix,
        batch: AttentionBatch,
        layer: Int,
        precision: MatrixPrecision = .f32,
        into out: FloatMatrix
    ) throws(TensorError) {
        precondition(
            q.columns == shape.heads * shape.headDimension && out.columns == q.columns && out.rows == q.rows,
            "attention: q \(q.rows)x\(q.columns), out \(out.rows)x\(out.columns), \(shape)"
        )
        for sequence in batch.sequences {
            precondition(Int(sequence.query_start) + Int(sequence.query_count) <= q.rows)
        }
        batch.select(layer: layer)
        var kernelShape = iqk_attention_shape(
            heads: Int32(shape.heads),
            kv_heads: Int32(shape.kvHeads),
            head_dimension: Int32(shape.headDimension),
            scale: shape.scale,
            soft_cap: shape.softCap ?? 0,
            window: Int32(shape.window ?? 0),
            causal: shape.isCausal,
            cache_format: batch.format.kernelFormat,
            precision: precision.kernelPrecision
        )
        let status = batch.sequences.withUnsafeBufferPointer { sequences in
            batch.chunks.withUnsafeBufferPointer { chunks -> iqk_status in
                guard let sequenceStart = sequences.baseAddress, let chunkStart = chunks.baseAddress else {
                    return IQK_OK
                }
                return iqk_attention(
                    handle,
                    &kernelShape,
                    q.pointer,
                    Int64(q.stride),
                    sequenceStart,
                    Int64(sequences.count),
                    chunkStart,
                    Int64(chunks.count),
                    out.pointer,
                    Int64(out.stride)
                )
            }
        }
        try check(status, "attention")
    }

    /// Writes keys and values, one token a row of [KV heads, D], into a block's layer from token `at` on.
    package func store(
        keys: FloatMatrix,
        values: FloatMatrix,
        in block: KeyValueBlock,
        layer: Int,
        at: Int
    ) throws(TensorError) {
        precondition(
            keys.columns == block.kvHeads * block.headDimension && values.columns == keys.columns
                && keys.rows == values.rows && at >= 0 && at + keys.rows <= block.capacity,
            "store: keys \(keys.rows)x\(keys.columns) at \(at) of \(block.capacity)"
        )
        try store(keys, at: at, of: block, plane: block.keys(layer: layer))
        try store(values, at: at, of: block, plane: block.values(layer: layer))
    }

    private func store(
        _ source: FloatMatrix,
        at: Int,
        of block: KeyValueBlock,
        plane: UnsafeMutableRawPointer
    ) throws(TensorError) {
        try check(
            iqk_kv_store(
                handle,
                source.pointer,
                Int64(source.stride),
                plane,
                block.format.kernelFormat,
                Int64(block.headStride),
                Int64(block.headDimension),
                Int64(at),
                Int64(source.rows),
                Int64(block.kvHeads),
                Int64(block.headDimension)
            ),
            "store"
        )
    }
}
