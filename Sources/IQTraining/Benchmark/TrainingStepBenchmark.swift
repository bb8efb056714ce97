// The work of benchmark W5: one whole training step, again and again, on the same tokens.

package import IQModel
package import IQTensor
package import IQText

/// Repeats the training step of one sequence: forward, cross-entropy of every token but the first, backward, gradients
/// clipped to norm 1, AdamW. Benchmarks/peers/pytorch_training.py does the same in PyTorch.
package final class TrainingStepBenchmark {
    private let decoder: TrainableDecoder
    private let pass: DecoderTrainingPass
    private let head: VocabularyHead
    private let dstream: FloatMatrix
    private let batch: PackedBatch
    private let targets: TokenTargets
    private let context: ComputeContext
    private let options: AdamWOptions
    private let firstMoment: FloatBuffer
    private let secondMoment: FloatBuffer
    private var steps = 0

    private static let learningRate: Float = 1e-5
    private static let clippingNorm = 1.0

    /// - Parameters:
    ///   - decoder: all of its weights are trained, or its adapters. Let go of the model that it was made from before, or its
    ///     memory counts too.
    ///   - tokens: one sequence, of at least two tokens of the vocabulary.
    ///   - precision: of matrix products.
    ///   - context: computes the steps.
    package init(
        decoder: TrainableDecoder,
        tokens: [TokenID],
        precision: MatrixPrecision,
        context: ComputeContext
    ) throws {
        precondition(tokens.count >= 2, "\(tokens.count) tokens to train on")
        self.decoder = decoder
        self.context = context
        var batch = PackedBatch()
        let segment = batch.append(tokens)
        var targets = TokenTargets()
        targets.append(segment: segment, of: batch)
        self.batch = batch
        self.targets = targets
        let step = TrainingStep(context: context, precision: precision)
        pass = try DecoderTrainingPass(
            model: decoder.model,
            capacity: tokens.count,
            recording: .activations,
            step: step
        )
        head = try VocabularyHead(model: decoder.model, rows: targets.count, step: step)
        dstream = try FloatMatrix(rows: tokens.count, columns: decoder.configuration.width)
        options = try AdamWOptions()
        firstMoment = try FloatBuffer(count: decoder.parameters.count)
        secondMoment = try FloatBuffer(count: decoder.parameters.count)
    }

    package var configuration: DecoderConfiguration { decoder.configuration }

    /// Trained numbers.
    package var parameterCount: Int { decoder.parameters.parameterCount }

    /// One step; returns the loss before it, in nats a token.
    package func step() throws -> Double {
        try decoder.clearForOverwriting(context: context)
        let stream = try pass.forward(batch)
        dstream.fill(0)
        let dlogp = -1 / Float(targets.count)
        let statistics = try head.backward(
            stream,
            targets: targets,
            addingTo: dstream,
            gradients: decoder.gradients
        ) { places, _ in
            TokenGradients(logProbabilities: [Float](repeating: dlogp, count: places.count))
        }
        try pass.backward(dstream, batch: batch, gradients: decoder.gradients, overwritingMatrices: true)
        try update()
        return -statistics.logProbabilities.reduce(0) { $0 + Double($1) } / Double(targets.count)
    }

    private func update() throws {
        let parameters = decoder.parameters
        let norm = try context.sumOfSquares(parameters.gradients).squareRoot()
        steps += 1
        for (range, decay) in [(parameters.matrixRange, options.weightDecay), (parameters.vectorRange, 0)] {
            try context.adamW(
                AdamWStep(
                    learningRate: Self.learningRate,
                    beta1: options.beta1,
                    beta2: options.beta2,
                    epsilon: options.epsilon,
                    weightDecay: decay,
                    correction1: 1 - power(options.beta1, steps),
                    correction2: 1 - power(options.beta2, steps),
                    gradientScale: Float(min(1, Self.clippingNorm / max(norm, .leastNormalMagnitude)))
                ),
                weights: parameters.values.buffer,
                gradients: parameters.gradients,
                firstMoment: firstMoment,
                secondMoment: secondMoment,
                range: range
            )
        }
    }

    private func power(_ base: Float, _ exponent: Int) -> Float {
        Float((0..<exponent).reduce(1.0) { product, _ in product * Double(base) })
    }
}
