// Layer norm (Ba et al., arXiv 1607.06450).

package import IQTensor

/// y = (x − mean) / √(variance + ε) · w + b, row by row.
package struct LayerNorm: Sendable {
    package let weights: LayerNormWeights
    package let epsilon: Float

    package init(_ weights: LayerNormWeights, epsilon: Float) {
        self.weights = weights
        self.epsilon = epsilon
    }

    /// x: [T, C] → y: [T, C]; may be x itself.
    package func forward(_ x: FloatMatrix, into y: FloatMatrix, on context: ComputeContext) throws(TensorError) {
        try context.layerNorm(x, weight: weights.weight, bias: weights.bias, epsilon: epsilon, into: y)
    }

    /// dx += the gradient at x, and dw and db += where they are given.
    package func backward(
        _ x: FloatMatrix,
        dy: FloatMatrix,
        addingTo dx: FloatMatrix,
        gradients: LayerNormGradients,
        on context: ComputeContext
    ) throws(TensorError) {
        try context.layerNormBackward(
            x,
            weight: weights.weight,
            epsilon: epsilon,
            dy: dy,
            addingTo: dx,
            dweight: gradients.weight,
            dbias: gradients.bias
        )
    }
}
