// The settings of a policy-gradient objective: which ratio, how it is bounded, what the sum is divided by, and what is
// added to it.

/// Of what the probability ratio policy / old policy is taken.
public enum RatioLevel: String, Sendable, Hashable, CaseIterable, Codable {
    /// Each token's own (PPO, GRPO).
    case token
    /// The whole completion's, as the geometric mean over its tokens (GSPO, arXiv 2507.18071).
    case sequence
}

/// What a ratio and an advantage are made into. The loss of a token is the negative of it.
public enum Surrogate: Sendable, Hashable, Codable {
    /// min(r A, clip(r, 1 − low, 1 + high) A) (PPO, arXiv 1707.06347; separate bounds: DAPO, arXiv 2503.14476). `dual` bounds
    /// the ratio itself, so that a token of negative advantage whose probability has grown very much cannot blow up
    /// (arXiv 1912.09729); nil for no such bound.
    case clipped(low: Double, high: Double, dual: Double?)
    /// min(r, maximum) · A · log p with the ratio held constant: no token loses its gradient (CISPO, arXiv 2506.13585).
    case cispo(maximum: Double)
    /// 4/τ · sigmoid(τ (r − 1)) · A: a soft bound, with its own τ for each sign of the advantage (SAPO, arXiv 2511.20347).
    case soft(positiveTemperature: Double, negativeTemperature: Double)
    /// φ(w) · A · log p with φ(w) = e^λ wᵏ e^(−λ w) held constant, w the ratio of the whole completion (VESPO,
    /// arXiv 2602.10693).
    case gamma(positive: GammaWeight, negative: GammaWeight)

    /// k and λ of the gamma weighting.
    public struct GammaWeight: Sendable, Hashable, Codable {
        public let k: Double
        public let lambda: Double

        public init(k: Double, lambda: Double) {
            self.k = k
            self.lambda = lambda
        }
    }

    /// Clipping at 0.2 both ways.
    public static let standard = Surrogate.clipped(low: 0.2, high: 0.2, dual: nil)
}

/// What the sum of token losses is divided by. Counts are those of the whole step, over all micro-batches and processes.
public enum LossNormalization: Sendable, Hashable, Codable {
    /// Completions · this constant, usually the longest permitted completion (Dr. GRPO): a long answer is not favoured.
    case constant(Double)
    /// Tokens (DAPO): every token weighs the same.
    case tokens
    /// Each completion's mean over its tokens, then the mean over completions (GRPO).
    case sequences
    /// Each completion's sum, then the mean over completions (LUSPO).
    case sequenceSums
}

/// A penalty for leaving the reference policy, as part of the loss.
public struct KLPenalty: Sendable, Hashable, Codable {
    /// Multiplies the estimate.
    public let weight: Double
    public let estimator: KLEstimator
    /// Multiplies each estimate by the ratio policy / old policy, which makes its gradient unbiased where the samples are
    /// the old policy's.
    public let correctsBias: Bool

    /// - Throws: ``PolicyError/invalidOption(name:value:permitted:)`` unless the weight is finite and at least 0.
    public init(weight: Double, estimator: KLEstimator = .k3, correctsBias: Bool = true) throws(PolicyError) {
        try PolicyError.require(
            weight >= 0 && weight.isFinite,
            "KL weight",
            weight,
            "a finite number of at least 0"
        )
        self.weight = weight
        self.estimator = estimator
        self.correctsBias = correctsBias
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            weight: try container.decode(Double.self, forKey: .weight),
            estimator: try container.decode(KLEstimator.self, forKey: .estimator),
            correctsBias: try container.decode(Bool.self, forKey: .correctsBias)
        )
    }
}

/// A policy-gradient objective. Its value and derivatives are in ``loss(of:totals:)``.
public struct PolicyObjective: Sendable, Hashable, Codable {
    public let ratioLevel: RatioLevel
    public let surrogate: Surrogate
    public let normalization: LossNormalization
    /// nil for no penalty in the loss.
    public let klPenalty: KLPenalty?
    /// Weight of the mean entropy of the tokens, which is subtracted from the loss.
    public let entropyBonus: Double
    /// Only this share of the tokens, those of highest entropy, takes part in the surrogate (arXiv 2506.01939); 1 for all.
    public let highEntropyShare: Double
    /// Completions of negative advantage from which the policy has moved away by more than this mean log-ratio are left
    /// out of the surrogate (DeepSeek-V3.2, arXiv 2512.02556); nil keeps all.
    public let offPolicyThreshold: Double?

    /// - Throws: ``PolicyError/invalidOption(name:value:permitted:)``.
    public init(
        ratioLevel: RatioLevel = .token,
        surrogate: Surrogate = .standard,
        normalization: LossNormalization,
        klPenalty: KLPenalty? = nil,
        entropyBonus: Double = 0,
        highEntropyShare: Double = 1,
        offPolicyThreshold: Double? = nil
    ) throws(PolicyError) {
        try Self.check(surrogate)
        if case .constant(let divisor) = normalization {
            try PolicyError.require(
                divisor > 0 && divisor.isFinite,
                "divisor of the loss",
                divisor,
                "a finite number above 0"
            )
        }
        try PolicyError.require(entropyBonus.isFinite, "entropyBonus", entropyBonus, "a finite number")
        try PolicyError.require(
            highEntropyShare > 0 && highEntropyShare <= 1,
            "highEntropyShare",
            highEntropyShare,
            "a number above 0 and up to 1"
        )
        if let offPolicyThreshold {
            try PolicyError.require(
                offPolicyThreshold.isFinite,
                "offPolicyThreshold",
                offPolicyThreshold,
                "a finite number"
            )
        }
        self.ratioLevel = ratioLevel
        self.surrogate = surrogate
        self.normalization = normalization
        self.klPenalty = klPenalty
        self.entropyBonus = entropyBonus
        self.highEntropyShare = highEntropyShare
        self.offPolicyThreshold = offPolicyThreshold
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            ratioLevel: try container.decode(RatioLevel.self, forKey: .ratioLevel),
            surrogate: try container.decode(Surrogate.self, forKey: .surrogate),
            normalization: try container.decode(LossNormalization.self, forKey: .normalization),
            klPenalty: try container.decodeIfPresent(KLPenalty.self, forKey: .klPenalty),
            entropyBonus: try container.decode(Double.self, forKey: .entropyBonus),
            highEntropyShare: try container.decode(Double.self, forKey: .highEntropyShare),
            offPolicyThreshold: try container.decodeIfPresent(Double.self, forKey: .offPolicyThreshold)
        )
    }

    /// Dr. GRPO with clipping at 0.2: token losses divided by completions · the longest permitted completion.
    public static func drGRPO(maximumTokens: Int) throws(PolicyError) -> PolicyObjective {
        try PolicyObjective(normalization: .constant(Double(maximumTokens)))
    }

    private static func check(_ surrogate: Surrogate) throws(PolicyError) {
        func positive(_ name: String, _ value: Double) throws(PolicyError) {
            try PolicyError.require(value > 0 && value.isFinite, name, value, "a finite number above 0")
        }
        switch surrogate {
        case .clipped(let low, let high, let dual):
            try PolicyError.require(low >= 0 && low <= 1, "lower clip", low, "a number from 0 to 1")
            try PolicyError.require(high >= 0 && high.isFinite, "upper clip", high, "a finite number of at least 0")
            if let dual {
                try PolicyError.require(
                    dual > 1 + high && dual.isFinite,
                    "dual clip",
                    dual,
                    "a finite number above 1 + the upper clip, \(1 + high)"
                )
            }
        case .cispo(let maximum): try positive("maximum ratio", maximum)
        case .soft(let above, let below):
            try positive("temperature of positive advantages", above)
            try positive("temperature of negative advantages", below)
        case .gamma(let above, let below):
            for weight in [above, below] {
                try positive("k", weight.k)
                try positive("lambda", weight.lambda)
            }
        }
    }
}
