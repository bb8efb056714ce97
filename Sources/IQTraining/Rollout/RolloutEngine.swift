// Samples completions from a model while it is being trained, in groups that share their prompt's cache.

package import IQModel
package import IQTensor
package import IQText

/// A prompt to sample from, and where its random numbers come from.
package struct RolloutPrompt: Sendable, Hashable {
    package let tokens: [TokenID]
    /// Continuation m of the prompt takes stream `firstStream + m`, whatever is decoded beside it.
    package let firstStream: UInt64

    package init(tokens: [TokenID], firstStream: UInt64) {
        self.tokens = tokens
        self.firstStream = firstStream
    }
}

/// Samples from the weights in training, or from a frozen model beside them. Not Sendable: it belongs to the trainer that owns
/// the session.
///
/// A token depends on the seed, its stream, and the logits; logits depend on the rows computed beside them by rounding only.
/// So a run that is resumed, with the same prompts in the same requests, samples the same tokens bit for bit.
package final class RolloutEngine {
    /// How long a call took, and what it made.
    package struct Cost: Sendable, Hashable {
        /// Tokens of the prompts; one that a group shares counts once.
        package var promptTokens = 0
        package var sampledTokens = 0
        /// Seconds for copying weights, reading prompts and decoding.
        package var seconds = 0.0

        package init() {}
    }

    package let options: RolloutOptions
    package let grammar: TokenGrammar?
    private let context: ComputeContext
    private let tokenizer: Tokenizer?
    /// What changes between steps; nil for a frozen model.
    private let decoder: TrainableDecoder?
    private let runner: DecoderRunner
    /// Frozen matrices in the copy's format, which need not be copied again.
    private var frozenCopy: DecoderModel?
    private let clock = RunClock.system

    /// Samples from the weights in training.
    ///
    /// - Parameters:
    ///   - grammar: what every completion must look like; nil leaves it free.
    ///   - groupSize: the largest group.
    package convenience init(
        session: TrainingSession,
        options: RolloutOptions,
        grammar: TokenGrammar?,
        groupSize: Int
    ) throws(TensorError) {
        try self.init(
            model: session.decoder.model,
            decoder: session.decoder,
            tokenizer: session.tokenizer,
            context: session.context,
            options: options,
            grammar: grammar,
            groupSize: groupSize
        )
    }

    /// Samples from a model that stays as it is, in the precision of its weights.
    package convenience init(
        frozen model: DecoderModel,
        tokenizer: Tokenizer?,
        context: ComputeContext,
        options: RolloutOptions,
        grammar: TokenGrammar?,
        groupSize: Int
    ) throws(TensorError) {
        try self.init(
            model: model,
            decoder: nil,
            tokenizer: tokenizer,
            context: context,
            options: options,
            grammar: grammar,
            groupSize: groupSize
        )
    }

    private init(
        model: DecoderModel,
        decoder: TrainableDecoder?,
        tokenizer: Tokenizer?,
        context: ComputeContext,
        options: RolloutOptions,
        grammar: TokenGrammar?,
        groupSize: Int
    ) throws(TensorError) {
        self.decoder = decoder
        self.tokenizer = tokenizer
        self.context = context
        self.options = options
        self.grammar = grammar
        runner = try DecoderRunner(
            decoder: model,
            context: context,
            cacheFormat: options.cacheFormat,
            maximumRows: 512,
            maximumOutputs: max(groupSize, options.sequencesTogether)
        )
    }

    /// Takes over the weights as they are now; call it after every change of them.
    package func refresh() throws {
        guard case .copy(let format) = options.precision, let decoder else { return }
        if let adapter = decoder.adapter {
            let base = try frozenCopy ?? copy(decoder, in: format)
            frozenCopy = base
            runner.decoder = base.with(adapter)
        } else {
            runner.decoder = try copy(decoder, in: format)
        }
    }

    /// Samples `groupSize` completions of each prompt.
    ///
    /// - Parameters:
    ///   - sampling: another distribution than the options', for evaluations.
    ///   - isCancelled: asked before every step of decoding.
    ///   - finished: called with a prompt's index and its completions as soon as all of these are there.
    /// - Returns: the cost; nil if the call was cancelled.
    /// - Throws: ``GenerationError``, ``TensorError``.
    package func generate(
        _ prompts: [RolloutPrompt],
        groupSize: Int,
        seed: UInt64,
        sampling: SamplingOptions? = nil,
        isCancelled: () -> Bool = { false },
        finished: (_ prompt: Int, _ completions: [GeneratedSequence]) -> Void
    ) throws -> Cost? {
        var cost = Cost()
        guard !prompts.isEmpty else { return cost }
        let began = clock.seconds()
        let request = try GenerationRequest(
            prompts: prompts.map(\.tokens),
            groupSize: groupSize,
            options: try GenerationOptions(
                maximumTokens: options.maximumTokens,
                sampling: sampling ?? options.sampling,
                stopStrings: options.stopStrings,
                seed: seed,
                grammar: grammar,
                stopsAtEndOfText: options.stopsAtEndOfText
            ),
            endTokens: tokenizer?.endOfGeneration ?? [],
            firstStreams: prompts.map(\.firstStream)
        )
        let generation = try GenerationSession(request, runner: runner, tokenizer: tokenizer)
        var groups = [[GeneratedSequence]](repeating: [], count: prompts.count)
        var isGoing = true
        while isGoing {
            if isCancelled() { return nil }
            isGoing = try generation.step { event in
                switch event {
                case .prefilled, .token: break
                case .sequenceFinished(let sequence):
                    let prompt = sequence.sequence / groupSize
                    groups[prompt].append(sequence)
                    guard groups[prompt].count == groupSize else { return }
                    let group = groups[prompt].sorted { $0.sequence < $1.sequence }
                    groups[prompt] = []
                    finished(prompt, group)
                case .finished(let summary):
                    cost.promptTokens = summary.promptTokens
                    cost.sampledTokens = summary.generatedTokens
                }
            }
        }
        cost.seconds = clock.seconds() - began
        return cost
    }

    /// The matrices in another format, packed for the fastest products that it has; norms and biases stay in the memory that they
    /// are in.
    private func copy(_ decoder: TrainableDecoder, in format: NumberFormat) throws -> DecoderModel {
        let (configuration, weights) = (decoder.configuration, decoder.currentWeights)
        let copy = try DecoderWeights(
            in: configuration,
            matrix: { parameter throws -> WeightMatrix in
                guard case .matrix(let matrix) = weights[parameter] else {
                    preconditionFailure("\(parameter) is no matrix of these weights")
                }
                return try context.converted(matrix, to: format)
            },
            vector: { parameter throws -> WeightVector in
                guard case .vector(let vector) = weights[parameter] else {
                    preconditionFailure("\(parameter) is no vector of these weights")
                }
                return vector
            }
        )
        return try DecoderModel(
            configuration: configuration,
            weights: try copy.packed(for: .rounded, in: configuration, on: context),
            product: .rounded
        )
    }
}
