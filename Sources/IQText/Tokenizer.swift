// Text to tokens and back.

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Turns text into the tokens of a model's vocabulary, and tokens into text.
public struct Tokenizer: Sendable {
    /// Reads the tokenizer files of a Hugging Face model folder: `tokenizer.json` and, where present,
    /// `tokenizer_config.json`, `special_tokens_map.json` and `generation_config.json`.
    public static func load(folder: URL) throws(TokenizerError) -> Tokenizer {
        throw .unsupported(component: "model", name: folder.lastPathComponent)
    }

    /// Builds a tokenizer from the contents of `tokenizer.json` and, if given, `tokenizer_config.json`.
    public init(json: Data, configuration: Data? = nil) throws(TokenizerError) {
        throw .unsupported(component: "model", name: "tokenizer.json")
    }

    /// Builds a tokenizer from the metadata of a GGUF file.
    package init(vocabulary: GGUFVocabulary) throws(TokenizerError) {
        throw .unsupported(component: "model", name: vocabulary.model)
    }

    /// Number of ids, `0 ..< vocabularySize`.
    public var vocabularySize: Int { 0 }

    /// The tokens of a text.
    ///
    /// - Parameters:
    ///   - addingSpecialTokens: puts in front and behind what the model's post-processor adds (such as `[CLS]` … `[SEP]`).
    ///   - parsingSpecialTokens: recognises the names of special tokens in the text. Leave it off for text from outside.
    public func encode(
        _ text: String,
        addingSpecialTokens: Bool = false,
        parsingSpecialTokens: Bool = false
    ) -> [TokenID] { [] }

    /// The text of tokens; ids outside the vocabulary add nothing.
    public func decode(_ tokens: some Sequence<TokenID>, skippingSpecialTokens: Bool = false) -> String { "" }

    /// The bytes that a token adds in the middle of a text; for a special token, its name.
    public func bytes(of token: TokenID) -> [UInt8] { [] }

    /// Whether a token steers the model and is no text.
    public func isSpecial(_ token: TokenID) -> Bool { false }

    /// The id of a token by its string in the vocabulary.
    public func token(named name: String) -> TokenID? { nil }

    /// A token's string in the vocabulary; empty for an id outside it.
    public func name(of token: TokenID) -> String { "" }

    /// The token that opens a text.
    public var beginningOfText: TokenID? { nil }
    /// The token that ends a text.
    public var endOfText: TokenID? { nil }
    /// The token for what the vocabulary cannot spell.
    public var unknown: TokenID? { nil }
    /// The token that fills up shorter sequences of a batch.
    public var padding: TokenID? { nil }
    /// Every token after which generation stops: end of text, end of turn.
    public var endOfGeneration: Set<TokenID> { [] }

    /// A decoder that is fed token by token and never emits half a character.
    public func makeStreamingDecoder(skippingSpecialTokens: Bool = true) -> StreamingDecoder { StreamingDecoder() }
}
