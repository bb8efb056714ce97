// A small algebra of text formats: what a regular expression says, as Swift values. Everything is built from Unicode
// characters, so every text of a grammar is valid UTF-8 by construction; the compiled form reads bytes.

/// A regular set of texts.
///
/// ```swift
/// let line = ByteGrammar.repeated(.character(except: ["\n"]), 3...90)
/// let list = ByteGrammar.repeated(.sequence(line, "\n"), 3...12)
/// ```
public struct ByteGrammar: Sendable, Hashable, ExpressibleByStringLiteral {
    package let expression: ByteExpression

    /// This text and no other.
    public static func literal(_ text: String) -> ByteGrammar {
        ByteGrammar(.sequence(text.utf8.map { .bytes(ByteSet($0...$0)) }))
    }

    /// The literal of this text.
    public init(stringLiteral text: String) { self = .literal(text) }

    /// One character (Unicode scalar) in one of the ranges.
    public static func character(in ranges: ClosedRange<Unicode.Scalar>...) -> ByteGrammar {
        ByteGrammar(utf8Expression(of: ranges.map { $0.lowerBound.value...$0.upperBound.value }))
    }

    /// One of these characters (Unicode scalars).
    public static func character(of characters: Set<Unicode.Scalar>) -> ByteGrammar {
        ByteGrammar(utf8Expression(of: characters.map { $0.value...$0.value }))
    }

    /// One character (Unicode scalar) that is none of these and, unless allowed, no control character
    /// (U+0000 to U+001F and U+007F to U+009F).
    public static func character(
        except excluded: Set<Unicode.Scalar>,
        allowingControls: Bool = false
    ) -> ByteGrammar {
        var gaps = excluded.map { $0.value...$0.value }
        if !allowingControls { gaps += [0x00...0x1F, 0x7F...0x9F] }
        return ByteGrammar(utf8Expression(of: complement(of: gaps)))
    }

    /// One text of each, in order.
    public static func sequence(_ parts: ByteGrammar...) -> ByteGrammar { .sequence(parts) }

    /// One text of each, in order.
    public static func sequence(_ parts: [ByteGrammar]) -> ByteGrammar {
        ByteGrammar(.sequence(parts.map(\.expression)))
    }

    /// A text of one of these.
    public static func choice(_ branches: ByteGrammar...) -> ByteGrammar { .choice(branches) }

    /// A text of one of these.
    public static func choice(_ branches: [ByteGrammar]) -> ByteGrammar {
        ByteGrammar(.choice(branches.map(\.expression)))
    }

    /// Between `count.lowerBound` and `count.upperBound` texts of the grammar, one after the other.
    public static func repeated(_ grammar: ByteGrammar, _ count: ClosedRange<Int>) -> ByteGrammar {
        ByteGrammar(.repetition(grammar.expression, minimum: count.lowerBound, maximum: count.upperBound))
    }

    /// `count.lowerBound` texts of the grammar or more, one after the other.
    public static func repeated(_ grammar: ByteGrammar, _ count: PartialRangeFrom<Int>) -> ByteGrammar {
        ByteGrammar(.repetition(grammar.expression, minimum: count.lowerBound, maximum: nil))
    }

    /// A text of the grammar, or nothing.
    public static func optional(_ grammar: ByteGrammar) -> ByteGrammar { .repeated(grammar, 0...1) }

    /// One character of a JSON string (RFC 8259, section 7), written as itself or as an escape sequence; a character
    /// beyond U+FFFF may be written as an escaped surrogate pair, half a pair may not.
    public static let jsonStringCharacter: ByteGrammar = {
        let hexadecimal = ByteGrammar.character(in: "0"..."9", "a"..."f", "A"..."F")
        let anyButD = ByteGrammar.character(in: "0"..."9", "a"..."c", "e"..."f", "A"..."C", "E"..."F")
        let d = ByteGrammar.character(of: ["d", "D"])
        let three = ByteGrammar.sequence(hexadecimal, hexadecimal, hexadecimal)
        let low = ByteGrammar.character(in: "0"..."7")
        let leading = ByteGrammar.character(in: "8"..."9", "a"..."b", "A"..."B")
        let trailing = ByteGrammar.character(in: "c"..."f", "C"..."F")
        return .choice(
            .character(in: " "..."!", "#"..."[", "]"..."\u{10FFFF}"),
            .sequence("\\", .character(of: ["\"", "\\", "/", "b", "f", "n", "r", "t"])),
            .sequence("\\u", anyButD, three),
            .sequence("\\u", d, low, hexadecimal, hexadecimal),
            .sequence("\\u", d, leading, hexadecimal, hexadecimal, "\\u", d, trailing, hexadecimal, hexadecimal)
        )
    }()

    /// A quoted JSON string with a number of characters in the range.
    public static func jsonString(characters count: ClosedRange<Int>) -> ByteGrammar {
        .sequence("\"", .repeated(jsonStringCharacter, count), "\"")
    }

    package init(_ expression: ByteExpression) { self.expression = expression }
}

/// A set of bytes, one bit each.
package struct ByteSet: Sendable, Hashable {
    private var words: SIMD4<UInt64> = .zero

    init(_ range: ClosedRange<UInt8>) {
        for byte in range { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
    }

    package func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1 }
}

/// The expression behind a grammar, over bytes.
package indirect enum ByteExpression: Sendable, Hashable {
    case bytes(ByteSet)
    case sequence([ByteExpression])
    case choice([ByteExpression])
    case repetition(ByteExpression, minimum: Int, maximum: Int?)

    /// The length of the shortest text, or nil if there is no text at all.
    var shortestLength: Int? {
        switch self {
        case .bytes: return 1
        case .sequence(let parts):
            var total = 0
            for part in parts {
                guard let length = part.shortestLength else { return nil }
                total += length
            }
            return total
        case .choice(let branches): return branches.compactMap(\.shortestLength).min()
        case .repetition(let body, let minimum, _):
            guard let length = body.shortestLength else { return minimum == 0 ? 0 : nil }
            let (product, overflow) = length.multipliedReportingOverflow(by: minimum)
            return overflow ? Int.max / 4 : min(product, Int.max / 4)
        }
    }
}
