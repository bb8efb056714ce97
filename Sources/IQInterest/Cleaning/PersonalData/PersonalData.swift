// Personal data in short texts: found by form and check digits, and blotted out in reports.

/// A kind of personal data that has a form of its own. Names of people have none, so they are not found.
public enum PersonalDataKind: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case emailAddress
    case phoneNumber
    /// 13 to 19 digits with a right check digit (Luhn; ISO/IEC 7812-1).
    case cardNumber
    /// An international bank account number with right check digits (ISO 13616, ISO 7064 MOD 97-10).
    case bankAccount
    /// An address of the internet protocol, version 4 or 6.
    case networkAddress
    /// A social security number of the United States in its written form, 3-2-4 digits.
    case socialSecurityNumber
    /// Nine or more digits in a row, a UUID, or a long mixture of letters and digits.
    case longIdentifier
    /// House number, street and what follows an address, in English or German form.
    case streetAddress

    /// In words, for reports.
    public var description: String {
        switch self {
        case .emailAddress: "an e-mail address"
        case .phoneNumber: "a phone number"
        case .cardNumber: "a card number"
        case .bankAccount: "a bank account"
        case .networkAddress: "a network address"
        case .socialSecurityNumber: "a social security number"
        case .longIdentifier: "a long identifier"
        case .streetAddress: "a street address"
        }
    }
}

/// Finds personal data, and takes it out of texts that are shown.
public struct PersonalData: Sendable, Hashable {
    /// A place in a text.
    public struct Match: Sendable, Hashable {
        public let kind: PersonalDataKind
        /// The place, in Unicode scalars from the start of the text.
        public let scalars: Range<Int>

        public init(kind: PersonalDataKind, scalars: Range<Int>) {
            self.kind = kind
            self.scalars = scalars
        }
    }

    /// The kinds that are looked for.
    public var kinds: Set<PersonalDataKind>

    /// - Parameter kinds: the kinds to look for.
    public init(kinds: Set<PersonalDataKind> = Set(PersonalDataKind.allCases)) { self.kinds = kinds }

    /// What is found, from front to back, without overlaps: where two kinds claim a place, the more specific one has it.
    public func matches(in text: String) -> [Match] {
        let folded = FoldedText(text)
        guard folded.mayHoldPersonalData else { return [] }
        var found: [Match] = []
        // From specific to general.
        found += folded.emailAddresses()
        found += folded.bankAccounts()
        found += folded.networkAddresses()
        found += folded.uniqueIdentifiers()
        found += folded.numbers()
        found += folded.streetAddresses()
        found += folded.longIdentifiers()
        var taken: [Match] = []
        for match in found where kinds.contains(match.kind) {
            if !taken.contains(where: { $0.scalars.overlaps(match.scalars) }) { taken.append(match) }
        }
        return taken.sorted { $0.scalars.lowerBound < $1.scalars.lowerBound }
    }

    /// The text with `[emailAddress]` and the like in the place of what was found.
    public func redacted(_ text: String) -> String {
        let matches = matches(in: text)
        guard !matches.isEmpty else { return text }
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        var next = 0
        for match in matches {
            result.append(contentsOf: scalars[next..<match.scalars.lowerBound])
            result.append(contentsOf: "[\(match.kind.rawValue)]".unicodeScalars)
            next = match.scalars.upperBound
        }
        result.append(contentsOf: scalars[next...])
        return String(result)
    }
}

/// Drops texts that hold personal data.
public struct PersonalDataRule: TextRule, Hashable {
    public let name = "personalData"
    /// The kinds that are looked for.
    public var detector: PersonalData

    /// - Parameter kinds: the kinds to look for.
    public init(kinds: Set<PersonalDataKind> = Set(PersonalDataKind.allCases)) { detector = PersonalData(kinds: kinds) }

    public func finding(in text: String) -> CleaningFinding? {
        let kinds = Set(detector.matches(in: text).map(\.kind))
        return kinds.isEmpty ? nil : .personalData(kinds.sorted { $0.rawValue < $1.rawValue })
    }
}
