// Tokens to text, one at a time.

/// Turns tokens into text as they come; the concatenation of all it returns is what ``Tokenizer`` decodes as a whole.
public struct StreamingDecoder: Sendable {
    /// Takes one token and returns the text that is certain by now: empty while a character is incomplete.
    public mutating func append(_ token: TokenID) -> String { "" }

    /// Ends the text and returns what was held back.
    public mutating func finish() -> String { "" }
}
