// A text with one byte for each Unicode scalar, in which digits and separators of every script look alike, so that neither
// fullwidth digits nor typographic dashes hide a number.

/// The bytes: ASCII as it is; decimal digits of any script, fullwidth forms, dashes and spaces as their ASCII likes; other
/// letters and marks as ``letter``; everything else as ``other``.
struct FoldedText {
    let bytes: [UInt8]

    static let letter: UInt8 = 0x80
    static let other: UInt8 = 0x81

    init(_ text: String) { bytes = text.unicodeScalars.map(Self.fold) }

    /// A quick look: everything that is found has an at sign, a digit or a colon.
    var mayHoldPersonalData: Bool {
        bytes.contains { $0 == UInt8(ascii: "@") || $0.isDigit || $0 == UInt8(ascii: ":") }
    }

    private static func fold(_ scalar: Unicode.Scalar) -> UInt8 {
        switch scalar.value {
        case 0..<0x80: return UInt8(scalar.value)
        case 0xFF01...0xFF5E: return UInt8(scalar.value - 0xFEE0)
        case 0x2010...0x2015, 0x2212, 0xFE58, 0xFE63: return UInt8(ascii: "-")
        default: break
        }
        let properties = scalar.properties
        if properties.isWhitespace { return UInt8(ascii: " ") }
        if properties.numericType == .decimal, let value = properties.numericValue {
            return UInt8(ascii: "0") + UInt8(value)
        }
        return scalar.isLetterOrDigit || scalar.isCombiningMark ? letter : other
    }

    /// Whether a place is not within a word: at an end, or no letter or digit stands there.
    func isBoundary(_ index: Int) -> Bool { !bytes.indices.contains(index) || !bytes[index].isWordPart }

    /// Maximal runs of bytes that satisfy a condition.
    func runs(where condition: (UInt8) -> Bool) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        var start: Int?
        for (index, byte) in bytes.enumerated() {
            if condition(byte) {
                start = start ?? index
            } else if let first = start {
                runs.append(first..<index)
                start = nil
            }
        }
        if let first = start { runs.append(first..<bytes.count) }
        return runs
    }
}

extension UInt8 {
    var isDigit: Bool { (0x30...0x39).contains(self) }
    var isLatinLetter: Bool { (0x61...0x7A).contains(self | 0x20) }
    /// A letter of any script or a digit, in a folded text.
    var isWordPart: Bool { isDigit || isLatinLetter || self == FoldedText.letter }
    var isHexadecimal: Bool { isDigit || (0x61...0x66).contains(self | 0x20) }
    var uppercased: UInt8 { isLatinLetter ? self & 0xDF : self }
    var digitValue: Int { Int(self) - 0x30 }
}
