// What the best of k samples is worth on average, from N samples that are there.

/// The value of choosing the best of k samples.
public enum ExpectedBest {
    /// The expected value of the best of k samples for k = 1 ... N, without bias: the mean over all ways of taking k of the N
    /// samples. With scores in ascending order x₁ ≤ … ≤ x_N,
    ///
    ///     E_k = sum over i of x_i · C(i − 1, k − 1) / C(N, k)
    ///
    /// for x_i is the best of k where the other k − 1 are among the i − 1 below it. Of samples drawn independently, this is
    /// the only unbiased estimate that uses all of them alike; it is the pass@k of Chen et al. (arXiv 2107.03374) for scores that
    /// are numbers instead of right or wrong. E_1 is the mean, E_N the largest score.
    ///
    /// Worked example: scores 1, 2 and 6: E_1 = 3; of the pairs {1, 2}, {1, 6} and {2, 6} the best are 2, 6 and 6, so E_2 = 14 / 3; E_3 = 6.
    ///
    /// - Parameters:
    ///   - scores: of one person's samples, by which the best is chosen.
    ///   - values: what the chosen sample is worth, where that is another measure than the scores, such as a recall that
    ///     choosing cannot look at; the scores if not given. Samples with equal scores are chosen equally often.
    /// - Returns: as many numbers as there are samples; the number for k at index k − 1.
    /// - Throws: ``SelectionError/noScores``, ``SelectionError/notFinite(person:sample:)``,
    ///   ``SelectionError/unequalCounts(person:found:expected:)`` for another number of values.
    public static func curve(of scores: [Double], measuring values: [Double]? = nil) throws(SelectionError) -> [Double]
    {
        let values = values ?? scores
        guard !scores.isEmpty else { throw .noScores }
        guard values.count == scores.count else {
            throw .unequalCounts(person: 0, found: values.count, expected: scores.count)
        }
        if let sample = scores.indices.first(where: { !scores[$0].isFinite || !values[$0].isFinite }) {
            throw .notFinite(person: 0, sample: sample)
        }
        let ranked = meansOfTies(scores, values)
        let count = scores.count
        return (1...count).map { k in
            // From the best one down: C(N − 1, k − 1) / C(N, k) = k / N, and each weight from the one above it.
            var weight = Double(k) / Double(count)
            var sum = 0.0
            for place in stride(from: count, through: k, by: -1) {
                sum += weight * ranked[place - 1]
                if place > 1 { weight *= Double(place - k) / Double(place - 1) }
            }
            return sum
        }
    }

    /// The values in the order of their scores, ascending; of equal scores each has the mean of their values.
    private static func meansOfTies(_ scores: [Double], _ values: [Double]) -> [Double] {
        let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
        var ranked: [Double] = []
        var start = 0
        while start < order.count {
            let end = order[start...].firstIndex { scores[$0] != scores[order[start]] } ?? order.count
            let tied = order[start..<end].map { values[$0] }
            // One value stays as it is, to the last bit.
            let mean = tied.count == 1 ? tied[0] : tied.reduce(0, +) / Double(tied.count)
            ranked += Array(repeating: mean, count: tied.count)
            start = end
        }
        return ranked
    }
}

/// What the best of k samples is worth on average over people: the N-curve.
///
/// People are added one by one, in constant memory.
public struct ExpectedBestCurve: Sendable, Hashable {
    /// The mean over people of ``ExpectedBest/curve(of:measuring:)``; the number for k at index k − 1. All 0 without people.
    public private(set) var means: [Double]
    /// Sums of squared deviations from the means (Welford's recurrence, as sums of squares would cancel).
    private var squares: [Double]
    /// How many people there are.
    public private(set) var people = 0

    /// A curve without people.
    ///
    /// - Parameter samples: of each person, at least 1.
    public init(samples: Int) {
        precondition(samples >= 1, "a curve of \(samples) samples")
        means = Array(repeating: 0, count: samples)
        squares = means
    }

    /// - Parameters:
    ///   - scores: for each person those of the samples, as many for each.
    ///   - values: what the samples are worth, where that is not the scores; for as many people.
    /// - Throws: ``SelectionError``.
    public init(scores: [[Double]], measuring values: [[Double]]? = nil) throws(SelectionError) {
        guard let count = scores.first?.count, count > 0 else { throw .noScores }
        self.init(samples: count)
        for person in scores.indices {
            if let values, !values.indices.contains(person) {
                throw .unequalCounts(person: person, found: 0, expected: count)
            }
            try add(scores[person], measuring: values?[person])
        }
    }

    /// Adds a person.
    ///
    /// - Throws: ``SelectionError``; the curve is then as it was.
    public mutating func add(_ scores: [Double], measuring values: [Double]? = nil) throws(SelectionError) {
        guard scores.count == means.count else {
            throw .unequalCounts(person: people, found: scores.count, expected: means.count)
        }
        let curve: [Double]
        do throws(SelectionError) {
            curve = try ExpectedBest.curve(of: scores, measuring: values)
        } catch {
            throw error.of(person: people)
        }
        people += 1
        for (k, value) in curve.enumerated() {
            let deviation = value - means[k]
            means[k] += deviation / Double(people)
            squares[k] += deviation * (value - means[k])
        }
    }

    /// The standard error of each mean over people; nil for fewer than two people, of whom it cannot be known.
    public var standardErrors: [Double]? {
        guard people > 1 else { return nil }
        return squares.map { ($0 / Double(people - 1) / Double(people)).squareRoot() }
    }

    /// What the kth sample adds on average: E_k − E_{k − 1}; of the first one, what it is worth.
    public var gains: [Double] {
        means.indices.map { $0 == 0 ? means[0] : means[$0] - means[$0 - 1] }
    }
}

extension SelectionError {
    /// The same of another person.
    fileprivate func of(person: Int) -> SelectionError {
        switch self {
        case .notFinite(_, let sample): .notFinite(person: person, sample: sample)
        case .unequalCounts(_, let found, let expected):
            .unequalCounts(person: person, found: found, expected: expected)
        case .invalidOption, .greedySampling, .noScores: self
        }
    }
}
