// Which distance from the teacher a student is to lose.

package import IQTensor

/// How far the student's distribution p over the next token is from the teacher's q.
public enum Divergence: Sendable, Hashable {
    /// ∑ p (log p − log q): the student gives no weight to what the teacher would not write. The default, as in the paper.
    case reverseKL
    /// ∑ q (log q − log p): the student gives weight to everything that the teacher might write.
    case forwardKL
    /// β KL(q‖m) + (1 − β) KL(p‖m) with m = β q + (1 − β) p, 0 < β < 1 (arXiv 2306.13649). The gradient goes to that of the
    /// forward KL, times β, as β goes to 0.
    case jensenShannon(beta: Double)
    /// KL(p‖(1 − α) q + α p), 0 < α < 1 (arXiv 2402.03898): bounded by −log α, however unlikely the teacher finds a token.
    case skewedReverseKL(alpha: Double)
    /// KL(q‖α q + (1 − α) p), 0 < α < 1 (arXiv 2402.03898): bounded by −log α, however unlikely the student finds a token.
    case skewedForwardKL(alpha: Double)

    func check() throws(DistillationError) {
        switch self {
        case .reverseKL, .forwardKL: break
        case .jensenShannon(let share), .skewedReverseKL(let share), .skewedForwardKL(let share):
            try DistillationError.require(
                share > 0 && share < 1,
                "the divergence's share",
                share,
                "a number above 0 and below 1"
            )
        }
    }

    package var kind: DivergenceKind {
        switch self {
        case .reverseKL: .reverseKL
        case .forwardKL: .forwardKL
        case .jensenShannon(let beta): .jensenShannon(beta: Float(beta))
        case .skewedReverseKL(let alpha): .skewedReverseKL(alpha: Float(alpha))
        case .skewedForwardKL(let alpha): .skewedForwardKL(alpha: Float(alpha))
        }
    }
}

/// Over which tokens a divergence is summed.
public enum DivergenceSupport: Sendable, Hashable {
    /// The whole vocabulary: exact.
    case vocabulary
    /// The teacher's most likely tokens, and one bucket for all others together: what a file of a teacher's log-probabilities
    /// can serve. A lower bound of the exact divergence. Without the bucket a student could move its weight out of these
    /// tokens and lose nothing.
    case mostLikely(Int)
    /// The sampled token alone: log p − log q of it, whose mean over the student's samples is the reverse KL. The cheapest and
    /// the noisiest; its gradient is that of a policy whose reward is log q − log p.
    case sampledToken
}

/// A divergence, and the tokens that it is summed over.
public struct DistillationObjective: Sendable, Hashable {
    public let divergence: Divergence
    public let support: DivergenceSupport
    /// Divides the logits of both before the softmax.
    public let temperature: Double

    /// - Throws: ``DistillationError/invalidOption(name:value:permitted:)``; only the reverse KL can be had from sampled tokens.
    public init(
        _ divergence: Divergence = .reverseKL,
        over support: DivergenceSupport = .vocabulary,
        temperature: Double = 1
    ) throws(DistillationError) {
        try divergence.check()
        try DistillationError.require(
            temperature > 0 && temperature.isFinite,
            "temperature",
            temperature,
            "a finite number above 0"
        )
        switch support {
        case .vocabulary: break
        case .mostLikely(let count):
            try DistillationError.require((1...4096).contains(count), "the number of tokens", count, "1 to 4096")
        case .sampledToken:
            try DistillationError.require(
                divergence == .reverseKL,
                "the divergence over sampled tokens",
                "\(divergence)",
                "reverseKL"
            )
        }
        self.divergence = divergence
        self.support = support
        self.temperature = temperature
    }
}
