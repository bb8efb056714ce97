// Every person's values and lists: what comparisons across several evaluations are made of.

/// The values behind an ``EvaluationReport``, case by case, so that systems that were measured at different times can be compared
/// person by person.
public struct EvaluationValues: Sendable, Hashable, Codable {
    /// How the figures came about, in words.
    public var notes: [String]
    public var results: [TaskResult]
    public var lists: [SystemLists]

    public init(notes: [String] = [], results: [TaskResult], lists: [SystemLists]) {
        self.notes = notes
        self.results = results
        self.lists = lists
    }

    /// The values of one measure, a mean for each person; the people in the order of their first cases. nil if it was not measured.
    public func perPerson(_ metric: String, of system: String, task: EvaluationTask) -> PersonValues? {
        guard let result = results.first(where: { $0.system == system && $0.task == task }),
            let column = result.metrics.firstIndex(of: metric)
        else { return nil }
        return PersonValues(people: result.people, values: result.values.map { $0[column] })
    }
}

/// A measure's value for each person; a person with several cases has their mean.
public struct PersonValues: Sendable, Hashable {
    public let people: [String]
    public let values: [Double]

    /// - Parameters:
    ///   - people: of each case.
    ///   - values: as many.
    public init(people: [String], values: [Double]) {
        precondition(people.count == values.count, "\(people.count) people, \(values.count) values")
        var units: [String: Int] = [:]
        var (names, sums, counts): ([String], [Double], [Double]) = ([], [], [])
        for (person, value) in zip(people, values) {
            let unit = units[person, default: names.count]
            if unit == names.count {
                units[person] = unit
                names.append(person)
                sums.append(0)
                counts.append(0)
            }
            sums[unit] += value
            counts[unit] += 1
        }
        self.people = names
        self.values = zip(sums, counts).map { $0 / $1 }
    }
}

/// The lists that a system wrote for the people of an evaluation.
public struct SystemLists: Sendable, Hashable, Codable {
    public let system: String
    /// Wall seconds for all of them; nil where it is not known.
    public let seconds: Double?
    /// The case of each list.
    public let cases: [String]
    public let queries: [[String]]

    public init(system: String, seconds: Double?, cases: [String], queries: [[String]]) {
        self.system = system
        self.seconds = seconds
        self.cases = cases
        self.queries = queries
    }

    /// The lists of a source.
    public init(_ source: any QuerySource, for people: [EvaluatedPerson]) async throws {
        let lists = try await source.lists(for: people)
        let seconds = lists.compactMap(\.seconds)
        self.init(
            system: source.name,
            seconds: seconds.count == lists.count ? seconds.reduce(0, +) : nil,
            cases: people.map(\.caseID),
            queries: lists.map(\.queries)
        )
    }

    /// Lists written in a second of wall time.
    public var perSecond: Double? { seconds.flatMap { $0 > 0 ? Double(queries.count) / $0 : nil } }

    /// How many different lists there are.
    public var distinctCount: Int { Set(queries).count }

    /// The share of people with the list that most of them have: 1 where everybody has the same one.
    public var mostFrequentShare: Double {
        guard !queries.isEmpty else { return 0 }
        let counts = Dictionary(queries.map { ($0, 1) }, uniquingKeysWith: +)
        return Double(counts.values.max() ?? 0) / Double(queries.count)
    }
}
