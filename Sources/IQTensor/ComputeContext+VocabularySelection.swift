// Swift face of the restriction of a row of logits to allowed tokens.

internal import CIQKernels

extension ComputeContext {
    /// Sets x[i] to −∞ where bit i % 64 of allowed[i / 64] is 0, and where i lies beyond the words.
    package func keep(_ x: UnsafeMutableBufferPointer<Float>, allowed: [UInt64]) {
        guard let start = x.baseAddress else { return }
        allowed.withUnsafeBufferPointer { words in
            guard let first = words.baseAddress else { return x.update(repeating: -.infinity) }
            iqk_keep_allowed(start, Int64(x.count), first, Int64(words.count))
        }
    }
}
