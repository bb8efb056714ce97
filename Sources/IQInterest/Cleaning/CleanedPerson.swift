// What cleaning returns: who stays, and what was dropped and why.

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A signal that was dropped. Holds no text as it was: personal data is blotted out.
public struct DroppedSignal: Sendable, Hashable {
    /// The place among the person's signals before cleaning.
    public let index: Int
    public let kind: SignalKind
    public let time: Date
    /// The beginning of the text, without invisible characters, personal data replaced by `[emailAddress]` and the like.
    public let redactedText: String
    public let reason: CleaningReason

    init(index: Int, signal: UserSignal, reason: CleaningReason) {
        self.index = index
        kind = signal.kind
        time = signal.time
        redactedText = RedactedText.preview(of: signal.text)
        self.reason = reason
    }
}

/// A person after cleaning.
public struct CleanedPerson: Sendable, Hashable {
    /// The person with the signals that stay, in their order; there may be none.
    public let person: Person
    /// What was dropped, in the order of the signals.
    public let dropped: [DroppedSignal]
}

/// How much was kept and dropped; may be summed over any number of people.
public struct CleaningSummary: Sendable, Hashable {
    public private(set) var people = 0
    /// People of whom nothing was left, though there was something.
    public private(set) var emptiedPeople = 0
    /// Signals or lines.
    public private(set) var kept = 0
    /// By the rule's name.
    public private(set) var droppedByRule: [String: Int] = [:]

    public init() {}

    public var dropped: Int { droppedByRule.values.reduce(0, +) }

    public mutating func add(_ cleaned: CleanedPerson) {
        people += 1
        kept += cleaned.person.signals.count
        if cleaned.person.signals.isEmpty, !cleaned.dropped.isEmpty { emptiedPeople += 1 }
        for signal in cleaned.dropped { droppedByRule[signal.reason.rule, default: 0] += 1 }
    }

    public mutating func add(_ line: CleanedLine) {
        switch line.verdict {
        case .kept: kept += 1
        case .dropped(let reason, _): droppedByRule[reason.rule, default: 0] += 1
        }
    }

    /// Rules by how much they dropped, most first.
    public var rules: [(name: String, count: Int)] {
        droppedByRule.map { (name: $0.key, count: $0.value) }.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    }
}

enum RedactedText {
    /// What a report shows of a text: redacted before it is cut, so that no half of an address stays.
    static func preview(of text: String) -> String {
        let start = String(String.UnicodeScalarView(text.unicodeScalars.prefix(examinedScalars)))
        let redacted = PersonalData().redacted(start).collapsingWhitespace()
        return String(String.UnicodeScalarView(redacted.unicodeScalars.prefix(shownScalars)))
            + (redacted.unicodeScalars.count > shownScalars || text.unicodeScalars.count > examinedScalars ? "…" : "")
    }

    private static let examinedScalars = 1000
    private static let shownScalars = 100
}
