// The linear layer.

package import IQTensor

/// y = x · Wᵀ + b.
package struct Linear: Sendable {
    /// W: [output features, input features]; b: [output features] or nil.
    package let weights: LinearWeights
    /// How the product is computed where W is quantised.
    package let product: QuantizedProduct

    package init(_ weights: LinearWeights, product: QuantizedProduct = .exact) {
        self.weights = weights
        self.product = product
    }

    package var inputFeatures: Int { weights.matrix.columns }
    package var outputFeatures: Int { weights.matrix.rows }

    /// x: [T, input features] → y: [T, output features].
    package func forward(_ x: FloatMatrix, into y: FloatMatrix, on context: ComputeContext) throws(TensorError) {
        try context.linear(x, weights.matrix, bias: weights.bias, product: product, into: y)
    }
}
