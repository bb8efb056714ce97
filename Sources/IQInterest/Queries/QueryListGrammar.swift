// The formats of a list as grammars that generation can be held to.

public import IQModel

extension QueryListFormat {
    /// The texts that are a list in this format: as ``QueryList/init(parsing:format:limits:)`` accepts them, but for queries that
    /// repeat each other, which a grammar cannot see.
    ///
    /// A query begins with a letter or a number that is no list number, holds no quotation marks, backslashes, line breaks
    /// or doubled spaces, and ends with a letter, a number or one of `) ? ! % + #`.
    ///
    /// - Parameters:
    ///   - count: how many queries there are.
    ///   - limits: bounds of the list; a query of the grammar has at most the upper length.
    public func grammar(count: ClosedRange<Int>, limits: QueryListLimits = .standard) -> ByteGrammar {
        let least = min(max(1, count.lowerBound), limits.maximumCount)
        let most = min(max(least, count.upperBound), limits.maximumCount)
        let query = Self.query(limits.length)
        switch self {
        case .lines:
            return .sequence(query, .repeated(.sequence("\n", query), (least - 1)...(most - 1)))
        case .json:
            let element = ByteGrammar.sequence("\"", query, "\"")
            return .sequence("[", element, .repeated(.sequence(", ", element), (least - 1)...(most - 1)), "]")
        }
    }

    /// One query. Between its first and last character stand units of a character with or without a space before it; so no two
    /// spaces meet. A unit has up to two characters, and one character is one Unicode scalar here.
    private static func query(_ length: ClosedRange<Int>) -> ByteGrammar {
        let digit = ByteGrammar.character(in: "0"..."9")
        let start = ByteGrammar.character(except: excluded.union(asciiPunctuation).union(digits))
        let inner = ByteGrammar.character(except: excluded)
        let end = ByteGrammar.character(except: excluded.union(asciiPunctuation.subtracting(closing)).union(stops))
        let unit = ByteGrammar.sequence(.optional(" "), inner)
        // "2026 floods" and "5G masts", but not "1. floods" or "1 - floods".
        let number = ByteGrammar.sequence(.repeated(digit, 1...4), .choice(start, .sequence(" ", start)))
        // Room for the first and the last character, each with what may come with it.
        let most = max(0, (length.upperBound - 8) / 2)
        let least = min(max(0, length.lowerBound - 2), most)
        return .sequence(.choice(start, number), .repeated(unit, least...most), .optional(" "), end)
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
