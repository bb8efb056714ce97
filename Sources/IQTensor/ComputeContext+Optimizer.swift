// Swift faces of the optimiser's kernels, over runs of consecutive numbers.

internal import CIQKernels

/// The numbers of one step of AdamW.
package struct AdamWStep: Sendable {
    package var learningRate: Float
    package var beta1: Float
    package var beta2: Float
    package var epsilon: Float
    package var weightDecay: Float
    /// 1 − β₁ᵗ at step t (1, 2, …).
    package var correction1: Float
    /// 1 − β₂ᵗ
    package var correction2: Float
    /// Multiplies gradients before anything else: clipping, averaging.
    package var gradientScale: Float

    package init(
        learningRate: Float,
        beta1: Float,
        beta2: Float,
        epsilon: Float,
        weightDecay: Float,
        correction1: Float,
        correction2: Float,
        gradientScale: Float
    ) {
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.correction1 = correction1
        self.correction2 = correction2
        self.gradientScale = gradientScale
    }
}

extension ComputeContext {
    /// One step of AdamW on the numbers of `range` in all four buffers.
    package func adamW(
        _ step: AdamWStep,
        weights: FloatBuffer,
        gradients: FloatBuffer,
        firstMoment: FloatBuffer,
        secondMoment: FloatBuffer,
        range: Range<Int>
    ) throws(TensorError) {
        let count = min(weights.count, gradients.count, firstMoment.count, secondMoment.count)
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "adamW: \(range) of \(count)")
        var settings = iqk_adamw_settings(
            learning_rate: step.learningRate,
            beta1: step.beta1,
            beta2: step.beta2,
            epsilon: step.epsilon,
            weight_decay: step.weightDecay,
            correction1: step.correction1,
            correction2: step.correction2,
            gradient_scale: step.gradientScale
        )
        try check(
            iqk_adamw(
                handle,
                &settings,
                weights.base + range.lowerBound,
                gradients.base + range.lowerBound,
                firstMoment.base + range.lowerBound,
                secondMoment.base + range.lowerBound,
                Int64(range.count)
            ),
            "adamW"
        )
    }

    /// ∑ x², in Double; not finite if a value is not.
    package func sumOfSquares(_ x: FloatBuffer, range: Range<Int>? = nil) throws(TensorError) -> Double {
        let range = range ?? 0..<x.count
        precondition(range.lowerBound >= 0 && range.upperBound <= x.count, "sumOfSquares: \(range) of \(x.count)")
        var sum = 0.0
        try check(iqk_sum_of_squares(handle, x.base + range.lowerBound, Int64(range.count), &sum), "sumOfSquares")
        return sum
    }

    /// Sets all numbers to 0.
    package func clear(_ x: FloatBuffer, range: Range<Int>? = nil) throws(TensorError) {
        let range = range ?? 0..<x.count
        precondition(range.lowerBound >= 0 && range.upperBound <= x.count, "floats \(range) of \(x.count)")
        try check(iqk_clear(handle, x.base + range.lowerBound, Int64(range.count)), "clear")
    }
}
