// What a generation is asked for.

public import IQText

/// What the model continues.
public enum GenerationPrompt: Sendable, Equatable {
    /// Plain text, with the beginning-of-text token where the model wants one; special tokens in it are not interpreted.
    case text(String)
    /// Messages, put through the model's chat template with the turn of the assistant opened.
    case chat([ChatMessage])
    /// Tokens, taken as they are.
    case tokens([TokenID])

    /// The tokens that the prompt becomes.
    ///
    /// - Throws: ``GenerationError/noChatTemplate``, or a ``ChatTemplateError`` from the model's template.
    package func tokens(with tokenizer: Tokenizer) throws -> [TokenID] {
        switch self {
        case .tokens(let tokens):
            return tokens
        case .text(let text):
            return tokenizer.encode(text, addingSpecialTokens: true, parsingSpecialTokens: false)
        case .chat(let messages):
            guard let template = tokenizer.chatTemplate else { throw GenerationError.noChatTemplate }
            // The template writes the special tokens itself, the one that begins a text included.
            let text = try template.render(messages, addingGenerationPrompt: true)
            return tokenizer.encode(text, addingSpecialTokens: false, parsingSpecialTokens: true)
        }
    }
}

/// How one continuation is made.
public struct GenerationOptions: Sendable {
    /// At most this many new tokens; at least 1.
    public var maximumTokens: Int
    public var sampling: SamplingOptions
    /// Generation ends where the text would contain one of these; the string itself is not part of the text.
    public var stopStrings: [String]
    /// The same seed, prompt, options and machine give the same tokens. Sequence i of a batch or group uses stream i.
    public var seed: UInt64
    /// Forces the text into a format; nil leaves it free.
    public var grammar: TokenGrammar?
    /// An end-of-text token ends the generation; false samples on (for measurements).
    public var stopsAtEndOfText: Bool

    /// - Throws: ``GenerationError`` if the number of tokens is under 1 or a stop string is empty.
    public init(
        maximumTokens: Int = 256,
        sampling: SamplingOptions = .default,
        stopStrings: [String] = [],
        seed: UInt64 = 0,
        grammar: TokenGrammar? = nil,
        stopsAtEndOfText: Bool = true
    ) throws(GenerationError) {
        guard maximumTokens >= 1 else { throw .invalidMaximumTokens(maximumTokens) }
        guard !stopStrings.contains("") else { throw .emptyStopString }
        self.maximumTokens = maximumTokens
        self.sampling = sampling
        self.stopStrings = stopStrings
        self.seed = seed
        self.grammar = grammar
        self.stopsAtEndOfText = stopsAtEndOfText
    }
}
