// The backward pass of attention over the segments of a packed batch.

internal import CIQKernels

/// Rows of a packed batch that follow each other in one sequence. A segment sees itself and its ancestors: several
/// continuations of one beginning share the beginning's rows.
package struct PackedSegment: Sendable, Hashable {
    /// First row in the batch.
    package let start: Int
    /// Rows.
    package let count: Int
    /// Position of the first row in its sequence.
    package let firstPosition: Int
    /// Index of the segment that this one continues, smaller than its own; nil for a beginning.
    package let parent: Int?

    package init(start: Int, count: Int, firstPosition: Int, parent: Int?) {
        self.start = start
        self.count = count
        self.firstPosition = firstPosition
        self.parent = parent
    }

    package var rows: Range<Int> { start..<(start + count) }
}

extension ComputeContext {
    /// Gradients of attention at q [T, H · D], k and v [T, KV · D], given dout: writes dq, dk and dv of the rows that belong
    /// to a segment.
    package func attentionBackward(
        _ shape: AttentionShape,
        q: FloatMatrix,
        k: FloatMatrix,
        v: FloatMatrix,
        dout: FloatMatrix,
        segments: [PackedSegment],
        precision: MatrixPrecision = .f32,
        dq: FloatMatrix,
        dk: FloatMatrix,
        dv: FloatMatrix
    ) throws(TensorError) {
        requireSameShape(q, dout, dq, "attentionBackward")
        requireSameShape(k, v, dk, "attentionBackward")
        requireSameShape(k, v, dv, "attentionBackward")
        precondition(
            q.columns == shape.heads * shape.headDimension && k.columns == shape.kvHeads * shape.headDimension
                && k.rows == q.rows,
            "attentionBackward: q \(q.rows)x\(q.columns), k \(k.rows)x\(k.columns), \(shape)"
        )
        for (index, segment) in segments.enumerated() {
            precondition(segment.start >= 0 && segment.count >= 0 && segment.start + segment.count <= q.rows)
            guard let parent = segment.parent else { continue }
            precondition(shape.isCausal && parent >= 0 && parent < index)
            precondition(segment.firstPosition == segments[parent].firstPosition + segments[parent].count)
        }
        var kernelShape = iqk_attention_shape(
            heads: Int32(shape.heads),
            kv_heads: Int32(shape.kvHeads),
            head_dimension: Int32(shape.headDimension),
            scale: shape.scale,
            soft_cap: shape.softCap ?? 0,
            window: Int32(shape.window ?? 0),
            causal: shape.isCausal,
            cache_format: IQK_F32,
            precision: precision.kernelPrecision
        )
        let kernelSegments = segments.map { segment in
            iqk_segment(
                start: Int32(segment.start),
                count: Int32(segment.count),
                first_position: Int32(segment.firstPosition),
                parent: Int32(segment.parent ?? -1)
            )
        }
        guard !segments.isEmpty else { return }
        try check(
            iqk_attention_backward(
                handle,
                &kernelShape,
                q.pointer,
                Int64(q.stride),
                k.pointer,
                Int64(k.stride),
                v.pointer,
                Int64(v.stride),
                dout.pointer,
                Int64(dout.stride),
                kernelSegments,
                Int64(kernelSegments.count),
                dq.pointer,
                Int64(dq.stride),
                dk.pointer,
                Int64(dk.stride),
                dv.pointer,
                Int64(dv.stride)
            ),
            "attentionBackward"
        )
    }
}
