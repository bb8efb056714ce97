// Which rules a cleaner has.

/// The rules of a cleaner, each an option of its own.
///
/// Texts are judged first, rule by rule in this order; the first one that finds something drops the signal. Then the learned
/// classifier, if there is one, sees what is left, and at last come the rules that look at a person's whole history.
public struct CleaningOptions: Sendable {
    public var textRules: [any TextRule]
    public var historyRules: [any HistoryRule]

    /// - Parameters:
    ///   - textRules: rules on texts, in order; their names must differ.
    ///   - historyRules: rules on histories, in order; their names must differ.
    public init(textRules: [any TextRule], historyRules: [any HistoryRule]) {
        self.textRules = textRules
        self.historyRules = historyRules
        let names = ruleNames
        precondition(Set(names).count == names.count, "rules of the same name among \(names)")
    }

    /// Length, malformed text, personal data and navigation; bursts, repetitions and duplicates. Languages only if some are given.
    ///
    /// - Parameter languages: the accepted languages; nil accepts all.
    public static func standard(languages: Set<String>? = nil) -> CleaningOptions {
        CleaningOptions(
            textRules: [TextLengthRule(), MalformedTextRule(), PersonalDataRule(), NavigationalRule()]
                + (languages.map { [LanguageRule(accepted: $0)] } ?? []),
            historyRules: [BurstRule(), RepetitionRule(), DuplicateRule()]
        )
    }

    /// The names of all rules, in the order in which they are asked.
    public var ruleNames: [String] { textRules.map(\.name) + historyRules.map(\.name) }

    /// The same without the rules of these names.
    public func without(_ names: Set<String>) -> CleaningOptions {
        CleaningOptions(
            textRules: textRules.filter { !names.contains($0.name) },
            historyRules: historyRules.filter { !names.contains($0.name) }
        )
    }

    /// What the first rule on texts that finds something has against a text.
    public func reason(against text: String) -> CleaningReason? {
        for rule in textRules {
            if let finding = rule.finding(in: text) { return CleaningReason(rule: rule.name, finding: finding) }
        }
        return nil
    }
}
