// A grammar compiled for one vocabulary.

public import IQText

/// Forces generated text into a format. Made from a byte grammar and a tokenizer.
public struct TokenGrammar: Sendable {
    public init(_ grammar: ByteGrammar, tokenizer: Tokenizer) throws(GrammarError) {}
}
