// Text to tokens and back.

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Turns text into the tokens of a model's vocabulary, and tokens into text.
///
/// Copies share what was loaded. All functions may be called from many tasks at once.
public struct Tokenizer: Sendable {
    let definition: TokenizerDefinition
    /// How the model wants a conversation written; nil if its files name no template, or one that cannot be read.
    public let chatTemplate: ChatTemplate?
    /// Why the template of the files could not be read. The tokenizer works without it.
    public let chatTemplateError: ChatTemplateError?

    /// Reads the tokenizer files of a Hugging Face model folder: `tokenizer.json` and, where present,
    /// `tokenizer_config.json`, `special_tokens_map.json` and `generation_config.json`.
    public static func load(folder: URL) throws(TokenizerError) -> Tokenizer {
        try Tokenizer(files: TokenizerFiles(folder: folder))
    }

    /// Builds a tokenizer from the contents of `tokenizer.json` and, if given, `tokenizer_config.json`.
    public init(json: Data, configuration: Data? = nil) throws(TokenizerError) {
        try self.init(files: TokenizerFiles(tokenizer: Array(json), configuration: configuration.map { Array($0) }))
    }

    /// Builds a tokenizer from the metadata of a GGUF file.
    package init(vocabulary: GGUFVocabulary) throws(TokenizerError) {
        self.init(try TokenizerDefinition(gguf: vocabulary), chatTemplate: vocabulary.chatTemplate)
    }

    init(files: TokenizerFiles) throws(TokenizerError) {
        self.init(try TokenizerDefinition(files: files), chatTemplate: files.statedChatTemplate)
    }

    private init(_ definition: TokenizerDefinition, chatTemplate source: String?) {
        self.definition = definition
        func name(_ token: TokenID?) -> String? {
            token.map { String(decoding: definition.nameBytes(of: $0), as: UTF8.self) }
        }
        do throws(ChatTemplateError) {
            if let source {
                chatTemplate = try ChatTemplate(
                    source: source,
                    beginningOfText: name(definition.notable.beginningOfText),
                    endOfText: name(definition.notable.endOfText)
                )
            } else {
                chatTemplate = nil
            }
            chatTemplateError = nil
        } catch {
            chatTemplate = nil
            chatTemplateError = error
        }
    }

    /// Number of ids, `0 ..< vocabularySize`.
    public var vocabularySize: Int { definition.size }

    /// The tokens of a text.
    ///
    /// - Parameters:
    ///   - addingSpecialTokens: puts in front and behind what the model's post-processor adds (such as `[CLS]` … `[SEP]`).
    ///   - parsingSpecialTokens: recognises the names of special tokens in the text. Leave it off for text from outside.
    public func encode(
        _ text: String,
        addingSpecialTokens: Bool = false,
        parsingSpecialTokens: Bool = false
    ) -> [TokenID] {
        var text = text
        return text.withUTF8 { bytes in
            var encoding = Encoding(definition, byteCount: bytes.count, parsingSpecialTokens: parsingSpecialTokens)
            if addingSpecialTokens { encoding.append(definition.postProcessor.prefix) }
            encoding.encode(bytes)
            if addingSpecialTokens { encoding.append(definition.postProcessor.suffix) }
            return encoding.tokens
        }
    }

    /// The text of tokens; ids outside the vocabulary add nothing.
    public func decode(_ tokens: some Sequence<TokenID>, skippingSpecialTokens: Bool = false) -> String {
        var decoder = StreamingDecoder(definition: definition, skipsSpecialTokens: skippingSpecialTokens)
        var bytes: [UInt8] = []
        for token in tokens { decoder.append(token, to: &bytes) }
        decoder.finish(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes that a token adds in the middle of a text; for a special token, its name.
    public func bytes(of token: TokenID) -> [UInt8] { definition.bytes(of: token) }

    /// Whether a token steers the model and is no text.
    public func isSpecial(_ token: TokenID) -> Bool { definition.isSpecial(token) }

    /// The id of a token by its string in the vocabulary.
    public func token(named name: String) -> TokenID? { definition.find(Array(name.utf8)) }

    /// A token's string in the vocabulary; empty for an id outside it.
    public func name(of token: TokenID) -> String {
        String(decoding: definition.nameBytes(of: token), as: UTF8.self)
    }

    /// The token that opens a text.
    public var beginningOfText: TokenID? { definition.notable.beginningOfText }
    /// The token that ends a text.
    public var endOfText: TokenID? { definition.notable.endOfText }
    /// The token for what the vocabulary cannot spell.
    public var unknown: TokenID? { definition.notable.unknown }
    /// The token that fills up shorter sequences of a batch.
    public var padding: TokenID? { definition.notable.padding }
    /// Every token after which generation stops: end of text, end of turn.
    public var endOfGeneration: Set<TokenID> { definition.notable.endOfGeneration }

    /// A decoder that is fed token by token and never emits half a character.
    public func makeStreamingDecoder(skippingSpecialTokens: Bool = true) -> StreamingDecoder {
        StreamingDecoder(definition: definition, skipsSpecialTokens: skippingSpecialTokens)
    }
}
