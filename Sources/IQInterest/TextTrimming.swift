// Small operations on text that the whole domain shares.

extension Unicode.Scalar {
    /// Control and format characters that do not show: C0 and C1 controls, line and paragraph separators, bidirectional
    /// controls and other invisible ones, except the joiners that scripts and emoji are written with.
    var isControl: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: true
        case .format: value != 0x200C && value != 0x200D && !(0xE0020...0xE007F).contains(value)
        default: false
        }
    }
}

extension String {
    /// Without white space and invisible characters at both ends.
    func trimmingWhitespaceAndControls() -> String {
        func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace || scalar.isControl }
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !isBlank($0) }),
            let last = scalars.lastIndex(where: { !isBlank($0) })
        else { return "" }
        return String(scalars[first...last])
    }

    /// On one line: every run of white space and invisible characters becomes one space, and none is left at the ends.
    func collapsingWhitespace() -> String {
        var result = String.UnicodeScalarView()
        var pendingSpace = false
        for scalar in unicodeScalars {
            if scalar.properties.isWhitespace || (scalar.isControl && scalar.properties.generalCategory != .format) {
                pendingSpace = true
            } else if !scalar.isControl {
                if pendingSpace && !result.isEmpty { result.append(" ") }
                pendingSpace = false
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// The longest prefix of whole characters with at most `count` bytes of UTF-8; for messages.
    func prefix(bytes count: Int) -> String {
        guard utf8.count > count else { return self }
        var result = ""
        var used = 0
        for character in self {
            used += character.utf8.count
            if used > count { break }
            result.append(character)
        }
        return result + "…"
    }
}
