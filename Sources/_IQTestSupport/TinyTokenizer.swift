// A tokenizer for the tiny recorded models, which have a vocabulary of 97 and no tokenizer of their own.

package import IQText

/// One token for each printable ASCII character, space and line feed, and one that ends the text.
package enum TinyTokenizer {
    /// The end-of-text token.
    package static let end: TokenID = 96

    /// A chat template in the style of ChatML, written with characters that the vocabulary has.
    static let chatTemplate =
        "{% for message in messages %}<{{ message['role'] }}>{{ message['content'] }}\n{% endfor %}"
        + "{% if add_generation_prompt %}<assistant>{% endif %}"

    package static var vocabulary: GGUFVocabulary {
        let printable = (UInt8(ascii: "!")...UInt8(ascii: "~")).map { [$0] }
        // The byte-level alphabet writes a space as U+0120 and a line feed as U+010A.
        let tokens = printable + [Array("\u{120}".utf8), Array("\u{10A}".utf8), Array("<|end|>".utf8)]
        return GGUFVocabulary(
            model: "gpt2",
            pre: "gpt-2",
            tokens: tokens,
            types: Array(repeating: 1, count: 96) + [3],
            merges: [],
            endOfText: Int(end),
            chatTemplate: chatTemplate
        )
    }

    package static func make() throws -> Tokenizer { try Tokenizer(vocabulary: vocabulary) }
}
