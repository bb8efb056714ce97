// CUPED: what people did before an experiment takes noise out of what they do in it.

/// Values adjusted by a covariate from before the experiment: y − θ (x − mean x), θ = cov(x, y) / var(x).
///
/// Source: Deng, Xu, Kohavi and Walker, "Improving the Sensitivity of Online Controlled Experiments by Utilizing
/// Pre-Experiment Data", WSDM 2013. The mean stays as it is; the variance falls by the factor 1 − correlation². The covariate
/// must not know of the treatment, and θ is taken over both arms together.
public struct CovariateAdjustment: Sendable, Hashable {
    /// The slope of the values against the covariate, over both arms.
    public let theta: Double
    /// The share of the variance that was taken away; 0 if the covariate says nothing.
    public let varianceReduction: Double
    public let control: [Double]
    public let treatment: [Double]

    /// A person's value in the experiment and covariate from before it.
    public typealias Observation = (value: Double, covariate: Double)

    /// - Precondition: both arms have at least two people.
    public init(control: [Observation], treatment: [Observation]) {
        precondition(
            control.count >= 2 && treatment.count >= 2,
            "arms of \(control.count) and \(treatment.count) people"
        )
        let all = control + treatment
        let values = Moments(all.map(\.value))
        let covariates = Moments(all.map(\.covariate))
        let covariance =
            all.reduce(0) { $0 + ($1.value - values.mean) * ($1.covariate - covariates.mean) } / Double(all.count - 1)
        let slope = covariates.variance > 0 ? covariance / covariates.variance : 0
        theta = slope
        varianceReduction =
            covariates.variance > 0 && values.variance > 0
            ? covariance * covariance / (covariates.variance * values.variance) : 0
        self.control = control.map { $0.value - slope * ($0.covariate - covariates.mean) }
        self.treatment = treatment.map { $0.value - slope * ($0.covariate - covariates.mean) }
    }

    /// treatment mean − control mean of the adjusted values, with its interval (Welch's error, normal quantile).
    public func difference(level: Double = 0.95) -> ConfidenceInterval {
        meanDifference(control: control, treatment: treatment, level: level)
    }
}

/// treatment mean − control mean, with an interval by separate variances and the normal quantile.
func meanDifference(control: [Double], treatment: [Double], level: Double) -> ConfidenceInterval {
    let (first, second) = (Moments(control), Moments(treatment))
    let error = (first.variance / Double(first.count) + second.variance / Double(second.count)).squareRoot()
    let reach = NormalDistribution.quantile((1 + level) / 2) * error
    let estimate = second.mean - first.mean
    return ConfidenceInterval(estimate: estimate, lower: estimate - reach, upper: estimate + reach, level: level)
}
