// Cleaning of signals: rules on texts, a learned judge, rules on histories; person by person, so that any number can stream.

/// Drops from people's signals what is no sign of an interest, and says why.
///
/// ```swift
/// let cleaner = SignalCleaner()
/// for try await cleaned in cleaner.clean(PersonFile(path: "people.jsonl")) {
///     for dropped in cleaned.dropped { print(cleaned.person.id, dropped.redactedText, dropped.reason) }
/// }
/// ```
///
/// The order of people and signals stays. Memory is bounded by one person, with a learned judge by ``peopleAtOnce``. Duplicates are
/// looked for within one person. Cleaning what was cleaned drops nothing more: the rules on histories are asked again
/// until none finds anything.
public struct SignalCleaner: Sendable {
    public let options: CleaningOptions
    public let scorer: (any NoiseScorer)?

    /// How many people's texts a learned judge sees at once.
    public static let peopleAtOnce = 32

    /// - Parameters:
    ///   - options: the rules.
    ///   - scorer: a learned judge; its name must differ from those of the rules.
    public init(options: CleaningOptions = .standard(), scorer: (any NoiseScorer)? = nil) {
        if let scorer {
            precondition(!options.ruleNames.contains(scorer.name), "a rule is already named \(scorer.name)")
        }
        self.options = options
        self.scorer = scorer
    }

    /// Cleans one person.
    ///
    /// - Throws: what the learned judge throws; nothing without one.
    public func clean(_ person: Person) async throws -> CleanedPerson { try await clean([person])[0] }

    /// Cleans some people, in order.
    ///
    /// - Throws: what the learned judge throws; nothing without one.
    public func clean(_ people: [Person]) async throws -> [CleanedPerson] {
        var reasons = people.map { person in person.signals.map { options.reason(against: $0.text) } }
        if let scorer {
            var texts: [String] = []
            var places: [(person: Int, signal: Int)] = []
            for (number, person) in people.enumerated() {
                for (index, signal) in person.signals.enumerated() where reasons[number][index] == nil {
                    texts.append(signal.text)
                    places.append((number, index))
                }
            }
            for (place, reason) in zip(places, try await scorer.reasons(against: texts)) {
                reasons[place.person][place.signal] = reason
            }
        }
        return try zip(people, reasons).map { try applyHistoryRules($0, reasons: $1) }
    }

    /// Cleans with rules alone, at once; ``scorer`` is not asked.
    public func cleanByRules(_ person: Person) throws(SignalError) -> CleanedPerson {
        try applyHistoryRules(person, reasons: person.signals.map { options.reason(against: $0.text) })
    }

    /// People as they are asked for, cleaned.
    public func clean<People: AsyncSequence>(_ people: People) -> CleanedPeople<People> where People.Element == Person {
        CleanedPeople(cleaner: self, people: people)
    }

    private func applyHistoryRules(_ person: Person, reasons given: [CleaningReason?]) throws(SignalError)
        -> CleanedPerson
    {
        var reasons = given
        var hasChanged = true
        while hasChanged {
            hasChanged = false
            for rule in options.historyRules {
                let places = reasons.indices.filter { reasons[$0] == nil }
                for (index, finding) in rule.findings(in: places.map { person.signals[$0] }) {
                    precondition(
                        places.indices.contains(index),
                        "\(rule.name) names signal \(index) of \(places.count)"
                    )
                    reasons[places[index]] = CleaningReason(rule: rule.name, finding: finding)
                    hasChanged = true
                }
            }
        }
        var kept: [UserSignal] = []
        var dropped: [DroppedSignal] = []
        for (index, (signal, reason)) in zip(person.signals, reasons).enumerated() {
            if let reason {
                dropped.append(DroppedSignal(index: index, signal: signal, reason: reason))
            } else {
                kept.append(signal)
            }
        }
        return CleanedPerson(
            person: dropped.isEmpty ? person : try Person(id: person.id, language: person.language, signals: kept),
            dropped: dropped
        )
    }
}

/// People, cleaned as they are asked for.
public struct CleanedPeople<People: AsyncSequence>: AsyncSequence where People.Element == Person {
    public typealias Element = CleanedPerson

    let cleaner: SignalCleaner
    let people: People

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(cleaner: cleaner, people: people.makeAsyncIterator())
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        let cleaner: SignalCleaner
        var people: People.AsyncIterator
        /// Cleaned ones that wait, the next one last.
        private var waiting: [CleanedPerson] = []
        /// What the sequence threw after the people that wait.
        private var failure: (any Error)?

        init(cleaner: SignalCleaner, people: People.AsyncIterator) {
            self.cleaner = cleaner
            self.people = people
        }

        public mutating func next() async throws -> CleanedPerson? {
            if let next = waiting.popLast() { return next }
            if let failure { throw failure }
            var part: [Person] = []
            // Without a learned judge nothing is gained by waiting for more.
            let size = cleaner.scorer == nil ? 1 : SignalCleaner.peopleAtOnce
            do {
                while part.count < size, let person = try await people.next() { part.append(person) }
            } catch {
                guard !part.isEmpty else { throw error }
                failure = error
            }
            guard !part.isEmpty else { return nil }
            waiting = try await cleaner.clean(part).reversed()
            return waiting.popLast()
        }
    }
}
