// How many people an experiment needs, or what it can see with those it has.

/// Sample sizes of an experiment with two equal arms on a rate.
///
/// Source: the normal approximation with separate variances, n per arm = (z(1−α/2) + z(power))² · (p₁(1−p₁) + p₂(1−p₂)) / (p₂−p₁)²
/// (Chow, Shao and Wang, "Sample Size Calculations in Clinical Research", 2nd ed., 2008, section 4.2).
public struct PowerCalculator: Sendable, Hashable {
    /// The permitted probability of seeing an effect that is not there, two-sided.
    public let significance: Double
    /// The wanted probability of seeing an effect that is there.
    public let power: Double

    public init(significance: Double = 0.05, power: Double = 0.8) {
        precondition(significance > 0 && significance < 1, "a significance of \(significance)")
        precondition(power > 0.5 && power < 1, "a power of \(power) is not between 0.5 and 1")
        self.significance = significance
        self.power = power
    }

    private var factor: Double {
        NormalDistribution.quantile(1 - significance / 2) + NormalDistribution.quantile(power)
    }

    /// People for each arm, so that a change of the rate is seen.
    ///
    /// - Parameters:
    ///   - baseline: the control's rate, above 0 and below 1.
    ///   - relativeLift: the smallest change worth seeing, relative to the baseline: 0.05 is five per cent more. Not 0.
    /// - Returns: nil if the changed rate is not between 0 and 1.
    public func sampleSize(baseline: Double, relativeLift: Double) -> Int? {
        precondition(baseline > 0 && baseline < 1 && relativeLift != 0, "rate \(baseline), lift \(relativeLift)")
        let changed = baseline * (1 + relativeLift)
        guard changed > 0, changed < 1 else { return nil }
        let variance = baseline * (1 - baseline) + changed * (1 - changed)
        let difference = changed - baseline
        return Int((factor * factor * variance / (difference * difference)).rounded(.up))
    }

    /// The smallest relative rise that these many people for each arm show, to 1e-9; nil if not even a rate of 1 would do.
    public func detectableLift(baseline: Double, peoplePerArm: Int) -> Double? {
        precondition(baseline > 0 && baseline < 1 && peoplePerArm >= 1, "rate \(baseline), \(peoplePerArm) people")
        // The needed size falls as the rise grows, so the smallest rise is found by halving.
        func suffices(_ rate: Double) -> Bool {
            let variance = baseline * (1 - baseline) + rate * (1 - rate)
            let difference = rate - baseline
            return factor * factor * variance <= Double(peoplePerArm) * difference * difference
        }
        guard suffices(1) else { return nil }
        var (low, high) = (baseline, 1.0)
        while high - low > 1e-10 * baseline {
            let middle = (low + high) / 2
            if middle == low || middle == high { break }
            if suffices(middle) { high = middle } else { low = middle }
        }
        return high / baseline - 1
    }

    /// People for each arm, so that a change of a mean is seen; the standard deviation may be the one after CUPED.
    public func sampleSize(standardDeviation: Double, difference: Double) -> Int {
        precondition(standardDeviation > 0 && difference != 0, "deviation \(standardDeviation), change \(difference)")
        let ratio = factor * standardDeviation / difference
        return Int((2 * ratio * ratio).rounded(.up))
    }
}
