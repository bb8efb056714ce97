// Root-mean-square norm (Zhang and Sennrich, arXiv 1910.07467).

package import IQTensor

/// y = x / √(mean(x²) + ε) · (w + offset), over groups of w's length.
package struct RMSNorm: Sendable {
    /// w: [C], or [D] for a norm over each head.
    package let weight: WeightVector
    /// 1 for Gemma, whose files hold w − 1.
    package let offset: Float
    package let epsilon: Float

    package init(weight: WeightVector, offset: Float, epsilon: Float) {
        self.weight = weight
        self.offset = offset
        self.epsilon = epsilon
    }

    /// x: [T, groups · C] → y: the same shape; may be x itself.
    package func forward(_ x: FloatMatrix, into y: FloatMatrix, on context: ComputeContext) throws(TensorError) {
        try context.rmsNorm(x, weight: weight, weightOffset: offset, epsilon: epsilon, into: y)
    }

    /// dx += the gradient at x, and dw += where it is given.
    package func backward(
        _ x: FloatMatrix,
        dy: FloatMatrix,
        addingTo dx: FloatMatrix,
        dweight: FloatMatrix?,
        on context: ComputeContext
    ) throws(TensorError) {
        try context.rmsNormBackward(
            x,
            weight: weight,
            weightOffset: offset,
            epsilon: epsilon,
            dy: dy,
            addingTo: dx,
            dweight: dweight
        )
    }
}
