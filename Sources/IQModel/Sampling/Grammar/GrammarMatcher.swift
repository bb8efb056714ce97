// Where one sequence stands in its grammar.

package import IQTensor
package import IQText

/// Follows one sequence through a grammar.
package struct GrammarMatcher {
    private let grammar: TokenGrammar
    private let endTokens: [TokenID]
    private var position: MaskCache.Position
    private var hasEnded = false
    /// One bit for each token that may follow.
    private var mask: [UInt64]

    /// - Parameter endTokens: tokens that end the text, besides those of the grammar's vocabulary.
    package init(_ grammar: TokenGrammar, endTokens: [TokenID] = []) {
        self.grammar = grammar
        self.endTokens = Set(grammar.vocabulary.endTokens + endTokens).filter { $0 >= 0 }.sorted()
        position = grammar.startPosition()
        let highest = max(grammar.vocabularySize, (self.endTokens.last.map { Int($0) } ?? 0) + 1)
        mask = Array(repeating: 0, count: (highest + 63) / 64)
    }

    /// True if the text may end here.
    package var mayEnd: Bool { hasEnded || position.mayEnd }

    /// True if nothing but the end may follow.
    package var isComplete: Bool { hasEnded || !position.canContinue }

    /// Sets the logits of all tokens that may not follow to −∞.
    ///
    /// - Throws: ``GenerationError/grammarVocabularyMismatch(grammar:model:)`` if there are fewer logits than tokens.
    package mutating func restrict(
        _ logits: UnsafeMutableBufferPointer<Float>,
        context: ComputeContext
    ) throws(GenerationError) {
        guard grammar.vocabularySize <= logits.count else {
            throw .grammarVocabularyMismatch(grammar: grammar.vocabularySize, model: logits.count)
        }
        fillMask()
        context.keep(logits, allowed: mask)
    }

    /// The tokens that may follow, in order.
    package func allowedTokens() -> [TokenID] {
        var copy = self
        copy.fillMask()
        let mask = copy.mask
        return (0..<mask.count * 64).filter { mask[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }.map { TokenID($0) }
    }

    private mutating func fillMask() {
        if hasEnded {
            for word in mask.indices { mask[word] = 0 }
        } else {
            grammar.fill(&mask, at: position)
        }
        for token in endTokens {
            let (word, bit) = (Int(token) / 64, UInt64(1) << UInt64(token % 64))
            if position.mayEnd && !hasEnded { mask[word] |= bit } else { mask[word] &= ~bit }
        }
    }

    /// Takes the token; false, and nothing changes, if it may not follow.
    @discardableResult
    package mutating func advance(_ token: TokenID) -> Bool {
        guard !hasEnded else { return false }
        if endTokens.contains(token) {
            hasEnded = position.mayEnd
            return hasEnded
        }
        guard let next = grammar.advance(position, by: token) else { return false }
        position = next
        return true
    }
}
