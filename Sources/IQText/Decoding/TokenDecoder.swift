// How the strings of tokens become text again.

/// The decoder of a model.
enum TokenDecoder: Sendable, Equatable {
    /// Token strings are bytes in the byte alphabet; the bytes of all tokens together are UTF-8.
    case bytes
    /// Each token string is changed on its own, and the results are joined.
    case strings(StringDecoding)
}

/// Decoding token by token.
struct StringDecoding: Sendable, Equatable {
    /// Steps on token strings, byte tokens included.
    var beforeByteFallback: [StringDecodingStep] = []
    /// Neighbouring tokens `<0xNN>` become the characters they spell.
    var fallsBackToBytes = false
    /// Steps on the strings that byte fallback left.
    var afterByteFallback: [StringDecodingStep] = []
    /// Taken from the ends of the whole text, once it is joined.
    var trim: DecodedTextTrim?
}

/// One step on the string of a token.
enum StringDecodingStep: Sendable, Equatable {
    case replace([UInt8], with: [UInt8])
    /// The mark becomes a space; in the first token it goes, if encoding had put it there.
    case metaspace(mark: [UInt8], dropsFirst: Bool)
    /// Pieces that go on with a word lose their prefix, others get a space before them.
    case wordPiece(prefix: [UInt8], cleansUp: Bool)
    /// At most so many of a character go from the ends of each token.
    case strip(DecodedTextTrim)
    /// A space before each token but the first: what is done where a model names no decoder.
    case space

    func apply(to text: [UInt8], isFirst: Bool) -> [UInt8] {
        switch self {
        case .replace(let old, let new): return Normalizer.replacing(old, with: new, in: text)
        case .metaspace(let mark, let dropsFirst):
            return Normalizer.replacing(mark, with: isFirst && dropsFirst ? [] : [0x20], in: text)
        case .wordPiece(let prefix, let cleansUp):
            var result = text
            if !isFirst {
                if !prefix.isEmpty, text.starts(with: prefix) {
                    result.removeFirst(prefix.count)
                } else {
                    result.insert(0x20, at: 0)
                }
            }
            return cleansUp ? Self.cleanedUp(result) : result
        case .strip(let trim): return trim.apply(to: text)
        case .space: return isFirst ? text : [0x20] + text
        }
    }

    /// The spaces before punctuation and contractions that English does not have.
    private static let cleanups: [([UInt8], [UInt8])] = [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
        (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ].map { (Array($0.0.utf8), Array($0.1.utf8)) }

    private static func cleanedUp(_ text: [UInt8]) -> [UInt8] {
        cleanups.reduce(text) { Normalizer.replacing($1.0, with: $1.1, in: $0) }
    }
}

/// A character taken from the ends of a text.
struct DecodedTextTrim: Sendable, Equatable {
    var character: [UInt8]
    /// At most so many at the front.
    var atStart: Int
    /// At most so many at the end.
    var atEnd: Int

    func apply(to text: [UInt8]) -> [UInt8] {
        var rest = text[...]
        var left = atStart
        while left > 0, !character.isEmpty, rest.starts(with: character) {
            rest = rest.dropFirst(character.count)
            left -= 1
        }
        left = atEnd
        while left > 0, !character.isEmpty, rest.suffix(character.count).elementsEqual(character) {
            rest = rest.dropLast(character.count)
            left -= 1
        }
        return Array(rest)
    }
}

extension StringDecoding {
    /// The byte of a token `<0xNN>`.
    static func byte(of name: [UInt8]) -> UInt8? {
        guard name.count == 6, name[0] == UInt8(ascii: "<"), name[1] == UInt8(ascii: "0"), name[2] == UInt8(ascii: "x"),
            name[5] == UInt8(ascii: ">")
        else { return nil }
        return UInt8(String(decoding: name[3..<5], as: UTF8.self), radix: 16)
    }
}
