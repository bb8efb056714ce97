// Swift faces of the operations over one row as long as the vocabulary, for sampling.

internal import CIQKernels

extension ComputeContext {
    /// The largest value and the first index that has it; NaN counts as smaller than every number.
    package func maximum(of x: UnsafeMutableBufferPointer<Float>) -> (value: Float, index: Int) {
        guard let start = x.baseAddress else { return (-.infinity, 0) }
        var value: Float = 0
        var index: Int64 = 0
        iqk_maximum(handle, start, Int64(x.count), &value, &index)
        return (value, Int(index))
    }

    /// ∑ exp((x − shift) · factor), accumulated in Double.
    package func sumOfExponentials(
        of x: UnsafeMutableBufferPointer<Float>,
        shift: Float,
        factor: Float
    ) -> Double {
        guard let start = x.baseAddress else { return 0 }
        return iqk_sum_exp(handle, start, Int64(x.count), shift, factor)
    }

    /// Writes the indices of the values ≥ threshold into `indices`, in order; returns how many there are in all.
    package func collect(
        _ x: UnsafeMutableBufferPointer<Float>,
        atLeast threshold: Float,
        into indices: inout [Int32]
    ) -> Int {
        guard let start = x.baseAddress else { return 0 }
        return indices.withUnsafeMutableBufferPointer { buffer in
            guard let destination = buffer.baseAddress else { return 0 }
            return Int(
                iqk_collect_at_least(
                    handle,
                    start,
                    Int64(x.count),
                    threshold,
                    destination,
                    Int64(buffer.count)
                )
            )
        }
    }

    /// True if no value is NaN or +∞.
    package func isBelowInfinity(_ x: UnsafeMutableBufferPointer<Float>) -> Bool {
        guard let start = x.baseAddress else { return true }
        return iqk_all_below_infinity(handle, start, Int64(x.count))
    }
}
