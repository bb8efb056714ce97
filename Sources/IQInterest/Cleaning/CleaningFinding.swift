// Why something was dropped: typed, with the numbers that decided, and without the text itself.

/// What a rule has against a signal. No case holds personal data, so that findings can be logged.
public enum CleaningFinding: Sendable, Hashable, CustomStringConvertible {
    case malformed(MalformedText)
    /// Fewer letters and digits than the least.
    case tooShort(characters: Int, minimum: Int)
    /// More Unicode scalars than the most.
    case tooLong(characters: Int, maximum: Int)
    case navigational(NavigationalForm)
    /// The kinds that occur, in the order of their names.
    case personalData([PersonalDataKind])
    /// The text is in a language that is not among the accepted ones.
    case language(found: String, accepted: [String])
    /// One of `count` signals within `seconds`.
    case burst(count: Int, seconds: Double)
    /// One of `count` signals of the same text, numbers aside, within `seconds`.
    case repetition(count: Int, seconds: Double)
    /// One of `count` signals that follow each other at the same interval.
    case regularInterval(count: Int, seconds: Double)
    /// The same text and kind as an earlier one that was kept, so many seconds before; nil where there are no times.
    case duplicate(secondsBefore: Double?)
    /// A learned model's probability of noise, at or above the threshold.
    case classified(probability: Double, threshold: Double)
    /// What a rule of your own has to say.
    case other(String)

    /// What was found, in words.
    public var description: String {
        switch self {
        case .malformed(let form): form.description
        case .tooShort(let count, let minimum): "\(count) letters and digits, at least \(minimum) are needed"
        case .tooLong(let count, let maximum): "\(count) characters, at most \(maximum) are accepted"
        case .navigational(let form): form.description
        case .personalData(let kinds): "holds " + kinds.map(\.description).joined(separator: ", ")
        case .language(let found, let accepted):
            "in '\(found)', accepted are \(accepted.map { "'\($0)'" }.joined(separator: ", "))"
        case .burst(let count, let seconds): "one of \(count) signals within \(Self.text(seconds)) s"
        case .repetition(let count, let seconds):
            "the same text, numbers aside, \(count) times within \(Self.text(seconds)) s"
        case .regularInterval(let count, let seconds): "one of \(count) signals at intervals of \(Self.text(seconds)) s"
        case .duplicate(let seconds?): "the same text as \(Self.text(seconds)) s before"
        case .duplicate(nil): "the same text as an earlier one"
        case .classified(let probability, let threshold):
            "noise with probability \(Self.text(probability)), dropped from \(Self.text(threshold)) on"
        case .other(let text): text
        }
    }

    /// With at most three decimals.
    private static func text(_ value: Double) -> String {
        let rounded = (value * 1000).rounded() / 1000
        return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
    }
}

/// Why a signal was dropped: which rule, and what it found.
public struct CleaningReason: Sendable, Hashable, CustomStringConvertible {
    /// The rule's name.
    public let rule: String
    public let finding: CleaningFinding

    public init(rule: String, finding: CleaningFinding) {
        self.rule = rule
        self.finding = finding
    }

    public var description: String { "\(rule): \(finding)" }
}
