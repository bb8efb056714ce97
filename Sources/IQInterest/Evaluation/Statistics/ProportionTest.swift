// Is one rate higher than another?

/// The comparison of two rates, such as click rates of a control and a treatment.
///
/// Source: the two-proportion z test with pooled variance, and Wald's interval of the difference with separate variances
/// (Fleiss, Levin and Paik, "Statistical Methods for Rates and Proportions", 3rd ed., 2003, ch. 3). The events must be
/// independent: count people, not clicks, where one person has many (``LiftAnalysis`` does).
public struct TwoProportionTest: Sendable, Hashable {
    /// treatment rate − control rate, with its interval.
    public let difference: ConfidenceInterval
    /// (treatment rate − control rate) / control rate; nil if the control's rate is 0.
    public let relativeLift: Double?
    public let z: Double
    /// Two-sided.
    public let pValue: Double

    /// - Parameters:
    ///   - control: how many of how many; at least one.
    ///   - treatment: how many of how many; at least one.
    ///   - level: of the interval.
    public init(
        control: (successes: Int, count: Int),
        treatment: (successes: Int, count: Int),
        level: Double = 0.95
    ) {
        for arm in [control, treatment] {
            precondition(
                arm.count >= 1 && (0...arm.count).contains(arm.successes),
                "\(arm.successes) successes of \(arm.count)"
            )
        }
        let (n1, n2) = (Double(control.count), Double(treatment.count))
        let (p1, p2) = (Double(control.successes) / n1, Double(treatment.successes) / n2)
        let pooled = Double(control.successes + treatment.successes) / (n1 + n2)
        let pooledError = (pooled * (1 - pooled) * (1 / n1 + 1 / n2)).squareRoot()
        z = pooledError > 0 ? (p2 - p1) / pooledError : 0
        pValue = NormalDistribution.twoSided(z)
        let error = (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2).squareRoot()
        let reach = NormalDistribution.quantile((1 + level) / 2) * error
        difference = ConfidenceInterval(
            estimate: p2 - p1,
            lower: p2 - p1 - reach,
            upper: p2 - p1 + reach,
            level: level
        )
        relativeLift = p1 > 0 ? (p2 - p1) / p1 : nil
    }
}
