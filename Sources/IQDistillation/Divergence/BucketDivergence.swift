// A divergence over some tokens and one bucket for all others: a pure function of log-probabilities.

internal import IQTensor

/// The divergence between two distributions that are known at some tokens; the others count as one token that has the rest
/// of the probability.
package struct BucketDivergence: Sendable, Hashable {
    /// In nats.
    package let value: Double
    /// Derivative in the student's log-probability of each token, the bucket's share of it included. Together with the
    /// softmax they are the exact gradient, for p(bucket) = 1 − ∑ p.
    package let derivatives: [Double]

    /// The least probability of the bucket: sums of rounded probabilities may pass 1 by this much.
    static let leastRest = 1e-6

    /// - Parameters:
    ///   - student, teacher: log-probabilities of the same tokens, in the same order.
    package init(_ divergence: Divergence, student: [Double], teacher: [Double]) {
        precondition(
            student.count == teacher.count,
            "log-probabilities of \(student.count) and \(teacher.count) tokens"
        )
        let rest = Self.part(divergence, Self.logarithmOfRest(student), Self.logarithmOfRest(teacher))
        var value = rest.value
        var derivatives: [Double] = []
        derivatives.reserveCapacity(student.count)
        for (p, q) in zip(student, teacher) {
            let part = Self.part(divergence, p, q)
            value += part.value
            // What the token gains, the bucket loses.
            derivatives.append(exponential(p) * (part.derivative - rest.derivative))
        }
        self.value = value
        self.derivatives = derivatives
    }

    private static func logarithmOfRest(_ logProbabilities: [Double]) -> Double {
        naturalLogarithm(max(leastRest, 1 - logProbabilities.reduce(0) { $0 + exponential($1) }))
    }

    /// One token's part of the divergence, and its derivative in p, up to a constant that is the same for all tokens.
    private static func part(
        _ divergence: Divergence,
        _ logP: Double,
        _ logQ: Double
    ) -> (value: Double, derivative: Double) {
        let (p, q) = (exponential(logP), exponential(logQ))
        /// log(share · q + (1 − share) · p)
        func mixture(_ share: Double) -> Double {
            let high = max(logP, logQ)
            return high + naturalLogarithm(share * exponential(logQ - high) + (1 - share) * exponential(logP - high))
        }
        switch divergence {
        case .reverseKL: return (p * (logP - logQ), logP - logQ)
        case .forwardKL: return (q * (logQ - logP), -exponential(logQ - logP))
        case .jensenShannon(let beta):
            let log = mixture(beta)
            return (
                beta * q * (logQ - log) + (1 - beta) * p * (logP - log),
                (1 - beta) * (logP - log)
            )
        case .skewedReverseKL(let alpha):
            let log = mixture(1 - alpha)
            return (p * (logP - log), logP - log - alpha * exponential(logP - log))
        case .skewedForwardKL(let alpha):
            let log = mixture(alpha)
            return (q * (logQ - log), -(1 - alpha) * exponential(logQ - log))
        }
    }
}
