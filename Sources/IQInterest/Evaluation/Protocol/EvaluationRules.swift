// What an evaluation decides where studies differ.

/// The rules on which published evaluations of one data set differ without saying so. They move figures in the second digit, so
/// two tables compare only under the same rules.
public struct EvaluationRules: Sendable, Hashable {
    /// What happens to articles of the pool that the person had read before.
    public enum ReadArticles: String, Sendable, Hashable, CaseIterable, Codable {
        /// They are neither candidates nor clicks: a service does not recommend what was read, and finding it again is easy.
        case leftOut = "left-out"
        /// They are candidates like others, and a click on one counts.
        case kept
    }

    /// Which of two articles of a pool stands first if their scores are equal, as those of one title under two ids are.
    public enum EqualScores: String, Sendable, Hashable, CaseIterable, Codable {
        /// The one that the data lists first, as a stable sort does.
        case fileOrder = "file-order"
        /// The one that the data lists last, as reversing an ascending sort does.
        case reverseFileOrder = "reverse-file-order"
    }

    public var readArticles: ReadArticles
    /// For pools. The measures of slates have rules of their own: see ``SlateMetrics``.
    public var equalScores: EqualScores

    public init(readArticles: ReadArticles = .leftOut, equalScores: EqualScores = .fileOrder) {
        self.readArticles = readArticles
        self.equalScores = equalScores
    }
}
