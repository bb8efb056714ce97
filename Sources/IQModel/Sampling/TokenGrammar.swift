// A grammar compiled for one vocabulary.

/// Forces generated text into a format. Made from a byte grammar and a tokenizer.
public struct TokenGrammar: Sendable {
    init() {}
}
