// Estimates of KL(policy ‖ reference) from the log-probabilities of sampled tokens (Schulman, "Approximating KL
// divergence", 2020). With r = log reference − log policy, at a token that the policy drew:

/// An estimator of KL(policy ‖ reference) at one sampled token.
public enum KLEstimator: String, Sendable, Hashable, CaseIterable, Codable {
    /// −r: unbiased, of large variance; may be negative.
    case k1
    /// r² / 2: biased, of small variance.
    case k2
    /// eʳ − r − 1: unbiased and never negative.
    case k3

    /// r is held within ±20 before it is used, so that values and slopes stay finite: e²⁰ is 4.9 · 10⁸.
    public static let logRatioLimit = 20.0

    /// The estimate, in nats.
    public func value(policy: Double, reference: Double) -> Double {
        let r = Self.bounded(reference - policy)
        return switch self {
        case .k1: -r
        case .k2: r * r / 2
        case .k3: exponential(r) - r - 1
        }
    }

    /// The derivative in the policy's log-probability. Beyond the limit it is the one at the limit, so that it still
    /// points back to the reference.
    public func derivative(policy: Double, reference: Double) -> Double {
        let r = Self.bounded(reference - policy)
        return switch self {
        case .k1: 1
        case .k2: -r
        case .k3: 1 - exponential(r)
        }
    }

    private static func bounded(_ r: Double) -> Double { max(-logRatioLimit, min(logRatioLimit, r)) }
}
