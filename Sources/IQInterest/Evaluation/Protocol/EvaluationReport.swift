// The table of an evaluation: means with intervals, over everyone and over people with little history.

/// Means and intervals of several systems.
public struct EvaluationReport: Sendable, Hashable, Codable {
    /// How the figures came about, in words: data, counts, merging rule.
    public let notes: [String]
    public let rows: [Row]

    /// A system on a task, over a slice of the people.
    public struct Row: Sendable, Hashable, Codable {
        public let system: String
        public let task: EvaluationTask
        public let slice: Slice
        /// Different people in the slice.
        public let people: Int
        /// Questions in the slice.
        public let cases: Int
        public let cells: [Cell]
    }

    /// Which people a row is over.
    public enum Slice: String, Sendable, Hashable, Codable {
        case all
        /// People with at most ``EvaluationReport/coldHistory`` articles read before.
        case cold
    }

    /// A measure's mean over people.
    public struct Cell: Sendable, Hashable, Codable {
        public let metric: String
        public let mean: ConfidenceInterval
        /// The mean difference to the first system of the report, paired by person; nil for that system itself.
        public let differenceToFirst: ConfidenceInterval?
    }

    /// A history of at most so many articles makes a person cold.
    public static let coldHistory = 5

    /// - Parameters:
    ///   - results: of each system in turn, each with the same tasks.
    ///   - rewards: of the systems whose lists were judged.
    ///   - bootstrap: how the intervals are made; people are drawn, with all of their cases.
    ///   - notes: what to say about the figures.
    public init(
        _ results: [[TaskResult]],
        rewards: [TaskResult] = [],
        bootstrap: Bootstrap,
        notes: [String] = []
    ) {
        var rows: [Row] = []
        let tasks = results.first?.map(\.task) ?? []
        for (place, task) in tasks.enumerated() {
            for slice in [Slice.all, .cold] {
                rows += Self.rows(results.map { $0[place] }, task: task, slice: slice, bootstrap: bootstrap)
            }
        }
        for slice in [Slice.all, .cold] {
            rows += Self.rows(rewards, task: .rewards, slice: slice, bootstrap: bootstrap)
        }
        self.rows = rows
        self.notes = notes
    }

    /// The rows of a task and slice; none where nobody is in it.
    private static func rows(
        _ results: [TaskResult],
        task: EvaluationTask,
        slice: Slice,
        bootstrap: Bootstrap
    ) -> [Row] {
        guard let first = results.first else { return [] }
        let chosen = first.people.indices.filter { slice == .all || first.historyLengths[$0] <= coldHistory }
        guard !chosen.isEmpty else { return [] }
        // A person with several cases is one unit: the mean of theirs.
        var units: [String: Int] = [:]
        var unitOfCase: [Int] = []
        for index in chosen {
            let unit = units[first.people[index], default: units.count]
            units[first.people[index]] = unit
            unitOfCase.append(unit)
        }
        var counts = [Double](repeating: 0, count: units.count)
        for unit in unitOfCase { counts[unit] += 1 }
        var columns: [[Double?]] = []
        for result in results {
            precondition(result.people == first.people, "\(result.system) was asked other questions")
            for metric in result.metrics.indices {
                var sums = [Double](repeating: 0, count: units.count)
                for (index, unit) in zip(chosen, unitOfCase) { sums[unit] += result.values[index][metric] }
                columns.append(zip(sums, counts).map { $0 / $1 })
            }
        }
        let width = first.metrics.count
        let differences = columns.indices.dropFirst(width).map { column in
            zip(columns[column], columns[column % width]).map { value, reference -> Double? in
                guard let value, let reference else { return nil }
                return value - reference
            }
        }
        let intervals = bootstrap.means(columns + differences)
        return results.enumerated().map { index, result in
            Row(
                system: result.system,
                task: task,
                slice: slice,
                people: units.count,
                cases: chosen.count,
                cells: result.metrics.enumerated().compactMap { metric, name in
                    guard let mean = intervals[index * width + metric] else { return nil }
                    let difference = index == 0 ? nil : intervals[columns.count + (index - 1) * width + metric]
                    return Cell(metric: name, mean: mean, differenceToFirst: difference)
                }
            )
        }
    }

    /// The mean of a measure.
    public func mean(
        _ metric: String,
        of system: String,
        task: EvaluationTask,
        slice: Slice = .all
    ) -> ConfidenceInterval? {
        rows.first { $0.system == system && $0.task == task && $0.slice == slice }?
            .cells.first { $0.metric == metric }?.mean
    }
}
