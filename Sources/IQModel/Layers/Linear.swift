// The linear layer.

package import IQTensor

/// y = x · Wᵀ + b, and what an adapter adds.
package struct Linear: Sendable {
    /// W: [output features, input features]; b: [output features] or nil.
    package let weights: LinearWeights
    /// How the product is computed where W is quantised.
    package let product: QuantizedProduct
    /// A low-rank change of W that is added while computing; W itself stays as it is.
    package let adapter: LowRankAdapter?

    package init(_ weights: LinearWeights, product: QuantizedProduct = .exact, adapter: LowRankAdapter? = nil) {
        precondition(
            adapter.map { $0.down.columns == weights.matrix.columns && $0.up.rows == weights.matrix.rows } ?? true,
            "an adapter of \(adapter?.up.rows ?? 0)x\(adapter?.down.columns ?? 0) for weights of "
                + "\(weights.matrix.rows)x\(weights.matrix.columns)"
        )
        self.weights = weights
        self.product = product
        self.adapter = adapter
    }

    /// The same weights with another adapter, or none.
    package func with(_ adapter: LowRankAdapter?) -> Linear { Linear(weights, product: product, adapter: adapter) }

    package var inputFeatures: Int { weights.matrix.columns }
    package var outputFeatures: Int { weights.matrix.rows }

    /// x: [T, input features] → y: [T, output features].
    package func forward(_ x: FloatMatrix, into y: FloatMatrix, on context: ComputeContext) throws(TensorError) {
        try context.linear(x, weights.matrix, bias: weights.bias, product: product, into: y)
        if let adapter { try adapter.add(x, to: y, on: context) }
    }

    /// Several layers of the same x, each into a matrix of its own: together where their weights are packed.
    package static func forward(
        _ x: FloatMatrix,
        _ first: (layer: Linear, y: FloatMatrix),
        _ second: (layer: Linear, y: FloatMatrix),
        _ third: (layer: Linear, y: FloatMatrix)? = nil,
        on context: ComputeContext
    ) throws(TensorError) {
        guard first.layer.isPacked, second.layer.isPacked, third?.layer.isPacked ?? true else {
            try first.layer.forward(x, into: first.y, on: context)
            try second.layer.forward(x, into: second.y, on: context)
            if let third { try third.layer.forward(x, into: third.y, on: context) }
            return
        }
        try context.linear(
            x,
            first.layer.packedProduct(into: first.y),
            second.layer.packedProduct(into: second.y),
            third.map { $0.layer.packedProduct(into: $0.y) }
        )
        if let adapter = first.layer.adapter { try adapter.add(x, to: first.y, on: context) }
        if let adapter = second.layer.adapter { try adapter.add(x, to: second.y, on: context) }
        if let third, let adapter = third.layer.adapter { try adapter.add(x, to: third.y, on: context) }
    }

    private var isPacked: Bool { weights.matrix.layout == .packed }

    private func packedProduct(into y: FloatMatrix) -> PackedProduct {
        PackedProduct(weights.matrix, bias: weights.bias, into: y)
    }

    // MARK: Training

    /// The same with the operands of the product in the step's precision.
    package func forward(_ x: FloatMatrix, into y: FloatMatrix, step: TrainingStep) throws(TensorError) {
        switch step.precision {
        case .f32: try step.context.multiply(x, weights.matrix, transposed: true, into: y)
        case .bf16:
            let rounded = ProductOperand.rounded(try step.context.rounded(x, in: .rounded))
            try step.context.multiplyRounded(rounded, weights.matrix, transposed: true, into: y)
        }
        if let bias = weights.bias { try step.context.addBias(bias, to: y) }
        if let adapter { try adapter.add(x, to: y, step: step) }
    }

    /// dx = dy · W, dW += dyᵀ · x, db += ∑ dy; and the adapter's parts. A frozen W costs no product for its gradient.
    ///
    /// - Parameters:
    ///   - x: what ``forward(_:into:step:)`` was given: [T, input features].
    ///   - dy: [T, output features].
    ///   - dx: [T, input features], or nil where nobody needs it.
    ///   - addsToInput: dx accumulates instead of being overwritten.
    ///   - gradients: where dW, db, dA and dB go; parts that are nil are frozen.
    package func backward(
        _ x: FloatMatrix,
        dy: FloatMatrix,
        dx: FloatMatrix?,
        addsToInput: Bool = false,
        gradients: LinearGradients,
        step: TrainingStep
    ) throws(TensorError) {
        let context = step.context
        switch step.precision {
        case .f32:
            if let dW = gradients.matrix {
                try context.multiply(dy, transposed: true, x, beta: gradients.matrixFactor, into: dW)
            }
            if let dx { try context.multiply(dy, weights.matrix, beta: addsToInput ? 1 : 0, into: dx) }
        case .bf16:
            guard gradients.matrix != nil || dx != nil else { break }
            try backwardRounded(
                x,
                dy: try context.rounded(dy, in: .roundedGradient),
                dx: dx,
                addsToInput: addsToInput,
                gradients: gradients,
                step: step
            )
        }
        if let db = gradients.bias { try context.addColumnSums(of: dy, to: db) }
        if let adapter {
            try adapter.backward(
                x,
                dy: dy,
                addingTo: dx,
                ddown: gradients.adapterDown,
                dup: gradients.adapterUp,
                step: step
            )
        }
    }

    /// The products of the backward pass in bfloat16, from a gradient that is rounded already: dx = dy · W, dW += dyᵀ · x.
    package func backwardRounded(
        _ x: FloatMatrix,
        dy: RoundedMatrix,
        dx: FloatMatrix?,
        addsToInput: Bool = false,
        gradients: LinearGradients,
        step: TrainingStep
    ) throws(TensorError) {
        let context = step.context
        if let dW = gradients.matrix {
            let input = ProductOperand.rounded(try context.rounded(x, in: .rounded))
            try context.multiplyRounded(.rounded(dy), transposed: true, input, beta: gradients.matrixFactor, into: dW)
        }
        if let dx { try context.multiplyRounded(.rounded(dy), weights.matrix, beta: addsToInput ? 1 : 0, into: dx) }
    }
}
