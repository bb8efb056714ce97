// What another policy would have earned, from the log of the one that ran.

/// One logged decision: an action that was taken with a known probability, and what it earned.
public struct LoggedDecision: Sendable, Hashable {
    /// The probability with which the running policy took the action, above 0 and at most 1.
    public let loggingProbability: Double
    /// The probability with which the policy under evaluation takes the same action, in 0...1; 1 or 0 for one that does not
    /// draw lots.
    public let targetProbability: Double
    /// What the action earned, such as 1 for a click.
    public let reward: Double

    /// - Throws: ``OffPolicyError`` for a probability that cannot be.
    public init(loggingProbability: Double, targetProbability: Double, reward: Double) throws(OffPolicyError) {
        guard loggingProbability > 0, loggingProbability <= 1 else {
            throw .invalidLoggingProbability(loggingProbability)
        }
        guard targetProbability >= 0, targetProbability <= 1 else { throw .invalidTargetProbability(targetProbability) }
        guard reward.isFinite else { throw .notFinite(reward: reward) }
        self.loggingProbability = loggingProbability
        self.targetProbability = targetProbability
        self.reward = reward
    }
}

public enum OffPolicyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The probability is not above 0 and at most 1; an action of probability 0 cannot have been taken.
    case invalidLoggingProbability(Double)
    case invalidTargetProbability(Double)
    case notFinite(reward: Double)
    /// The policy under evaluation agrees with the log nowhere, so that the log says nothing about it.
    case noOverlap(decisions: Int)

    public var description: String {
        switch self {
        case .invalidLoggingProbability(let value):
            "an action was logged with probability \(value); log the probability, above 0 and at most 1, with which it was taken"
        case .invalidTargetProbability(let value): "the policy's probability \(value) is not in 0...1"
        case .notFinite(let reward): "the reward \(reward) is no finite number"
        case .noOverlap(let decisions):
            "the policy takes none of the \(decisions) logged actions; the log must come from a policy that explores"
        }
    }
}

/// Estimates of the mean reward of another policy, from a log with propensities.
///
/// Inverse propensity scoring weighs each logged reward by w = target / logging probability (Horvitz and Thompson 1952);
/// its self-normalised form divides by the sum of the weights (Swaminathan and Joachims, NIPS 2015) and is less noisy; replay
/// takes the mean over the decisions where both agree (Li, Chu, Langford and Wang, WSDM 2011), right for logs that drew evenly.
public struct OffPolicyEstimate: Sendable, Hashable {
    /// Weighted sum over the number of decisions: unbiased.
    public let inversePropensity: ConfidenceInterval
    /// Weighted sum over the sum of weights: consistent, and never outside the range of the rewards.
    public let selfNormalized: ConfidenceInterval
    /// The mean reward of the decisions that the policy would surely have taken; nil if there is none.
    public let replay: ConfidenceInterval?
    /// (sum of weights)² / sum of squared weights: as many unweighted decisions would be as informative. If it is far below
    /// the number of decisions, believe none of the estimates.
    public let effectiveSampleSize: Double

    /// - Parameters:
    ///   - log: at least two independent decisions.
    ///   - maximumWeight: weights are cut to this (biased, less noisy); nil cuts none.
    ///   - level: of the intervals, by the normal quantile.
    /// - Throws: ``OffPolicyError/noOverlap(decisions:)``.
    public init(_ log: [LoggedDecision], maximumWeight: Double? = nil, level: Double = 0.95) throws(OffPolicyError) {
        precondition(log.count >= 2, "\(log.count) decisions give no interval")
        let weights = log.map { min($0.targetProbability / $0.loggingProbability, maximumWeight ?? .infinity) }
        let weightSum = weights.reduce(0, +)
        guard weightSum > 0 else { throw .noOverlap(decisions: log.count) }
        let quantile = NormalDistribution.quantile((1 + level) / 2)
        func interval(_ estimate: Double, _ error: Double) -> ConfidenceInterval {
            ConfidenceInterval(
                estimate: estimate,
                lower: estimate - quantile * error,
                upper: estimate + quantile * error,
                level: level
            )
        }
        func meanInterval(_ values: [Double]) -> ConfidenceInterval {
            let moments = Moments(values)
            return interval(moments.mean, (moments.variance / Double(values.count)).squareRoot())
        }
        inversePropensity = meanInterval(zip(weights, log).map { $0 * $1.reward })
        let normalized = zip(weights, log).reduce(0) { $0 + $1.0 * $1.1.reward } / weightSum
        let squaredResiduals = zip(weights, log).reduce(0) { sum, pair in
            let residual = pair.0 * (pair.1.reward - normalized)
            return sum + residual * residual
        }
        selfNormalized = interval(normalized, squaredResiduals.squareRoot() / weightSum)
        let agreed = log.filter { $0.targetProbability == 1 }.map(\.reward)
        replay = agreed.isEmpty ? nil : meanInterval(agreed)
        effectiveSampleSize = weightSum * weightSum / weights.reduce(0) { $0 + $1 * $1 }
    }
}
