// An estimate with the interval it is known to.

/// An estimate and an interval around it.
public struct ConfidenceInterval: Sendable, Hashable, Codable {
    public let estimate: Double
    public let lower: Double
    public let upper: Double
    /// How often such intervals hold the true value, such as 0.95.
    public let level: Double

    public init(estimate: Double, lower: Double, upper: Double, level: Double) {
        self.estimate = estimate
        self.lower = lower
        self.upper = upper
        self.level = level
    }

    /// Whether zero lies outside.
    public var excludesZero: Bool { lower > 0 || upper < 0 }
}

/// Mean and spread of numbers.
struct Moments {
    let count: Int
    let mean: Double
    /// The sum of squared deviations from the mean over count − 1; 0 for fewer than two numbers.
    let variance: Double

    init(_ values: some Collection<Double>) {
        count = values.count
        let mean = values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
        self.mean = mean
        variance =
            values.count < 2
            ? 0 : values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    }
}
