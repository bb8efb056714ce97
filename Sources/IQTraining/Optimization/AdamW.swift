// AdamW over the parameters of a model in training.

package import IQModel
package import IQTensor

/// The optimiser's memory and its step. See ``AdamWOptions`` for the formula.
///
/// Not Sendable: it belongs to the trainer that owns the parameters.
package final class AdamW {
    package let options: AdamWOptions
    package let parameters: TrainableParameters
    /// m, in the layout of the parameters.
    package let firstMoment: FloatBuffer
    /// v, in the layout of the parameters.
    package let secondMoment: FloatBuffer
    /// t: steps done. Set it only together with the moments, from a checkpoint.
    package var stepCount = 0

    package init(parameters: TrainableParameters, options: AdamWOptions) throws(TensorError) {
        self.options = options
        self.parameters = parameters
        firstMoment = try FloatBuffer(count: parameters.count)
        secondMoment = try FloatBuffer(count: parameters.count)
    }

    /// Bytes of the moments.
    package static func byteCount(parameters count: Int) -> Int { 2 * count * MemoryLayout<Float>.stride }

    /// Changes the parameters by their gradients, which stay as they are.
    ///
    /// - Parameters:
    ///   - learningRate: η of this step.
    ///   - gradientScale: multiplies the gradients before anything else: averaging, clipping.
    package func step(
        learningRate: Double,
        gradientScale: Double = 1,
        context: ComputeContext
    ) throws(TensorError) {
        stepCount += 1
        for (range, decays) in [
            (parameters.matrixRange, true), (parameters.vectorRange, options.decaysNormsAndBiases),
        ] where !range.isEmpty {
            try context.adamW(
                AdamWStep(
                    learningRate: Float(learningRate),
                    beta1: options.beta1,
                    beta2: options.beta2,
                    epsilon: options.epsilon,
                    weightDecay: decays ? options.weightDecay : 0,
                    correction1: Float(1 - power(Double(options.beta1), stepCount)),
                    correction2: Float(1 - power(Double(options.beta2), stepCount)),
                    gradientScale: Float(gradientScale)
                ),
                weights: parameters.values.buffer,
                gradients: parameters.gradients,
                firstMoment: firstMoment,
                secondMoment: secondMoment,
                range: range
            )
        }
    }

    /// ‖g‖₂ over all parameters; not finite if a gradient is not.
    package func gradientNorm(context: ComputeContext) throws(TensorError) -> Double {
        try context.sumOfSquares(parameters.gradients).squareRoot()
    }
}

/// base to the power of a whole exponent, by squaring: the same bits with every mathematical library.
private func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0
    var square = base
    var rest = exponent
    while rest > 0 {
        if rest & 1 == 1 { result *= square }
        square *= square
        rest >>= 1
    }
    return result
}
