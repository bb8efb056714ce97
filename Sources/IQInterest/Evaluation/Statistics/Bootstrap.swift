// How sure a mean over people is: the bootstrap, that draws the people anew with replacement.

internal import IQTensor

/// Percentile intervals by resampling (Efron 1979; Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 13).
///
/// All columns are resampled together, so that the difference of two columns is a paired comparison. The same seed gives the
/// same intervals, on every machine.
public struct Bootstrap: Sendable, Hashable {
    public let resamples: Int
    public let level: Double
    public let seed: UInt64

    /// - Parameters:
    ///   - resamples: how often the people are drawn anew, at least 1.
    ///   - level: the probability that an interval holds the true value, above 0 and below 1.
    ///   - seed: fixes the draws.
    public init(resamples: Int = 10_000, level: Double = 0.95, seed: UInt64 = 0) {
        precondition(resamples >= 1, "\(resamples) resamples")
        precondition(level > 0 && level < 1, "a level of \(level)")
        self.resamples = resamples
        self.level = level
        self.seed = seed
    }

    /// The interval of the mean.
    public func mean(_ values: [Double]) -> ConfidenceInterval? {
        means([values.map(Optional.some)]).first.flatMap(\.self)
    }

    /// The interval of the mean difference of two methods measured on the same people, `second − first`.
    public func meanDifference(_ first: [Double], _ second: [Double]) -> ConfidenceInterval? {
        precondition(first.count == second.count, "\(first.count) and \(second.count) people are not paired")
        return mean(zip(first, second).map { $1 - $0 })
    }

    /// The intervals of the means of several columns over the same people.
    ///
    /// - Parameter columns: each has a value for every person, nil where the measure is not defined for the person; the mean is
    ///   over those that have one, in every resample.
    /// - Returns: one for each column; nil for a column without a value.
    public func means(_ columns: [[Double?]]) -> [ConfidenceInterval?] {
        guard let people = columns.first?.count else { return [] }
        precondition(columns.allSatisfy { $0.count == people }, "columns of different numbers of people")
        guard people > 0 else { return columns.map { _ in nil } }
        let width = columns.count
        // Row after row, so that one draw adds one contiguous piece; a missing value adds nothing to sum and count.
        var values = [Double](repeating: 0, count: people * width)
        var presences = [Double](repeating: 0, count: people * width)
        for (column, entries) in columns.enumerated() {
            for (row, entry) in entries.enumerated() {
                guard let entry else { continue }
                values[row * width + column] = entry
                presences[row * width + column] = 1
            }
        }
        let isComplete = !presences.contains(0)
        var means = [[Double]](repeating: [], count: width)
        for column in means.indices { means[column].reserveCapacity(resamples) }
        var random = RandomStream(seed: seed, stream: Self.stream)
        var sums = [Double](repeating: 0, count: width)
        var counts = [Double](repeating: Double(people), count: width)
        for _ in 0..<resamples {
            for column in 0..<width { sums[column] = 0 }
            if !isComplete { for column in 0..<width { counts[column] = 0 } }
            for _ in 0..<people {
                let start = random.uniform(below: people) * width
                for column in 0..<width { sums[column] += values[start + column] }
                guard !isComplete else { continue }
                for column in 0..<width { counts[column] += presences[start + column] }
            }
            for column in 0..<width where counts[column] > 0 { means[column].append(sums[column] / counts[column]) }
        }
        return columns.indices.map { column in
            let present = columns[column].compactMap(\.self)
            guard !present.isEmpty else { return nil }
            let sorted = means[column].sorted()
            return ConfidenceInterval(
                estimate: present.reduce(0, +) / Double(present.count),
                lower: Self.percentile(sorted, (1 - level) / 2),
                upper: Self.percentile(sorted, (1 + level) / 2),
                level: level
            )
        }
    }

    /// The interval of a ratio of two means over the same people: both are drawn together, and what is drawn without a mean below
    /// the line is left out. nil without people, or where the mean below the line is 0.
    public func ratioOfMeans(_ above: [Double], _ below: [Double]) -> ConfidenceInterval? {
        precondition(above.count == below.count, "\(above.count) and \(below.count) people are not paired")
        let people = above.count
        let whole = below.reduce(0, +)
        guard people > 0, whole != 0 else { return nil }
        var random = RandomStream(seed: seed, stream: Self.stream)
        var ratios: [Double] = []
        ratios.reserveCapacity(resamples)
        for _ in 0..<resamples {
            var (top, bottom) = (0.0, 0.0)
            for _ in 0..<people {
                let person = random.uniform(below: people)
                top += above[person]
                bottom += below[person]
            }
            if bottom != 0 { ratios.append(top / bottom) }
        }
        guard !ratios.isEmpty else { return nil }
        ratios.sort()
        return ConfidenceInterval(
            estimate: above.reduce(0, +) / whole,
            lower: Self.percentile(ratios, (1 - level) / 2),
            upper: Self.percentile(ratios, (1 + level) / 2),
            level: level
        )
    }

    /// The value below which a share of the sorted numbers lies, with linear interpolation (as NumPy's default).
    static func percentile(_ sorted: [Double], _ share: Double) -> Double {
        precondition(!sorted.isEmpty && (0...1).contains(share), "percentile \(share) of \(sorted.count) numbers")
        let place = share * Double(sorted.count - 1)
        let low = Int(place)
        let high = min(low + 1, sorted.count - 1)
        return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
    }

    /// Keeps these draws apart from others of the same seed.
    private static let stream: UInt64 = 0x626F_6F74
}
