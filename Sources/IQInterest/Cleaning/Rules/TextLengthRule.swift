// Texts too short to say anything, and too long to be a title or a query.

/// Drops texts with too few letters and digits, or too many characters.
///
/// Letters and digits are counted as Unicode scalars, so one Han character counts as one: it is often a whole word, which is
/// why two are enough by default.
public struct TextLengthRule: TextRule, Hashable {
    public let name = "length"
    /// The fewest letters and digits.
    public let minimumCharacters: Int
    /// The most Unicode scalars, white space included.
    public let maximumCharacters: Int

    /// - Parameters:
    ///   - minimumCharacters: at least 0.
    ///   - maximumCharacters: at least `minimumCharacters`. The longest title of MIND has 251; 400 leaves room for a search
    ///     typed as a whole question.
    public init(minimumCharacters: Int = 2, maximumCharacters: Int = 400) {
        precondition(
            minimumCharacters >= 0 && maximumCharacters >= minimumCharacters,
            "lengths from \(minimumCharacters) to \(maximumCharacters)"
        )
        self.minimumCharacters = minimumCharacters
        self.maximumCharacters = maximumCharacters
    }

    public func finding(in text: String) -> CleaningFinding? {
        let count = text.unicodeScalars.count
        if count > maximumCharacters { return .tooLong(characters: count, maximum: maximumCharacters) }
        let letters = text.unicodeScalars.count(where: \.isLetterOrDigit)
        return letters < minimumCharacters ? .tooShort(characters: letters, minimum: minimumCharacters) : nil
    }
}
