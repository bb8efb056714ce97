// Advantages: how much better a completion was than the others of its group.

/// What a group's rewards, less their mean, are divided by.
public enum AdvantageScaling: String, Sendable, Hashable, CaseIterable, Codable {
    /// Nothing (Dr. GRPO, arXiv 2503.20783): easy and hard prompts keep their weight. The default, as in the paper.
    case none
    /// The group's deviation (GRPO, arXiv 2402.03300).
    case group
    /// The deviation of all rewards of the batch.
    case batch
    /// Nothing, but the mean is that of the others (RLOO, arXiv 2402.14740): r − mean of the rest.
    case leaveOneOut
}

/// How several rewards become one number.
public enum RewardAggregation: String, Sendable, Hashable, CaseIterable, Codable {
    /// The weighted sum, then the advantages of the sums.
    case sumThenNormalize
    /// Each reward is normalised within its group first, and the weighted sum of these is whitened over the batch (GDPO,
    /// arXiv 2601.05242): a reward of small spread is not drowned by one of large spread. The scaling is not looked at.
    case normalizeThenSum
}

/// Advantages of the completions of a batch.
public struct Advantages: Sendable, Hashable {
    /// One for each completion; 0 where it has no reward at all.
    public let values: [Double]
    /// The weighted sum of each completion's rewards; nil where no reward applies.
    public let rewards: [Double?]
    /// Groups whose scored completions all have the same reward, so that they teach nothing. A group without any score is
    /// one of them.
    public let constantGroups: [Int]
    /// Completions to which no reward applies.
    public let unscored: [Int]
}

/// Turns rewards into advantages.
public struct AdvantageEstimator: Sendable, Hashable, Codable {
    public let scaling: AdvantageScaling
    public let aggregation: RewardAggregation
    /// Added to a deviation before dividing by it.
    public let epsilon: Double

    /// - Throws: ``PolicyError/invalidOption(name:value:permitted:)`` unless epsilon is a finite number above 0.
    public init(
        scaling: AdvantageScaling = .none,
        aggregation: RewardAggregation = .sumThenNormalize,
        epsilon: Double = 1e-4
    ) throws(PolicyError) {
        try PolicyError.require(epsilon > 0 && epsilon.isFinite, "epsilon", epsilon, "a finite number above 0")
        self.init(checkedScaling: scaling, aggregation: aggregation, epsilon: epsilon)
    }

    private init(checkedScaling: AdvantageScaling, aggregation: RewardAggregation, epsilon: Double) {
        scaling = checkedScaling
        self.aggregation = aggregation
        self.epsilon = epsilon
    }

    /// Dr. GRPO: reward less the mean of its group.
    public static let drGRPO = AdvantageEstimator(checkedScaling: .none, aggregation: .sumThenNormalize, epsilon: 1e-4)

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            scaling: try container.decode(AdvantageScaling.self, forKey: .scaling),
            aggregation: try container.decode(RewardAggregation.self, forKey: .aggregation),
            epsilon: try container.decode(Double.self, forKey: .epsilon)
        )
    }

    /// Advantages of completions.
    ///
    /// - Parameters:
    ///   - rewards: for each completion the value of every reward, nil where a reward does not apply. A value that is
    ///     not finite counts as nil.
    ///   - weights: one for each reward.
    ///   - groups: runs of completions of the same prompt, in order and without gaps.
    /// - Throws: ``PolicyError/mismatchedCounts(_:expected:found:)``.
    public func advantages(
        rewards: [[Double?]],
        weights: [Double],
        groups: [Range<Int>]
    ) throws(PolicyError) -> Advantages {
        for values in rewards where values.count != weights.count {
            throw .mismatchedCounts("rewards of a completion", expected: weights.count, found: values.count)
        }
        var next = 0
        for group in groups {
            guard group.lowerBound == next else {
                throw .mismatchedCounts("first completion of a group", expected: next, found: group.lowerBound)
            }
            next = group.upperBound
        }
        guard next == rewards.count else {
            throw .mismatchedCounts("completions in groups", expected: rewards.count, found: next)
        }
        let finite = rewards.map { $0.map { $0.flatMap { $0.isFinite ? $0 : nil } } }
        let sums = finite.map { Self.weightedSum($0, weights) }
        let values =
            switch aggregation {
            case .sumThenNormalize: normalizedSums(sums, groups)
            case .normalizeThenSum: sumOfNormalized(finite, weights, groups)
            }
        return Advantages(
            values: values,
            rewards: sums,
            constantGroups: groups.indices.filter { Self.isConstant(groups[$0].compactMap { sums[$0] }) },
            unscored: sums.indices.filter { sums[$0] == nil }
        )
    }

    private func normalizedSums(_ sums: [Double?], _ groups: [Range<Int>]) -> [Double] {
        var advantages = [Double](repeating: 0, count: sums.count)
        let batchDeviation = Self.deviation(sums.compactMap { $0 })
        for group in groups {
            let scored = group.compactMap { sums[$0] }
            // Rounding of the mean must not turn equal rewards into advantages.
            guard !Self.isConstant(scored) else { continue }
            let mean = Self.mean(scored)
            let factor =
                switch scaling {
                case .none: 1.0
                case .group: 1 / (Self.deviation(scored) + epsilon)
                case .batch: 1 / (batchDeviation + epsilon)
                case .leaveOneOut: Double(scored.count) / Double(scored.count - 1)
                }
            for index in group { advantages[index] = sums[index].map { ($0 - mean) * factor } ?? 0 }
        }
        return advantages
    }

    private func sumOfNormalized(_ rewards: [[Double?]], _ weights: [Double], _ groups: [Range<Int>]) -> [Double] {
        let sums = normalizedSums(rewards, weights, groups)
        let scored = sums.compactMap { $0 }
        guard !Self.isConstant(scored) else { return [Double](repeating: 0, count: rewards.count) }
        let mean = Self.mean(scored)
        let deviation = Self.deviation(scored)
        return sums.map { $0.map { ($0 - mean) / (deviation + epsilon) } ?? 0 }
    }

    /// For each completion the weighted sum of its rewards, each normalised within its group; nil where none applies.
    func normalizedSums(_ rewards: [[Double?]], _ weights: [Double], _ groups: [Range<Int>]) -> [Double?] {
        var sums = [Double?](repeating: nil, count: rewards.count)
        for group in groups {
            for (reward, weight) in weights.enumerated() {
                let scored = group.compactMap { rewards[$0][reward] }
                let mean = Self.mean(scored)
                let deviation = Self.deviation(scored)
                let isConstant = Self.isConstant(scored)
                for index in group {
                    guard let value = rewards[index][reward] else { continue }
                    let normalized = isConstant ? 0 : (value - mean) / (deviation + epsilon)
                    sums[index] = (sums[index] ?? 0) + weight * normalized
                }
            }
        }
        return sums
    }

    /// nil where no reward applies.
    static func weightedSum(_ values: [Double?], _ weights: [Double]) -> Double? {
        var sum: Double?
        for (value, weight) in zip(values, weights) { if let value { sum = (sum ?? 0) + weight * value } }
        return sum
    }

    static func isConstant(_ values: [Double]) -> Bool { values.allSatisfy { $0 == values[0] } }

    static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }

    /// With n − 1 below; 0 for fewer than two values.
    static func deviation(_ values: [Double]) -> Double {
        guard values.count > 1 else { return 0 }
        let mean = mean(values)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(values.count - 1)).squareRoot()
    }
}
