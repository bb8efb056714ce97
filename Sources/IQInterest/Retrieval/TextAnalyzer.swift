// How text becomes the tokens that lexical search compares.

/// Cuts text into tokens: runs of letters, marks and digits (Unicode general categories L, M and N) in lower case, without stop
/// words. An apostrophe between letters parts them ("don't" is "don" and "t"), as in SQLite's `unicode61`. Scripts written
/// without spaces (Han, Hiragana, Katakana, Thai and their like) give one token for each character, so that parts of a run are
/// found. There is no stemming.
public struct TextAnalyzer: Sendable, Hashable {
    /// Tokens that are left out, in lower case.
    public var stopWords: Set<String>

    /// - Parameter stopWords: tokens to leave out, in lower case; by default none.
    public init(stopWords: Set<String> = []) { self.stopWords = stopWords }

    /// The 33 English stop words that Lucene's `EnglishAnalyzer` leaves out.
    public static let englishStopWords: Set<String> = [
        "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not",
        "of",
        "on", "or", "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will",
        "with",
    ]

    /// For English text: without its stop words.
    public static let english = TextAnalyzer(stopWords: englishStopWords)

    /// The tokens in the order of the text, with repetitions.
    public func tokens(_ text: String) -> [String] {
        var tokens: [String] = []
        Self.forEachToken(of: text) { token, _ in
            if !stopWords.contains(token) { tokens.append(token) }
        }
        return tokens
    }

    /// Calls `body` with each token, stop words included, and the bytes of UTF-8 of `text` that it stands for.
    package static func forEachToken(of text: String, _ body: (_ token: String, _ bytes: Range<Int>) throws -> Void)
        rethrows
    {
        var token = ""
        var start = 0
        var offset = 0
        func isAlone(_ scalar: Unicode.Scalar) -> Bool { scalar.value >= 0x0E00 && isUnspaced(scalar.value) }
        for scalar in text.unicodeScalars {
            let width = UTF8.width(scalar)
            let isPart = isTokenPart(scalar)
            // A mark stays with the character before it, whatever its script.
            let isAlone = isPart && isAlone(scalar) && !scalar.isMark
            if !token.isEmpty && (!isPart || isAlone) {
                try body(token, start..<offset)
                token = ""
            }
            if isPart {
                if token.isEmpty { start = offset }
                if scalar.value < 0x80 {
                    token.unicodeScalars.append(scalar.lowercasedASCII)
                } else {
                    token += scalar.properties.lowercaseMapping
                }
            }
            offset += width
            if isAlone {
                // Ends here unless a mark follows; the next character decides by starting a token of its own.
                let next = text.utf8.index(text.utf8.startIndex, offsetBy: offset)
                if next == text.utf8.endIndex || !text.unicodeScalars[next].isMark {
                    try body(token, start..<offset)
                    token = ""
                }
            }
        }
        if !token.isEmpty { try body(token, start..<offset) }
    }

    private static func isTokenPart(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 {
            return switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9": true
            default: false
            }
        }
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber:
            true
        default: false
        }
    }

    /// Thai, Lao, Myanmar, Khmer, Hiragana, Katakana and Han.
    private static func isUnspaced(_ value: UInt32) -> Bool {
        switch value {
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3005...0x3007, 0x3040...0x30FF, 0x31F0...0x31FF,
            0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF:
            true
        default: false
        }
    }
}

extension Unicode.Scalar {
    fileprivate var lowercasedASCII: Unicode.Scalar {
        (0x41...0x5A).contains(value) ? Unicode.Scalar(UInt8(value) | 0x20) : self
    }

    fileprivate var isMark: Bool {
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }
}
