// What a composite says of completions: everything that a trainer logs and turns into advantages.

/// Scores of completions by every reward of a composite.
public struct RewardReport: Sendable, Hashable {
    /// The rewards' names, in the composite's order; so are weights, scores, seconds and cached.
    public let names: [String]
    public let weights: [Double]
    /// For each reward the score of every completion; nil where the reward does not apply.
    public let scores: [[RewardScore?]]
    /// For each completion the weighted sum of the rewards that apply to it; nil where none does.
    public let totals: [Double?]
    /// Seconds that each reward took, with its retries. Rewards run at the same time, so the sum is more than what passed.
    public let seconds: [Double]
    /// How many scores of each reward came from the cache.
    public let cached: [Int]
    /// Rewards that failed and whose fallback stands in for their scores.
    public let failures: [Failure]

    /// A failure that a fallback stands in for.
    public struct Failure: Sendable, Hashable {
        public let reward: String
        public let attempts: Int
        /// What happened, in words.
        public let message: String
    }

    init(
        names: [String],
        weights: [Double],
        scores: [[RewardScore?]],
        completionCount: Int,
        seconds: [Double],
        cached: [Int],
        failures: [Failure]
    ) {
        self.names = names
        self.weights = weights
        self.scores = scores
        self.seconds = seconds
        self.cached = cached
        self.failures = failures
        totals = (0..<completionCount).map { completion in
            var total: Double?
            for (row, weight) in zip(scores, weights) {
                if let score = row[completion] { total = (total ?? 0) + weight * score.value }
            }
            return total
        }
    }

    /// How many completions there are.
    public var count: Int { totals.count }

    /// For each completion the value of every reward: what
    /// ``AdvantageEstimator/advantages(rewards:weights:groups:)`` takes.
    public var values: [[Double?]] {
        totals.indices.map { completion in scores.map { $0[completion]?.value } }
    }

    /// The scores by the reward of this name; nil if there is none.
    public func scores(by name: String) -> [RewardScore?]? { names.firstIndex(of: name).map { scores[$0] } }

    /// The reports of several samples as one: their completions one after the other, seconds and counts added up. All
    /// must come from composites of the same rewards and weights.
    ///
    /// - Throws: ``PolicyError/mismatchedCounts(_:expected:found:)`` if they do not; nil if there is no report.
    public static func joined(_ reports: [RewardReport]) throws(PolicyError) -> RewardReport? {
        guard let first = reports.first else { return nil }
        for report in reports where report.names != first.names || report.weights != first.weights {
            throw .mismatchedCounts(
                "rewards in common, by name and weight",
                expected: first.names.count,
                found: zip(zip(report.names, report.weights), zip(first.names, first.weights)).count { $0 == $1 }
            )
        }
        let members = first.names.indices
        return RewardReport(
            names: first.names,
            weights: first.weights,
            scores: members.map { member in reports.flatMap { $0.scores[member] } },
            completionCount: reports.reduce(0) { $0 + $1.count },
            seconds: members.map { member in reports.reduce(0) { $0 + $1.seconds[member] } },
            cached: members.map { member in reports.reduce(0) { $0 + $1.cached[member] } },
            failures: reports.flatMap(\.failures)
        )
    }

    /// Each reward in numbers, for a log.
    public var summaries: [RewardSummary] {
        names.indices.map { member in
            let values = scores[member].compactMap { $0?.value }
            return RewardSummary(
                name: names[member],
                weight: weights[member],
                scored: values.count,
                unscored: count - values.count,
                mean: RewardSummary.mean(values),
                deviation: RewardSummary.deviation(values),
                minimum: values.min(),
                maximum: values.max(),
                seconds: seconds[member],
                cached: cached[member],
                failures: failures.count { $0.reward == names[member] }
            )
        }
    }
}

/// A reward over some completions, in numbers.
public struct RewardSummary: Sendable, Hashable, Codable {
    public let name: String
    public let weight: Double
    /// Completions with and without a score.
    public let scored: Int
    public let unscored: Int
    /// Of the scores; nil where there is none.
    public let mean: Double?
    /// With n − 1 below; nil for fewer than two scores.
    public let deviation: Double?
    public let minimum: Double?
    public let maximum: Double?
    public let seconds: Double
    /// Scores that came from the cache.
    public let cached: Int
    /// Calls whose fallback stands in for the scores.
    public let failures: Int

    static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    static func deviation(_ values: [Double]) -> Double? {
        guard values.count > 1, let mean = mean(values) else { return nil }
        return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)).squareRoot()
    }
}
