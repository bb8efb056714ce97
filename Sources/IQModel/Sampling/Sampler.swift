// Draws tokens from logits, one sequence at a time, with the log-probability of each.

package import IQTensor
package import IQText

/// Draws the tokens of one sequence. Not Sendable: it belongs to the engine that decodes the sequence.
///
/// One number is taken from the random stream for each drawn token and none for a greedy one, so token n of a sequence
/// depends on the seed, the stream and n, whatever other sequences do. No memory is allocated per token once the buffers
/// have grown to what the distribution needs.
package final class Sampler {
    private let options: SamplingOptions
    private let vocabularySize: Int
    private var random: RandomStream
    private var history: RepetitionHistory?
    private var matcher: GrammarMatcher?
    private var selection: TokenSelection
    private var promptTokens = 0
    private var generatedTokens = 0

    /// - Parameters:
    ///   - seed: of the random numbers; sequences of one generation differ in `stream`.
    ///   - vocabularySize: the number of logits.
    ///   - grammar: what the text must look like; nil leaves it free.
    ///   - endTokens: tokens that end the text, besides those of the grammar's tokenizer. A grammar allows them where a text
    ///     may end, and nowhere else.
    package init(
        options: SamplingOptions,
        seed: UInt64,
        stream: UInt64,
        vocabularySize: Int,
        grammar: TokenGrammar?,
        endTokens: [TokenID]
    ) {
        self.options = options
        self.vocabularySize = vocabularySize
        random = RandomStream(seed: seed, stream: stream)
        history = RepetitionHistory(options: options, vocabularySize: vocabularySize)
        matcher = grammar.map { GrammarMatcher($0, endTokens: endTokens) }
        selection = TokenSelection(options: options, vocabularySize: vocabularySize)
    }

    /// Tokens of the prompt, for the repetition penalty.
    package func observe(prompt: [TokenID]) {
        promptTokens += prompt.count
        for token in prompt { history?.record(token) }
    }

    /// Draws the next token and records it in the penalty's history and in the grammar.
    ///
    /// - Parameter logits: one for each token; overwritten by the penalty and the grammar.
    /// - Throws: ``GenerationError/notFinite(position:)`` if a logit is NaN or +∞ or all are −∞,
    ///   ``GenerationError/grammarDeadEnd(generated:)`` if no allowed token is possible, and
    ///   ``GenerationError/grammarVocabularyMismatch(grammar:model:)`` if the grammar has more tokens than the model.
    package func sample(
        _ logits: UnsafeMutableBufferPointer<Float>,
        context: ComputeContext
    ) throws(GenerationError) -> SampledToken {
        precondition(logits.count == vocabularySize, "\(logits.count) logits for \(vocabularySize) tokens")
        let rawTop = context.maximum(of: logits)
        let rawMaximum = rawTop.value
        guard context.isBelowInfinity(logits), rawMaximum > -.infinity else {
            throw .notFinite(position: promptTokens + generatedTokens)
        }
        let rawTotal = context.sumOfExponentials(of: logits, shift: rawMaximum, factor: 1)

        history?.penalise(logits)
        try matcher?.restrict(logits, context: context)

        // Nothing has changed the logits where there is neither a penalty nor a grammar.
        let top = history == nil && matcher == nil ? rawTop : context.maximum(of: logits)
        guard top.value > -.infinity else { throw .grammarDeadEnd(generated: generatedTokens) }
        // A penalty under 1 can push a large logit over the largest number.
        guard top.value < .infinity else { throw .notFinite(position: promptTokens + generatedTokens) }

        let drawn: (index: Int, logProbability: Double) =
            options.isGreedy
            ? (top.index, 0)
            : selection.draw(from: logits, maximum: top.value, uniform: random.uniform(), context: context)
        let token = TokenID(drawn.index)
        let rawLogit = history?.originalLogit(of: token) ?? logits[drawn.index]
        history?.record(token)
        matcher?.advance(token)
        generatedTokens += 1
        return SampledToken(
            id: token,
            logProbability: Float(drawn.logProbability),
            rawLogProbability: Float(Double(rawLogit) - Double(rawMaximum) - naturalLogarithm(rawTotal))
        )
    }

    /// True if the grammar lets nothing but the end follow.
    package var isGrammarComplete: Bool { matcher?.isComplete ?? false }

    /// True if the text may end here: there is no grammar, or what was drawn so far is a whole text of it.
    package var mayEnd: Bool { matcher?.mayEnd ?? true }
}
