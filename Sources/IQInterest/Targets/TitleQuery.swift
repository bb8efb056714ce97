// A title as somebody would type it into a search box.

/// Turns titles into queries: the words that say what an article is about.
public struct TitleQuery: Sendable, Hashable {
    /// The most words of a query.
    public let maximumWords: Int
    /// Words that are left out, in lower case.
    public let functionWords: Set<String>

    /// - Parameters:
    ///   - maximumWords: at least 1.
    ///   - functionWords: words to leave out, in lower case.
    public init(maximumWords: Int = 6, functionWords: Set<String> = EnglishFunctionWords.all) {
        precondition(maximumWords >= 1, "queries of \(maximumWords) words")
        self.maximumWords = maximumWords
        self.functionWords = functionWords
    }

    /// The first words of a title that are no function words, as they are written there, without the punctuation around them and
    /// without a label of one word in front ("Opinion:").
    ///
    /// Worked example: "Opinion: Colin Kaepernick is about to get what he deserves: a chance" becomes "Colin Kaepernick deserves
    /// chance". A title of function words alone keeps them. The result is empty for a title without words.
    public func text(of title: String) -> String {
        var parts = title.collapsingWhitespace().split(separator: " ")
        if parts.count > 3, parts[0].hasSuffix(":") { parts.removeFirst() }
        let words = parts.map(Self.withoutPunctuation).filter { !$0.isEmpty }
        let telling = words.filter { !functionWords.contains($0.lowercased()) }
        return QueryNormalization.normalized(
            (telling.isEmpty ? words : telling).prefix(maximumWords).joined(separator: " ")
        )
    }

    private static func withoutPunctuation(_ word: Substring) -> Substring {
        func isKept(_ character: Character) -> Bool {
            character.isLetter || character.isNumber || character.isSymbol || character == "%"
        }
        guard let first = word.firstIndex(where: isKept), let last = word.lastIndex(where: isKept) else { return "" }
        return word[first...last]
    }
}
