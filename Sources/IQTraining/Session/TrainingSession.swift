// What all trainers share: a model in training, micro-batches, and the step that sums what they and other processes found.

package import IQModel
package import IQTensor
package import IQText

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// A model, its optimiser and its memory. Not Sendable: it belongs to one trainer.
///
/// A step is any number of micro-batches that are accumulated and one ``step(number:learningRate:divisor:)``. Losses are sums over targets; the step divides gradient and loss by the sum of the weights of
/// all micro-batches of all processes. So the result does not depend, but for rounding, on how a step's sequences are cut
/// into micro-batches, packed, or dealt to processes.
package final class TrainingSession {
    /// What a step did.
    package struct StepResult: Sendable, Hashable {
        /// Sum of the losses over the sum of the weights.
        package var loss: Double
        /// Before clipping.
        package var gradientNorm: Double
        package var learningRate: Double
        /// Sum of the weights, of all processes, or the divisor that was given.
        package var weight: Double
        /// Rows of all micro-batches of all processes.
        package var rows: Int
        /// False if a number was not finite, so that the weights are as before.
        package var isApplied: Bool
    }

    package let settings: TrainingSettings
    package let collective: any Collective
    package let context: ComputeContext
    package let decoder: TrainableDecoder
    package let optimizer: AdamW
    package let pass: DecoderTrainingPass
    package let head: VocabularyHead
    package let estimate: TrainingMemoryEstimate
    package let tokenizer: Tokenizer?
    /// The watch over steps that are not finite. Set it from a checkpoint only.
    package var guardian: NonFiniteGuard
    private let dstream: FloatMatrix
    private let source: Source
    private var sums = Sums()
    /// Nothing of this step is in the gradients of the layers' matrices yet, which may still hold the last step's.
    private var isFresh = true

    private struct Sums {
        var loss = 0.0
        var weight = 0.0
        var rows = 0
    }

    package var configuration: DecoderConfiguration { decoder.configuration }

    /// Loads a model and gets it ready. Memory is checked before any is taken.
    ///
    /// - Throws: ``ModelError``, ``GenerationError/notADecoder(architecture:)``, ``AdapterError``, ``TensorError``,
    ///   ``TrainingError/notEnoughMemory(needed:available:advice:)``.
    package init(
        modelAt url: URL,
        settings: TrainingSettings,
        compute: ComputeOptions? = nil,
        collective: any Collective = SingleProcess(),
        availableMemory: Int? = nil
    ) throws {
        self.settings = settings
        self.collective = collective
        context = try ComputeContext(options: try compute ?? ComputeOptions())
        let start = try Self.start(url, settings, context, availableMemory: availableMemory)
        (decoder, estimate, tokenizer, source) = (start.decoder, start.estimate, start.tokenizer, start.source)
        optimizer = try AdamW(parameters: decoder.parameters, options: settings.adamW)
        guardian = NonFiniteGuard(limit: settings.nonFiniteLimit)
        let step = TrainingStep(context: context, precision: settings.precision)
        let rows = settings.tokensPerMicroBatch
        pass = try DecoderTrainingPass(
            model: decoder.model,
            capacity: rows,
            recording: settings.recording,
            step: step
        )
        head = try VocabularyHead(model: decoder.model, rows: rows, step: step)
        dstream = try FloatMatrix(rows: rows, columns: decoder.configuration.width)
    }

    private typealias Source = (vocabulary: GGUFVocabulary?, path: String, fileFormat: ModelFileFormat)

    /// Reads the model and makes it trainable. What was read, which would count as resident while it is mapped, is let go before
    /// the memory of the optimiser and of the passes is taken, unless it is a frozen base.
    private static func start(
        _ url: URL,
        _ settings: TrainingSettings,
        _ context: ComputeContext,
        availableMemory: Int?
    ) throws -> (decoder: TrainableDecoder, estimate: TrainingMemoryEstimate, tokenizer: Tokenizer?, source: Source) {
        // Stored weights are mapped: this takes no memory to speak of.
        var loaded = try loadModel(at: url, precision: .stored, context: context)
        guard case .decoder(let configuration, _) = loaded.weights else {
            throw GenerationError.notADecoder(architecture: ModelInformation(loaded).architecture)
        }
        let estimate = try TrainingMemoryEstimate.check(
            configuration: configuration,
            settings: settings,
            available: availableMemory ?? SystemMemory.available
        )
        if settings.method != .full {
            // A frozen base in f32 need not be expanded for each product.
            loaded = try loadModel(at: url, precision: .converted(.f32), context: context)
        }
        guard case .decoder(_, let weights) = loaded.weights else {
            throw GenerationError.notADecoder(architecture: ModelInformation(loaded).architecture)
        }
        let decoder =
            switch settings.method {
            case .full: try TrainableDecoder(configuration: configuration, weights: weights, context: context)
            case .adapters(let options):
                try TrainableDecoder(configuration: configuration, weights: weights, lora: options, seed: settings.seed)
            }
        return (decoder, estimate, loaded.tokenizer, (loaded.vocabulary, loaded.path, loaded.fileFormat))
    }

    // MARK: Steps

    /// Adds a micro-batch to the step: its gradients, its loss, its weight.
    ///
    /// - Parameters:
    ///   - targets: what the loss is over; none adds nothing.
    ///   - weight: what this micro-batch adds to the divisor: the number of targets, for a mean over targets.
    ///   - beforehand: called once with the statistics of all targets, before the losses of the blocks: for losses that look
    ///     at more than one target. Costs one more product with the vocabulary.
    ///   - additional: a further loss in the stream, such as a divergence from another model: adds its gradient at the stream
    ///     to the second matrix and returns its value.
    ///   - loss: called for each block of targets with their places and statistics; returns the summed loss of the block
    ///     and its derivatives.
    @discardableResult
    package func accumulate(
        _ batch: PackedBatch,
        targets: TokenTargets,
        weight: Double,
        dropout: DropoutDraw? = nil,
        temperature: Float = 1,
        wantsEntropy: Bool = false,
        beforehand: ((TokenStatistics) throws(TensorError) -> Void)? = nil,
        additional: ((_ stream: FloatMatrix, _ dstream: FloatMatrix) throws(TensorError) -> Double)? = nil,
        loss: (_ places: Range<Int>, _ statistics: TokenStatistics) -> (sum: Double, gradients: TokenGradients)
    ) throws(TensorError) -> TokenStatistics {
        guard targets.count > 0 else { return TokenStatistics() }
        var statistics = TokenStatistics()
        try accumulate(batch, weight: weight, dropout: dropout) { stream, dstream throws(TensorError) in
            var sum = 0.0
            if let beforehand {
                try beforehand(
                    try head.statistics(stream, targets: targets, temperature: temperature, wantsEntropy: wantsEntropy)
                )
            }
            statistics = try head.backward(
                stream,
                targets: targets,
                temperature: temperature,
                wantsEntropy: wantsEntropy,
                addingTo: dstream,
                gradients: decoder.gradients
            ) { places, statistics in
                let result = loss(places, statistics)
                sum += result.sum
                return result.gradients
            }
            if let additional { sum += try additional(stream, dstream) }
            return sum
        }
        return statistics
    }

    /// Adds a micro-batch whose loss is whatever the caller makes of the stream, such as a divergence from another model.
    ///
    /// - Parameters:
    ///   - weight: what this micro-batch adds to the divisor.
    ///   - loss: gets the stream behind the last layer and a matrix of zeros; adds its gradient at the stream to the matrix,
    ///     and that of final norm and output head to the decoder's gradients; returns the summed loss.
    package func accumulate(
        _ batch: PackedBatch,
        weight: Double,
        dropout: DropoutDraw? = nil,
        loss: (_ stream: FloatMatrix, _ dstream: FloatMatrix) throws(TensorError) -> Double
    ) throws(TensorError) {
        let stream = try pass.forward(batch, dropout: dropout)
        let dstream = dstream.rows(0..<batch.rows)
        dstream.fill(0)
        let sum = try loss(stream, dstream)
        try pass.backward(
            dstream,
            batch: batch,
            gradients: decoder.gradients,
            overwritingMatrices: isFresh
        )
        isFresh = false
        sums.loss += sum
        sums.weight += weight
        sums.rows += batch.rows
    }

    /// Adds the cross-entropy of the targets, each with weight 1.
    package func accumulateCrossEntropy(
        _ batch: PackedBatch,
        targets: TokenTargets,
        dropout: DropoutDraw? = nil
    ) throws(TensorError) {
        try accumulate(batch, targets: targets, weight: Double(targets.count), dropout: dropout) { places, statistics in
            (
                -statistics.logProbabilities.reduce(0) { $0 + Double($1) },
                TokenGradients(logProbabilities: [Float](repeating: -1, count: places.count))
            )
        }
    }

    /// Sums over all processes, clips, and changes the weights; afterwards nothing is accumulated.
    ///
    /// - Parameters:
    ///   - number: of the step, from 1, for the error.
    ///   - divisor: what gradient and loss are divided by; nil for the sum of the weights. 1 for a loss that was divided
    ///     already.
    /// - Throws: ``CollectiveError``, ``TensorError``, ``TrainingError/notFinite(step:inARow:loss:gradientNorm:)``.
    package func step(number: Int, learningRate: Double, divisor: Double? = nil) throws -> StepResult {
        let totals = try collective.sum([sums.loss, sums.weight, Double(sums.rows)])
        // This process had no part in the step.
        if isFresh { try context.clear(decoder.parameters.gradients) }
        try decoder.parameters.gradients.withFloats { try collective.sum($0) }
        defer { sums = Sums() }
        let weight = divisor ?? totals[1]
        precondition(weight > 0, "a step over nothing")
        let mean = 1 / weight
        let norm = try optimizer.gradientNorm(context: context) * mean
        let loss = totals[0] * mean
        // All processes see the same sums, so that they decide alike.
        let isApplied: Bool
        do {
            isApplied = try guardian.permits(step: number, loss: loss, gradientNorm: norm)
        } catch {
            try forgetGradients()
            throw error
        }
        if isApplied {
            try optimizer.step(
                learningRate: learningRate,
                gradientScale: mean * clippingFactor(norm: norm, maximum: settings.gradientClipping),
                context: context
            )
        }
        try forgetGradients()
        return StepResult(
            loss: loss,
            gradientNorm: norm,
            learningRate: learningRate,
            weight: weight,
            rows: Int(totals[2]),
            isApplied: isApplied
        )
    }

    /// Forgets what was accumulated.
    package func discard() throws(TensorError) {
        sums = Sums()
        try forgetGradients()
    }

    private func forgetGradients() throws(TensorError) {
        try decoder.clearForOverwriting(context: context)
        isFresh = true
    }

    /// Summed cross-entropy of the targets, forward only, without dropout.
    package func crossEntropy(_ batch: PackedBatch, targets: TokenTargets) throws(TensorError) -> Double {
        guard targets.count > 0 else { return 0 }
        let statistics = try head.statistics(try pass.forward(batch), targets: targets)
        return -statistics.logProbabilities.reduce(0) { $0 + Double($1) }
    }

    // MARK: Files

    /// Writes the model as it is now, adapters merged, as a Hugging Face folder with its tokenizer.
    package func saveModel(to folder: URL, format: NumberFormat? = .f32) throws {
        let model = LoadedModel(
            weights: .decoder(configuration, try decoder.mergedWeights(context: context)),
            tokenizer: tokenizer,
            vocabulary: source.vocabulary,
            path: source.path,
            fileFormat: source.fileFormat
        )
        try model.saveFolder(to: folder, format: format, context: context)
    }

    /// Writes the adapters as PEFT keeps them; nothing where all weights learn.
    package func saveAdapters(to folder: URL) throws {
        guard let adapter = decoder.adapter else { return }
        try saveAdapter(adapter, of: configuration, baseName: source.path, to: folder)
    }
}
