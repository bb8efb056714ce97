// The formats of a list as grammars that generation can be held to.

public import IQModel

extension QueryListFormat {
    /// The texts that are a list in this format: as ``QueryList/init(parsing:format:limits:)`` accepts them, but for what a
    /// grammar cannot see: queries that repeat each other, and the number of characters of a query of many long words.
    ///
    /// A query begins with a letter or a number that is no list number, holds no quotation marks, backslashes, line breaks
    /// or doubled spaces, has at most 12 words of at most 24 characters (the twelfth: 12), and ends with a letter, a number or one of
    /// `) ? ! % + #`. Words are bounded and not the query, so that none is cut in the middle. A line break may follow the last line.
    ///
    /// - Parameters:
    ///   - count: how many queries there are.
    ///   - limits: bounds of the list.
    public func grammar(count: ClosedRange<Int>, limits: QueryListLimits = .standard) -> ByteGrammar {
        let least = min(max(1, count.lowerBound), limits.maximumCount)
        let most = min(max(least, count.upperBound), limits.maximumCount)
        let query = Self.query(limits.length)
        switch self {
        case .lines:
            // A model that would write another query breaks the line behind the last one, and ends with that; without it, it would go on
            // with the query that it is done with.
            let next = ByteGrammar.sequence("\n", query)
            return .sequence(query, .repeated(next, (least - 1)...(most - 1)), .repeated("\n", 0...1))
        case .json:
            let element = ByteGrammar.sequence("\"", query, "\"")
            return .sequence("[", element, .repeated(.sequence(", ", element), (least - 1)...(most - 1)), "]")
        }
    }

    /// The most words of a query, and the most characters of a word: one word in a language without spaces is a query.
    private static let maximumWords = 12
    private static let maximumWordLength = 24
    /// A model that would rather go on than end its last word strings words together; so that one is short.
    private static let maximumLastWordLength = 12

    private static func query(_ length: ClosedRange<Int>) -> ByteGrammar {
        let digit = ByteGrammar.character(in: "0"..."9")
        let start = ByteGrammar.character(except: excluded.union(asciiPunctuation).union(digits))
        let inner = ByteGrammar.character(except: excluded)
        let end = ByteGrammar.character(except: excluded.union(asciiPunctuation.subtracting(closing)).union(stops))
        // "2026 floods" and "5G masts", but not "1. floods" or "1 - floods".
        let number = ByteGrammar.sequence(.repeated(digit, 1...4), .choice(start, .sequence(" ", start)))
        // For the same reason the last word has nothing inside that joins words.
        let plain = ByteGrammar.character(except: excluded.union(asciiPunctuation).union(stops).union(["’"]))
        let rest = maximumWordLength - 1
        let least = min(max(0, length.lowerBound - 2), 1)
        return .sequence(
            .choice(start, number),
            .repeated(inner, least...(rest - 1)),
            .repeated(.sequence(" ", .repeated(inner, 1...rest)), 0...(maximumWords - 2)),
            .choice(end, .sequence(" ", .repeated(plain, 0...(maximumLastWordLength - 1)), end))
        )
    }

    private static let digits = Set((0x30...0x39).compactMap { Unicode.Scalar($0 as UInt32) })
    private static let asciiPunctuation = Set(
        (0x21...0x7E as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init).filter {
            !$0.properties.isAlphabetic && !$0.properties.isASCIIHexDigit
        }
    )
    /// Punctuation that may end a query.
    private static let closing: Set<Unicode.Scalar> = [")", "?", "!", "%", "+", "#"]
    private static let stops: Set<Unicode.Scalar> = ["。", "、", "，", "；", "：", "–", "—", "·"]

    /// What no query holds: white space but the space between words, invisible characters, quotation marks, emphasis, and
    /// what JSON would have to escape.
    private static let excluded: Set<Unicode.Scalar> = {
        var scalars: Set<Unicode.Scalar> = [
            " ", "\"", "\\", "`", "*", "•", "|", "<", ">", "{", "}", "[", "]", "_", "~",
        ]
        scalars.formUnion(["“", "”", "„", "‟", "«", "»", "‹", "›", "「", "」", "『", "』", "‘", "‚", "\u{FFFD}"])
        // Invisible characters are in these blocks; the joiners U+200C and U+200D stay.
        let blocks: [ClosedRange<UInt32>] = [
            0x80...0x3000, 0xE000...0xE0FF, 0xFE00...0xFEFF, 0xFFF0...0xFFFF, 0xE0000...0xE01FF,
        ]
        for code in blocks.joined() {
            guard let scalar = Unicode.Scalar(code) else { continue }
            let isPrivate = scalar.properties.generalCategory == .privateUse
            if scalar.isControl || scalar.properties.isWhitespace || isPrivate { scalars.insert(scalar) }
        }
        return scalars
    }()
}
