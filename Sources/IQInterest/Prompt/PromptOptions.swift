// How a prompt is made of signals.

/// How the model is asked.
public enum PromptStyle: String, Sendable, Hashable, Codable, CaseIterable {
    /// By examples: lists answered with queries, the last of them the person's own earlier searches, then the person's
    /// recent titles. Small models (under a billion weights) copy the form instead of following instructions, and what they
    /// copy from a person's own searches is that person's interest, in that person's language.
    case examples
    /// By an instruction and the signals under a heading for each kind. For models that follow instructions.
    case instruction
}

/// How a prompt is made of signals.
public struct PromptOptions: Sendable, Hashable {
    public var style: PromptStyle
    /// The longest prompt, in tokens, the chat template's own included.
    public var tokenBudget: Int
    /// The most signals that a prompt shows.
    public var maximumSignals: Int
    /// Longer texts are cut, in characters.
    public var maximumTextLength: Int
    /// What stands over the signals of a kind in ``PromptStyle/instruction``; a kind without one goes by its name.
    public var headings: [SignalKind: String]

    /// - Throws: ``InterestQueryError/invalidOption(name:value:permitted:)``.
    public init(
        style: PromptStyle = .examples,
        tokenBudget: Int = 640,
        maximumSignals: Int = 16,
        maximumTextLength: Int = 120,
        headings: [SignalKind: String] = PromptOptions.standardHeadings
    ) throws(InterestQueryError) {
        try requireOption("tokenBudget", tokenBudget, in: 1...1_000_000)
        try requireOption("maximumSignals", maximumSignals, in: 1...1000)
        try requireOption("maximumTextLength", maximumTextLength, in: 8...4096)
        self.init(style, tokenBudget, maximumSignals, maximumTextLength, headings)
    }

    private init(_ style: PromptStyle, _ budget: Int, _ signals: Int, _ length: Int, _ headings: [SignalKind: String]) {
        self.style = style
        tokenBudget = budget
        maximumSignals = signals
        maximumTextLength = length
        self.headings = headings
    }

    /// The defaults.
    public static let `default` = PromptOptions(.examples, 640, 16, 120, standardHeadings)

    /// The headings of the kinds that come with the library.
    public static let standardHeadings: [SignalKind: String] = [
        .newsClick: "News read", .webSearch: "Searched for", .pageVisit: "Pages visited",
    ]
}

/// Throws unless a number is in its range.
func requireOption(_ name: String, _ value: Int, in permitted: ClosedRange<Int>) throws(InterestQueryError) {
    guard permitted.contains(value) else { throw .invalidOption(name: name, value: value, permitted: permitted) }
}
