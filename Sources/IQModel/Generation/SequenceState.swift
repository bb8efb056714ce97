// One continuation in the making.

internal import IQTensor
internal import IQText

/// Cache, sampler and text of one continuation.
final class SequenceState {
    let index: Int
    let cache: KVCache
    private let sampler: Sampler
    private var textDecoder: StreamingDecoder?
    private var stopFilter: StopStringFilter
    private(set) var tokens: [TokenID] = []
    private(set) var text = ""
    private(set) var logProbabilities: [Float] = []
    private(set) var rawLogProbabilities: [Float] = []
    private(set) var reason: StopReason?
    /// What a step's sampling came to, until the session takes it.
    private var outcome: Result<GeneratedToken, GenerationError>?

    /// Room that the text gets at the start, so that it rarely grows while decoding.
    private static let typicalBytesPerToken = 6

    private let endTokens: Set<TokenID>
    private let stopsAtEndOfText: Bool
    private let maximumTokens: Int
    private let hasGrammar: Bool

    /// - Parameters:
    ///   - stream: the random stream that it draws from.
    ///   - room: tokens that can follow the prompt, by the options and by the context.
    init(
        index: Int,
        cache: KVCache,
        prompt: [TokenID],
        stream: UInt64,
        options: GenerationOptions,
        endTokens: Set<TokenID>,
        tokenizer: Tokenizer?,
        vocabularySize: Int,
        room: Int
    ) {
        self.index = index
        self.cache = cache
        sampler = Sampler(
            options: options.sampling,
            seed: options.seed,
            stream: stream,
            vocabularySize: vocabularySize,
            grammar: options.grammar,
            endTokens: Array(endTokens).sorted()
        )
        sampler.observe(prompt: prompt)
        textDecoder = tokenizer?.makeStreamingDecoder(skippingSpecialTokens: true)
        stopFilter = StopStringFilter(options.stopStrings)
        self.endTokens = endTokens
        stopsAtEndOfText = options.stopsAtEndOfText
        maximumTokens = options.maximumTokens
        hasGrammar = options.grammar != nil
        tokens.reserveCapacity(room)
        logProbabilities.reserveCapacity(room)
        rawLogProbabilities.reserveCapacity(room)
        text.reserveCapacity(room * Self.typicalBytesPerToken)
    }

    /// Samples the next token from one row of logits, which is overwritten.
    func advance(
        logits: UnsafeMutableBufferPointer<Float>,
        contextLength: Int,
        on context: ComputeContext
    ) throws(GenerationError) -> GeneratedToken {
        let sampled = try sampler.sample(logits, context: context)
        tokens.append(sampled.id)
        logProbabilities.append(sampled.logProbability)
        rawLogProbabilities.append(sampled.rawLogProbability)

        var fragment = ""
        var isStopped = false
        if stopsAtEndOfText && endTokens.contains(sampled.id) {
            reason = .endOfText
        } else {
            fragment = stopFilter.append(textDecoder?.append(sampled.id) ?? "", isStopped: &isStopped)
            if isStopped {
                reason = .stopString
            } else if hasGrammar && sampler.isGrammarComplete {
                reason = .grammarComplete
            } else if tokens.count >= maximumTokens {
                reason = .maximumTokens
            } else if cache.length + 1 >= contextLength {
                reason = .contextFull
            }
        }
        if reason != nil && !isStopped { fragment += heldBackText() }
        text += fragment
        return GeneratedToken(
            sequence: index,
            id: sampled.id,
            text: fragment,
            logProbability: sampled.logProbability,
            rawLogProbability: sampled.rawLogProbability
        )
    }

    /// ``advance(logits:contextLength:on:)`` on any thread, for ``takeToken()``.
    func advanceLater(
        logits: UnsafeMutableBufferPointer<Float>,
        contextLength: Int,
        on context: ComputeContext
    ) {
        do throws(GenerationError) {
            outcome = .success(try advance(logits: logits, contextLength: contextLength, on: context))
        } catch {
            outcome = .failure(error)
        }
    }

    /// The token that was sampled last.
    func takeToken() throws(GenerationError) -> GeneratedToken {
        guard let outcome else { preconditionFailure("nothing was sampled") }
        self.outcome = nil
        return try outcome.get()
    }

    /// Ends a sequence that is still running.
    func cancel() {
        guard reason == nil else { return }
        reason = .cancelled
        text += heldBackText()
    }

    var result: GeneratedSequence {
        GeneratedSequence(
            sequence: index,
            tokens: tokens,
            text: text,
            logProbabilities: logProbabilities,
            rawLogProbabilities: rawLogProbabilities,
            reason: reason ?? .cancelled
        )
    }

    private func heldBackText() -> String {
        var isStopped = false
        let last = stopFilter.append(textDecoder?.finish() ?? "", isStopped: &isStopped)
        return isStopped ? last : last + stopFilter.finish()
    }
}
