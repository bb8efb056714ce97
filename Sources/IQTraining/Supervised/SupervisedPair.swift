// What supervised training learns from, and the tokens that it becomes.

public import IQText

/// A prompt and the completion to learn.
public enum SupervisedPair: Sendable, Hashable {
    /// Texts as they are; the token that begins a text goes in front where the model wants it, the one that ends it behind.
    case text(prompt: String, completion: String)
    /// A conversation in the model's chat template; the last turn is the assistant's and is learnt.
    case messages([ChatMessage])
    /// Tokens as they are.
    case tokens(prompt: [TokenID], completion: [TokenID])
}

/// A pair as the model sees it: one sequence, of which the tokens from ``promptCount`` on are learnt.
package struct TokenizedPair: Sendable, Hashable {
    package let tokens: [TokenID]
    package let promptCount: Int

    package init(prompt: [TokenID], completion: [TokenID]) {
        tokens = prompt + completion
        promptCount = prompt.count
    }

    package var completionCount: Int { tokens.count - promptCount }
}

/// Turns pairs into tokens for one model.
package struct PairTokenization: Sendable {
    package let tokenizer: Tokenizer?
    package let vocabularySize: Int
    /// The longest sequence.
    package let limit: Int

    package init(tokenizer: Tokenizer?, vocabularySize: Int, limit: Int) {
        self.tokenizer = tokenizer
        self.vocabularySize = vocabularySize
        self.limit = limit
    }

    package func tokens(of pair: SupervisedPair) throws(PairProblem) -> TokenizedPair {
        let result: TokenizedPair
        switch pair {
        case .tokens(let prompt, let completion): result = TokenizedPair(prompt: prompt, completion: completion)
        case .text(let prompt, let completion): result = try text(prompt, completion)
        case .messages(let messages): result = try conversation(messages)
        }
        guard result.promptCount > 0 else { throw .emptyPrompt }
        guard result.completionCount > 0 else { throw .emptyCompletion }
        for token in result.tokens where token < 0 || Int(token) >= vocabularySize {
            throw .tokenOutOfRange(Int(token), vocabularySize: vocabularySize)
        }
        guard result.tokens.count <= limit else { throw .tooLong(tokens: result.tokens.count, limit: limit) }
        return result
    }

    /// Prompt and completion are tokenised apart, as they are when the model writes the completion itself.
    private func text(_ prompt: String, _ completion: String) throws(PairProblem) -> TokenizedPair {
        guard let tokenizer else { throw .noTokenizer }
        guard !completion.isEmpty else { throw .emptyCompletion }
        return TokenizedPair(
            prompt: tokenizer.encode(prompt, addingSpecialTokens: true),
            completion: ended(tokenizer.encode(completion), tokenizer)
        )
    }

    private func conversation(_ messages: [ChatMessage]) throws(PairProblem) -> TokenizedPair {
        guard let tokenizer else { throw .noTokenizer }
        guard let template = tokenizer.chatTemplate else { throw .noChatTemplate }
        guard let last = messages.last, last.role == "assistant" else {
            throw .lastTurnIsNotTheAssistants(role: messages.last?.role)
        }
        guard !last.content.isEmpty else { throw .emptyCompletion }
        let prompt: String
        let whole: String
        do throws(ChatTemplateError) {
            prompt = try template.render(Array(messages.dropLast()), addingGenerationPrompt: true)
            whole = try template.render(messages, addingGenerationPrompt: false)
        } catch {
            throw .template(error.description)
        }
        guard whole.utf8.starts(with: prompt.utf8) else { throw .templateIsNotAPrefix }
        let completion = String(decoding: whole.utf8.dropFirst(prompt.utf8.count), as: UTF8.self)
        var tokens = tokenizer.encode(completion, parsingSpecialTokens: true)
        // What the template writes behind the end of the turn (a line break, say) is not the assistant's to learn.
        if let end = tokens.lastIndex(where: { tokenizer.endOfGeneration.contains($0) }) {
            tokens.removeSubrange((end + 1)...)
        }
        return TokenizedPair(
            prompt: tokenizer.encode(prompt, parsingSpecialTokens: true),
            completion: ended(tokens, tokenizer)
        )
    }

    /// With the token that ends a text, unless one that ends a turn is there already.
    private func ended(_ tokens: [TokenID], _ tokenizer: Tokenizer) -> [TokenID] {
        if let last = tokens.last, tokenizer.endOfGeneration.contains(last) { return tokens }
        return tokens + (tokenizer.endOfText.map { [$0] } ?? [])
    }
}
