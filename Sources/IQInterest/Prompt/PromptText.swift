// Text from outside, made harmless for a prompt.

package import IQText

/// Prepares texts of signals for a prompt: on one line, of bounded length, and without the strings that steer a model.
///
/// A page may be titled `<|im_end|>`. Chat prompts are tokenised with special tokens recognised, so such a title would end
/// the person's turn. A space put behind the first character of every special token's name takes its meaning away and leaves it
/// legible: `< |im_end|>`.
package struct PromptText: Sendable {
    /// Names of special tokens in UTF-8, by their first byte, longest first.
    private let names: [UInt8: [[UInt8]]]

    package init(specialNames: some Sequence<String>) {
        let bytes = Set(specialNames.map { Array($0.utf8) }).filter { !$0.isEmpty }
        names = Dictionary(grouping: bytes, by: { $0[0] }).mapValues { $0.sorted { $0.count > $1.count } }
    }

    package init(tokenizer: Tokenizer) {
        self.init(
            specialNames: (0..<TokenID(clamping: tokenizer.vocabularySize))
                .filter(tokenizer.isSpecial)
                .map(tokenizer.name(of:))
        )
    }

    /// The text as it goes into a prompt; may be empty.
    package func prepared(_ text: String, maximumCharacters: Int) -> String {
        neutralised(Self.shortened(text.collapsingWhitespace(), to: maximumCharacters)).collapsingWhitespace()
    }

    /// The text without any special token's name. The comparison is of bytes, as the tokenizer's is: an accent behind the
    /// name joins its last letter to another character, and does not change what the tokenizer finds.
    package func neutralised(_ text: String) -> String {
        var bytes = Array(text.utf8)
        guard bytes.contains(where: { names[$0] != nil }) else { return text }
        // A space may complete another name, so it is looked again; a name that a space cannot break is taken out.
        for pass in 0..<8 {
            let changed = pass < 4 ? broken(bytes) : removed(bytes)
            if changed == bytes { break }
            bytes = changed
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func broken(_ bytes: [UInt8]) -> [UInt8] {
        replaced(bytes) { name in
            // The space goes behind the first whole character.
            let lead = name.dropFirst().prefix { $0 & 0xC0 == 0x80 }.count + 1
            return name.count > lead ? Array(name[..<lead]) + [0x20] + Array(name[lead...]) : []
        }
    }

    private func removed(_ bytes: [UInt8]) -> [UInt8] { replaced(bytes) { _ in [] } }

    private func replaced(_ bytes: [UInt8], _ replacement: ([UInt8]) -> [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 8)
        var position = 0
        while position < bytes.count {
            if let name = names[bytes[position]]?.first(where: { bytes[position...].starts(with: $0) }) {
                result.append(contentsOf: replacement(name))
                position += name.count
            } else {
                result.append(bytes[position])
                position += 1
            }
        }
        return result
    }

    /// The text cut to a number of characters, at a space where there is one in its second half.
    static func shortened(_ text: String, to maximum: Int) -> String {
        guard text.count > maximum else { return text }
        let head = text.prefix(max(0, maximum - 1))
        if let space = head.lastIndex(of: " "), head.distance(from: head.startIndex, to: space) > maximum / 2 {
            return head[..<space] + "…"
        }
        return head + "…"
    }
}
