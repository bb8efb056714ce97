// What an online experiment did: clicks, active people, and the same for people with little history.

/// What one person did in an experiment.
public struct ExperimentOutcome: Sendable, Hashable {
    public let person: String
    /// False for the control arm.
    public let isTreated: Bool
    /// Articles shown.
    public let shown: Int
    /// Articles clicked; at most those shown.
    public let clicked: Int
    /// Days on which the person came, or sessions: whatever counts as activity.
    public let activeDays: Int
    /// Signals before the experiment; few make a person cold.
    public let historyLength: Int
    /// The person's active days in an equally long time before the experiment, where known; for CUPED.
    public let earlierActiveDays: Int?

    public init(
        person: String,
        isTreated: Bool,
        shown: Int,
        clicked: Int,
        activeDays: Int,
        historyLength: Int,
        earlierActiveDays: Int? = nil
    ) {
        precondition(shown >= 0 && (0...shown).contains(clicked), "\(clicked) clicks on \(shown) articles")
        self.person = person
        self.isTreated = isTreated
        self.shown = shown
        self.clicked = clicked
        self.activeDays = activeDays
        self.historyLength = historyLength
        self.earlierActiveDays = earlierActiveDays
    }
}

/// The comparison of two arms. Rates are relative to the control: 0.05 is five per cent more.
public struct LiftAnalysis: Sendable, Hashable {
    public let controlPeople: Int
    public let treatmentPeople: Int
    /// Clicks per article shown: relative change, its interval by the delta method over people.
    public let clickRate: Lift?
    /// Active days per person: relative change, its interval by the delta method.
    public let activeDays: Lift?
    /// The same after CUPED with the days before the experiment; nil unless everyone's are known.
    public let adjustedActiveDays: Lift?
    /// The share of people who were active at all.
    public let activePeople: TwoProportionTest

    /// A relative change with its interval and two-sided p-value.
    public struct Lift: Sendable, Hashable {
        public let control: Double
        public let treatment: Double
        public let relative: ConfidenceInterval
        public let pValue: Double
    }

    /// - Parameters:
    ///   - outcomes: one for each person.
    ///   - level: of the intervals.
    /// - Returns: nil if an arm has fewer than two people.
    public init?(_ outcomes: [ExperimentOutcome], level: Double = 0.95) {
        let control = outcomes.filter { !$0.isTreated }
        let treatment = outcomes.filter(\.isTreated)
        guard control.count >= 2, treatment.count >= 2 else { return nil }
        controlPeople = control.count
        treatmentPeople = treatment.count
        clickRate = Self.lift(
            Ratio(control.map { (Double($0.clicked), Double($0.shown)) }),
            Ratio(treatment.map { (Double($0.clicked), Double($0.shown)) }),
            level: level
        )
        activeDays = Self.lift(
            Ratio(control.map { (Double($0.activeDays), 1) }),
            Ratio(treatment.map { (Double($0.activeDays), 1) }),
            level: level
        )
        if outcomes.allSatisfy({ $0.earlierActiveDays != nil }) {
            func observations(_ arm: [ExperimentOutcome]) -> [CovariateAdjustment.Observation] {
                arm.map { (value: Double($0.activeDays), covariate: Double($0.earlierActiveDays ?? 0)) }
            }
            let adjusted = CovariateAdjustment(control: observations(control), treatment: observations(treatment))
            adjustedActiveDays = Self.lift(
                Ratio(adjusted.control.map { ($0, 1) }),
                Ratio(adjusted.treatment.map { ($0, 1) }),
                level: level
            )
        } else {
            adjustedActiveDays = nil
        }
        activePeople = TwoProportionTest(
            control: (control.count { $0.activeDays > 0 }, control.count),
            treatment: (treatment.count { $0.activeDays > 0 }, treatment.count),
            level: level
        )
    }

    /// The same for people whose history has at most so many signals.
    public static func cold(
        _ outcomes: [ExperimentOutcome],
        maximumHistory: Int,
        level: Double = 0.95
    ) -> LiftAnalysis? {
        LiftAnalysis(outcomes.filter { $0.historyLength <= maximumHistory }, level: level)
    }

    /// A ratio of two sums over people with the variance of its value by the delta method: people are the independent units,
    /// not articles (Deng, Knoblich and Lu, "Applying the Delta Method in Metric Analytics", KDD 2018).
    private struct Ratio {
        let value: Double
        let variance: Double

        init?(_ pairs: [(Double, Double)]) {
            let above = Moments(pairs.map(\.0))
            let below = Moments(pairs.map(\.1))
            guard below.mean > 0 else { return nil }
            let covariance =
                pairs.reduce(0) { $0 + ($1.0 - above.mean) * ($1.1 - below.mean) } / Double(pairs.count - 1)
            let ratio = above.mean / below.mean
            value = ratio
            variance =
                (above.variance - 2 * ratio * covariance + ratio * ratio * below.variance)
                / (below.mean * below.mean * Double(pairs.count))
        }
    }

    private static func lift(_ control: Ratio?, _ treatment: Ratio?, level: Double) -> Lift? {
        guard let control, let treatment, control.value > 0 else { return nil }
        let quotient = treatment.value / control.value
        let error =
            (treatment.variance / (control.value * control.value)
            + quotient * quotient * control.variance / (control.value * control.value)).squareRoot()
        let reach = NormalDistribution.quantile((1 + level) / 2) * error
        let difference = treatment.value - control.value
        let differenceError = (control.variance + treatment.variance).squareRoot()
        return Lift(
            control: control.value,
            treatment: treatment.value,
            relative: ConfidenceInterval(
                estimate: quotient - 1,
                lower: quotient - 1 - reach,
                upper: quotient - 1 + reach,
                level: level
            ),
            pValue: differenceError > 0 ? NormalDistribution.twoSided(difference / differenceError) : 1
        )
    }
}
