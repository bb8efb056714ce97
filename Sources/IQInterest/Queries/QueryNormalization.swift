// What counts as the same query, and what around a query is not part of it.

/// The form in which queries are kept and compared.
public enum QueryNormalization {
    /// The query in a piece of text: on one line, without a mark of a list in front (`-`, `*`, `•` …), quotation marks or
    /// emphasis around it, and commas, semicolons or a sentence's full stop behind it. Numbers in front are left: they may
    /// belong to the query ("2. Bundesliga"); the parser, which sees the whole list, takes list numbers away.
    ///
    /// Normalising twice changes nothing more. The result may be empty.
    public static func normalized(_ text: String) -> String {
        var query = Substring(text.collapsingWhitespace())
        // Marks may be nested ("- **"query",**"), so each pass may uncover more; every pass shortens the text.
        while true {
            let before = query.utf8.count
            query = withoutBullet(query)
            query = withoutPair(query)
            query = withoutTrailingPunctuation(query)
            query = trimmed(query)
            if query.utf8.count == before { return String(query) }
        }
    }

    /// What two texts share if they are the same query: letters in lower case, without the punctuation at the ends.
    public static func key(_ query: String) -> String {
        let folded = query.collapsingWhitespace().lowercased()
        let isCore: (Unicode.Scalar) -> Bool = { scalar in
            switch scalar.properties.generalCategory {
            case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
                .finalPunctuation, .otherPunctuation, .spaceSeparator:
                false
            default: true
            }
        }
        let scalars = folded.unicodeScalars
        guard let first = scalars.firstIndex(where: isCore), let last = scalars.lastIndex(where: isCore) else {
            return ""
        }
        return String(scalars[first...last])
    }

    /// The text without a list's number in front, if it is `number`: "3. x", "3) x", "(3) x", "3: x", "[3] x" or "3 - x".
    static func withoutNumber(_ text: Substring, _ number: Int) -> Substring? {
        let digits = String(number)
        for (before, after) in [("", ". "), ("", ") "), ("", ": "), ("(", ") "), ("[", "] "), ("", " - "), ("", " – ")]
        {
            let mark = before + digits + after
            if text.hasPrefix(mark) { return trimmed(text.dropFirst(mark.count)) }
        }
        return nil
    }

    private static let bullets: Set<Character> = ["•", "‣", "▪", "●", "◦", "○", "·", "∙", "⁃", "➢", "➤", "►", "▶"]
    private static let spacedBullets: Set<Character> = ["-", "–", "—", "*", "+", ">", "#", "~", "_"]

    /// Signs that only ever mark list items go; those that also begin words ("-5 degrees", "#ocean") need a space behind them.
    private static func withoutBullet(_ text: Substring) -> Substring {
        guard let first = text.first else { return text }
        if bullets.contains(first) { return trimmed(text.dropFirst()) }
        let rest = text.drop { spacedBullets.contains($0) }
        if rest.startIndex != text.startIndex, rest.isEmpty || rest.first == " " { return trimmed(rest) }
        return text
    }

    private static let pairs: [(open: Character, close: Character)] = [
        ("\"", "\""), ("'", "'"), ("`", "`"), ("“", "”"), ("‘", "’"), ("„", "“"), ("„", "”"), ("‚", "‘"), ("«", "»"),
        ("»", "«"), ("‹", "›"), ("「", "」"), ("『", "』"), ("*", "*"), ("_", "_"), ("<", ">"),
    ]

    /// Takes one pair of quotation marks or emphasis off, if nothing inside has the closing sign again. A sign that
    /// stands at one end only and nowhere else, the other half lost, goes too where it is a double quotation mark.
    private static func withoutPair(_ text: Substring) -> Substring {
        guard let first = text.first, let last = text.last else { return text }
        if text.count >= 2 {
            let inner = text.dropFirst().dropLast()
            for pair in pairs where pair.open == first && pair.close == last {
                let isDoubled = inner.first == first && inner.last == last
                if isDoubled || !inner.contains(last) { return trimmed(inner) }
            }
        }
        let doubles = text.count { $0 == "\"" }
        if doubles == 1 {
            if first == "\"" { return trimmed(text.dropFirst()) }
            if last == "\"" { return trimmed(text.dropLast()) }
        }
        return text
    }

    /// Commas and semicolons at the end go; a full stop goes where it ends a sentence and not an abbreviation: behind a word
    /// of over four letters without another stop in it.
    private static func withoutTrailingPunctuation(_ text: Substring) -> Substring {
        guard let last = text.last else { return text }
        if [",", ";", "、", "，", "；", "。"].contains(last) { return trimmed(text.dropLast()) }
        if last == "." {
            let word = text.dropLast().reversed().prefix { $0 != " " }
            if word.count > 4, !word.contains("."), word.allSatisfy(\.isLetter) { return trimmed(text.dropLast()) }
        }
        return text
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return start.prefix(0) }
        return start[...last]
    }
}
