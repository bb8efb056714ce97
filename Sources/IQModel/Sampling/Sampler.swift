// Draws tokens from logits, one sequence at a time.

package import IQTensor
package import IQText

/// Draws the tokens of one sequence. Not Sendable: it belongs to the engine that decodes the sequence.
package final class Sampler {
    private let options: SamplingOptions

    package init(
        options: SamplingOptions,
        seed: UInt64,
        stream: UInt64,
        vocabularySize: Int,
        grammar: TokenGrammar?,
        endTokens: [TokenID]
    ) {
        self.options = options
    }

    /// Tokens of the prompt, for the repetition penalty.
    package func observe(prompt: [TokenID]) {}

    /// Draws the next token and records it. The logits may be overwritten.
    package func sample(
        _ logits: UnsafeMutableBufferPointer<Float>,
        context: ComputeContext
    ) throws(GenerationError) -> SampledToken {
        let (value, index) = context.maximum(of: logits)
        guard value.isFinite else { throw .notFinite(position: 0) }
        return SampledToken(id: TokenID(index), logProbability: 0, rawLogProbability: 0)
    }

    /// True if the grammar lets nothing but the end follow.
    package var isGrammarComplete: Bool { false }
}
