// The tokenizer part of a GGUF file's metadata (the keys `tokenizer.ggml.*`), as values.

/// What a GGUF file says of its tokenizer. The GGUF reader fills it; ``Tokenizer`` is built from it.
///
/// Strings stay raw bytes, because a file from outside need not hold valid UTF-8.
package struct GGUFVocabulary: Sendable, Equatable {
    /// `tokenizer.ggml.model`: `gpt2` (byte-level BPE), `llama` (SentencePiece-style BPE by score) or `bert` (WordPiece).
    package var model: String
    /// `tokenizer.ggml.pre`: the name of the pre-tokeniser rule, such as `llama-bpe`, `qwen2` or `smollm`.
    package var pre: String?
    /// `tokenizer.ggml.tokens`: the bytes of each token's string, by id.
    package var tokens: [[UInt8]]
    /// `tokenizer.ggml.scores`: one per token; the higher is merged first.
    package var scores: [Float]?
    /// `tokenizer.ggml.token_type`: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.
    package var types: [Int32]?
    /// `tokenizer.ggml.merges`: the two halves parted by one space, best first.
    package var merges: [[UInt8]]?
    /// `tokenizer.ggml.bos_token_id`.
    package var beginningOfText: Int?
    /// `tokenizer.ggml.eos_token_id`.
    package var endOfText: Int?
    /// `tokenizer.ggml.eot_token_id`.
    package var endOfTurn: Int?
    /// `tokenizer.ggml.unknown_token_id`.
    package var unknown: Int?
    /// `tokenizer.ggml.padding_token_id`.
    package var padding: Int?
    /// `tokenizer.ggml.seperator_token_id` (spelled so in the format).
    package var separator: Int?
    /// `tokenizer.ggml.cls_token_id`.
    package var classification: Int?
    /// `tokenizer.ggml.add_bos_token`.
    package var addsBeginningOfText: Bool?
    /// `tokenizer.ggml.add_eos_token`.
    package var addsEndOfText: Bool?
    /// `tokenizer.ggml.add_space_prefix`.
    package var addsSpacePrefix: Bool?
    /// `tokenizer.chat_template`.
    package var chatTemplate: String?

    package init(
        model: String,
        pre: String? = nil,
        tokens: [[UInt8]],
        scores: [Float]? = nil,
        types: [Int32]? = nil,
        merges: [[UInt8]]? = nil,
        beginningOfText: Int? = nil,
        endOfText: Int? = nil,
        endOfTurn: Int? = nil,
        unknown: Int? = nil,
        padding: Int? = nil,
        separator: Int? = nil,
        classification: Int? = nil,
        addsBeginningOfText: Bool? = nil,
        addsEndOfText: Bool? = nil,
        addsSpacePrefix: Bool? = nil,
        chatTemplate: String? = nil
    ) {
        self.model = model
        self.pre = pre
        self.tokens = tokens
        self.scores = scores
        self.types = types
        self.merges = merges
        self.beginningOfText = beginningOfText
        self.endOfText = endOfText
        self.endOfTurn = endOfTurn
        self.unknown = unknown
        self.padding = padding
        self.separator = separator
        self.classification = classification
        self.addsBeginningOfText = addsBeginningOfText
        self.addsEndOfText = addsEndOfText
        self.addsSpacePrefix = addsSpacePrefix
        self.chatTemplate = chatTemplate
    }
}
