// What the rules have in common when they look at text.

extension Unicode.Scalar {
    /// Letters, digits and other numbers of any script (general categories L and N).
    var isLetterOrDigit: Bool {
        if value < 0x80 { return isASCIILetter || isASCIIDigit }
        return switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber:
            true
        default: false
        }
    }

    /// Marks that stand on the character before them (general category M).
    var isCombiningMark: Bool {
        if value < 0x300 { return false }
        return switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }

    var isASCIILetter: Bool { (0x61...0x7A).contains(value | 0x20) }
    var isASCIIDigit: Bool { (0x30...0x39).contains(value) }
}

/// Texts brought to one form, to be compared.
enum CleaningText {
    /// The text's words in lower case with one space between; a text without words is only trimmed.
    static func comparable(_ text: String) -> String {
        let words = TextAnalyzer().tokens(text)
        return words.isEmpty ? text.collapsingWhitespace() : words.joined(separator: " ")
    }

    /// The same with every word that holds a digit replaced: what an automated sender varies.
    static func template(_ text: String) -> String {
        let words = TextAnalyzer().tokens(text)
        guard !words.isEmpty else { return text.collapsingWhitespace() }
        return words.map { word in
            word.unicodeScalars.contains { $0.properties.numericType == .decimal } ? "#" : word
        }.joined(separator: " ")
    }
}
