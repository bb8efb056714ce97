import IQInterest
import Testing

private func close(_ a: Double, _ b: Double, _ limit: Double = 1e-9) -> Bool { abs(a - b) <= limit * max(1, abs(b)) }

@Suite("Statistics of evaluations and experiments")
struct ExperimentStatisticsTests {
    @Test("the two-proportion test gives SciPy's numbers")
    func proportions() {
        let test = TwoProportionTest(control: (120, 1000), treatment: (150, 1000))
        #expect(close(test.z, 1.963049807622355))
        #expect(close(test.pValue, 0.04964038686536878))
        #expect(close(test.difference.lower, 7.602882129778554e-05))
        #expect(close(test.difference.upper, 0.05992397117870221))
        #expect(close(test.relativeLift ?? 0, 0.25))
    }

    @Test("equal rates of 0 or 1 are no difference")
    func degenerate() {
        #expect(TwoProportionTest(control: (0, 10), treatment: (0, 20)).pValue == 1)
        #expect(TwoProportionTest(control: (10, 10), treatment: (20, 20)).z == 0)
        #expect(TwoProportionTest(control: (0, 10), treatment: (1, 20)).relativeLift == nil)
    }

    @Test("sample sizes are those of the formula, and size and effect are each other's inverse")
    func power() throws {
        let calculator = PowerCalculator()
        #expect(calculator.sampleSize(baseline: 0.1, relativeLift: 0.05) == 57760)
        #expect(calculator.sampleSize(standardDeviation: 2, difference: 0.5) == 252)
        #expect(calculator.sampleSize(baseline: 0.9, relativeLift: 0.2) == nil)
        let lift = try #require(calculator.detectableLift(baseline: 0.1, peoplePerArm: 57760))
        #expect(close(lift, 0.05, 1e-5))
        #expect(calculator.sampleSize(baseline: 0.1, relativeLift: lift).map { abs($0 - 57760) <= 1 } == true)
        #expect(calculator.detectableLift(baseline: 0.5, peoplePerArm: 1) == nil)
    }

    @Test("CUPED keeps the mean over both arms, and takes away the variance that the covariate explains (NumPy)")
    func cuped() {
        let adjusted = CovariateAdjustment(
            control: [(3, 2), (5, 4), (4, 5), (8, 7)],
            treatment: [(4, 1), (7, 5), (6, 4), (9, 8)]
        )
        #expect(close(adjusted.theta, 0.7894736842105264))
        #expect(close(adjusted.varianceReduction, 0.7518796992481203))
        let difference = adjusted.difference()
        #expect(close(difference.estimate, 1.5))
        #expect(close(difference.upper - 1.5, 1.030269734958154))
        let mean = (adjusted.control + adjusted.treatment).reduce(0, +) / 8
        #expect(close(mean, 46.0 / 8))
    }

    @Test("off-policy estimates are those worked out by hand")
    func offPolicy() throws {
        let log = [
            try LoggedDecision(loggingProbability: 0.5, targetProbability: 1, reward: 1),
            try LoggedDecision(loggingProbability: 0.5, targetProbability: 0, reward: 1),
            try LoggedDecision(loggingProbability: 0.25, targetProbability: 1, reward: 0),
            try LoggedDecision(loggingProbability: 0.25, targetProbability: 0.5, reward: 1),
        ]
        // Weights 2, 0, 4, 2.
        let estimate = try OffPolicyEstimate(log)
        #expect(close(estimate.inversePropensity.estimate, 1))
        #expect(close(estimate.inversePropensity.upper - 1, 1.1315857340761717))
        #expect(close(estimate.selfNormalized.estimate, 0.5))
        #expect(close(estimate.replay?.estimate ?? -1, 0.5))
        #expect(close(estimate.effectiveSampleSize, 64.0 / 24))
    }

    @Test("evaluating the logging policy itself gives the mean of the log")
    func onPolicy() throws {
        let log = try (0..<20).map { index throws(OffPolicyError) in
            try LoggedDecision(loggingProbability: 0.2, targetProbability: 0.2, reward: index % 4 == 0 ? 1 : 0)
        }
        let estimate = try OffPolicyEstimate(log)
        #expect(close(estimate.inversePropensity.estimate, 0.25))
        #expect(close(estimate.selfNormalized.estimate, 0.25))
        #expect(close(estimate.effectiveSampleSize, 20))
    }

    @Test("probabilities that cannot be, and logs that say nothing, are refused")
    func refusedLogs() throws {
        #expect(throws: OffPolicyError.invalidLoggingProbability(0)) {
            try LoggedDecision(loggingProbability: 0, targetProbability: 1, reward: 1)
        }
        #expect(throws: OffPolicyError.invalidTargetProbability(1.5)) {
            try LoggedDecision(loggingProbability: 1, targetProbability: 1.5, reward: 1)
        }
        let other = try LoggedDecision(loggingProbability: 0.5, targetProbability: 0, reward: 1)
        #expect(throws: OffPolicyError.noOverlap(decisions: 2)) { try OffPolicyEstimate([other, other]) }
    }

    @Test("the hash of people to arms is fixed, even, and independent between experiments")
    func bucketing() {
        let people = (0..<100_000).map { "person-\($0)" }
        let first = ExperimentBucketing(salt: "first")
        let second = ExperimentBucketing(
            salt: "second",
            arms: [.init(name: "a", weight: 1), .init(name: "b", weight: 3)]
        )
        #expect(first.sampleRatioTest(counts: first.counts(of: people)).pValue > 0.001)
        #expect(second.sampleRatioTest(counts: second.counts(of: people)).pValue > 0.001)
        // Of those in arm 1 of the first experiment, a quarter is in arm 0 of the second.
        let half = people.filter { first.arm(of: $0) == 1 }
        #expect(second.sampleRatioTest(counts: second.counts(of: half)).pValue > 0.001)
        // A split that lost people is noticed.
        #expect(first.sampleRatioTest(counts: [50_000, 48_000]).pValue < 1e-6)
        #expect((0..<8).map { first.arm(of: "person-\($0)") } == (0..<8).map { first.arm(of: "person-\($0)") })
    }

    @Test(
        "lifts are relative to the control, over people, and the cold slice is the same on people with short histories"
    )
    func lift() throws {
        var outcomes: [ExperimentOutcome] = []
        for index in 0..<400 {
            let treated = index % 2 == 1
            let isCold = index % 8 < 2
            outcomes.append(
                ExperimentOutcome(
                    person: "\(index)",
                    isTreated: treated,
                    shown: 100,
                    clicked: (treated ? 12 : 10) + index % 3,
                    activeDays: isCold ? (treated ? 2 : 1) : 4,
                    historyLength: isCold ? 2 : 50,
                    earlierActiveDays: isCold ? 1 : 4
                )
            )
        }
        let all = try #require(LiftAnalysis(outcomes))
        let clicks = try #require(all.clickRate)
        #expect(clicks.relative.lower > 0 && clicks.pValue < 1e-6)
        #expect(abs(clicks.relative.estimate - 2.0 / 11) < 0.01)
        let days = try #require(all.activeDays)
        let adjusted = try #require(all.adjustedActiveDays)
        #expect(adjusted.relative.upper - adjusted.relative.lower < days.relative.upper - days.relative.lower)
        let cold = try #require(LiftAnalysis.cold(outcomes, maximumHistory: 5))
        #expect(cold.controlPeople == 50 && cold.treatmentPeople == 50)
        #expect(close(cold.activeDays?.relative.estimate ?? 0, 1))
        #expect(LiftAnalysis(Array(outcomes.prefix(2))) == nil)
    }
}

@Suite("The bootstrap")
struct BootstrapTests {
    @Test("gives the textbook error of a mean, and the same interval for the same seed")
    func interval() throws {
        let values = (0..<500).map { Double($0 % 10) }
        let interval = try #require(Bootstrap(seed: 7).mean(values))
        #expect(interval == Bootstrap(seed: 7).mean(values))
        #expect(interval != Bootstrap(seed: 8).mean(values))
        #expect(interval.estimate == 4.5)
        // The values' deviation is sqrt(8.25); 1.96 errors of the mean of 500 are 0.2518.
        #expect(abs(interval.upper - 4.7518) < 0.01)
        #expect(abs(interval.lower - 4.2482) < 0.01)
    }

    @Test("of a difference pairs the people: a constant gain has no spread")
    func paired() throws {
        let first = (0..<50).map { Double($0 * $0 % 17) }
        let interval = try #require(Bootstrap(resamples: 500).meanDifference(first, first.map { $0 + 0.25 }))
        #expect(interval.lower == 0.25 && interval.upper == 0.25 && interval.excludesZero)
    }

    @Test("of a ratio of means draws both together: a constant share has no spread")
    func ratio() throws {
        let below = (0..<50).map { 1 + Double($0 * $0 % 17) }
        let share = try #require(Bootstrap(resamples: 500).ratioOfMeans(below.map { $0 * 0.75 }, below))
        #expect(share.estimate == 0.75 && abs(share.lower - 0.75) < 1e-12 && abs(share.upper - 0.75) < 1e-12)
        // 6 of 8: the mean of the parts over the mean of the wholes, not the mean of the shares.
        let mixed = try #require(Bootstrap(resamples: 2000).ratioOfMeans([0, 6], [2, 6]))
        #expect(mixed.estimate == 0.75 && mixed.lower == 0 && mixed.upper == 1)
        #expect(Bootstrap().ratioOfMeans([], []) == nil)
        #expect(Bootstrap().ratioOfMeans([1, 2], [1, -1]) == nil)
    }

    @Test("leaves people out who have no value, in the mean and in every resample")
    func missing() throws {
        let results = Bootstrap(resamples: 200).means([[1, nil, 1, nil], [nil, nil, nil, nil], [0, 1, 0, 1]])
        let first = try #require(results[0])
        #expect(first.estimate == 1 && first.lower == 1 && first.upper == 1)
        #expect(results[1] == nil)
        #expect(results[2]?.estimate == 0.5)
    }
}
