// The objective's value and derivatives, for one completion at a time: nothing but the totals connects completions.

extension PolicyObjective {
    /// log-ratios are held within ±20, as KL's are.
    private static var logRatioLimit: Double { KLEstimator.logRatioLimit }

    /// The loss of a completion, with its derivatives in the policy's log-probabilities.
    ///
    /// - Parameters:
    ///   - sample: the completion. A KL penalty needs its reference, a bonus or share of entropy its entropies.
    ///   - totals: counts of the whole step.
    ///   - completionTokens: how many tokens of the whole completion take part, where the sample is a piece of it; only an
    ///     objective that ``isTokenwise`` may be computed in pieces.
    /// - Throws: ``PolicyError/mismatchedCounts(_:expected:found:)`` where the sample lacks what the objective needs.
    public func loss(
        of sample: PolicySample,
        totals: PolicyTotals,
        completionTokens: Int? = nil
    ) throws(PolicyError) -> PolicyLoss {
        precondition(
            completionTokens == nil || isTokenwise,
            "pieces of a completion, whose tokens depend on each other"
        )
        let count = sample.policy.count
        if klPenalty != nil, sample.reference == nil {
            throw .mismatchedCounts("log-probabilities of the reference", expected: count, found: 0)
        }
        if entropyBonus != 0 || highEntropyShare < 1, sample.entropies == nil {
            throw .mismatchedCounts("entropies", expected: count, found: 0)
        }
        var result = PolicyLoss(
            loss: 0,
            derivatives: [Double](repeating: 0, count: count),
            entropyDerivatives: entropyBonus == 0 ? nil : [Double](repeating: 0, count: count),
            tokens: sample.maskedCount,
            clippedLow: 0,
            clippedHigh: 0,
            klSum: 0,
            ratioSum: 0,
            maximumRatio: 0,
            isOffPolicy: false
        )
        guard result.tokens > 0 else { return result }
        let weight = tokenWeight(tokens: completionTokens ?? result.tokens, totals: totals)
        let logRatios = sample.mask.indices.map { index in
            max(-Self.logRatioLimit, min(Self.logRatioLimit, sample.policy[index] - sample.old[index]))
        }
        let ratios = ratios(logRatios, sample.mask, tokens: result.tokens)
        let gammaWeights = gammaWeights(logRatios, sample.mask)
        result.isOffPolicy = isOffPolicy(sample, tokens: result.tokens)
        // What a change of the ratio itself would do, where the whole completion has one ratio.
        var sharedDerivative = 0.0

        for index in sample.mask.indices where sample.mask[index] {
            let ratio = ratios[index]
            result.ratioSum += ratio
            result.maximumRatio = max(result.maximumRatio, ratio)
            let takesPart = isHighEntropy(sample, index, totals) && !result.isOffPolicy
            var token = surrogateLoss(
                ratio: ratio,
                advantage: sample.advantages[index],
                logProbability: sample.policy[index],
                gammaWeights: gammaWeights
            )
            if takesPart { tally(token.clipping, in: &result) } else { token = TokenTerm() }
            // The gamma weighting holds the correction for another sampler itself.
            if let importance = sample.importance, !isGamma { token.scale(by: importance[index]) }
            if let klPenalty, let reference = sample.reference {
                let kl = Self.klTerm(klPenalty, sample.policy[index], reference[index], ratio: ratio)
                result.klSum += kl.value
                token.add(kl, weight: klPenalty.weight)
            }
            result.loss += weight * token.value
            result.derivatives[index] += weight * token.direct
            switch ratioLevel {
            case .token: result.derivatives[index] += weight * token.throughRatio * ratio
            case .sequence: sharedDerivative += weight * token.throughRatio * ratio / Double(result.tokens)
            }
            addEntropyBonus(sample, index, totals, to: &result)
        }
        if ratioLevel == .sequence {
            for index in sample.mask.indices where sample.mask[index] { result.derivatives[index] += sharedDerivative }
        }
        return result
    }

    /// The loss of all samples, for tests and small batches.
    public func loss(
        of samples: [PolicySample],
        totals: PolicyTotals? = nil
    ) throws(PolicyError) -> (loss: Double, parts: [PolicyLoss]) {
        let totals = totals ?? PolicyTotals(samples, objective: self)
        var parts: [PolicyLoss] = []
        for sample in samples { parts.append(try loss(of: sample, totals: totals)) }
        return (parts.reduce(0) { $0 + $1.loss }, parts)
    }

    // MARK: Terms

    /// A token's loss, with its derivative in log p where that appears by itself, and in the ratio.
    private struct TokenTerm {
        enum Clipping { case none, low, high }
        var value = 0.0
        var direct = 0.0
        var throughRatio = 0.0
        var clipping = Clipping.none

        mutating func scale(by factor: Double) {
            value *= factor
            direct *= factor
            throughRatio *= factor
        }

        mutating func add(_ other: TokenTerm, weight: Double) {
            value += weight * other.value
            direct += weight * other.direct
            throughRatio += weight * other.throughRatio
        }
    }

    private func surrogateLoss(
        ratio: Double,
        advantage: Double,
        logProbability: Double,
        gammaWeights: (positive: Double, negative: Double)
    ) -> TokenTerm {
        switch surrogate {
        case .clipped(let low, let high, let dual):
            let bounded = min(ratio, dual ?? .infinity)
            let clipped = max(1 - low, min(1 + high, ratio))
            let isClipped = clipped * advantage < bounded * advantage
            let isBounded = bounded < ratio
            return TokenTerm(
                value: -min(bounded * advantage, clipped * advantage),
                throughRatio: isClipped || isBounded ? 0 : -advantage,
                clipping: !isClipped ? (isBounded ? .high : .none) : (ratio < 1 ? .low : .high)
            )
        case .cispo(let maximum):
            let bounded = min(ratio, maximum)
            return TokenTerm(
                value: -bounded * advantage * logProbability,
                direct: -bounded * advantage,
                clipping: bounded < ratio && advantage > 0 ? .high : .none
            )
        case .soft(let positive, let negative):
            let temperature = advantage > 0 ? positive : negative
            let gate = 1 / (1 + exponential(-temperature * (ratio - 1)))
            return TokenTerm(
                value: -gate * 4 / temperature * advantage,
                throughRatio: -4 * gate * (1 - gate) * advantage
            )
        case .gamma:
            let weight = advantage >= 0 ? gammaWeights.positive : gammaWeights.negative
            return TokenTerm(value: -weight * advantage * logProbability, direct: -weight * advantage)
        }
    }

    private static func klTerm(
        _ penalty: KLPenalty,
        _ policy: Double,
        _ reference: Double,
        ratio: Double
    ) -> TokenTerm {
        let value = penalty.estimator.value(policy: policy, reference: reference)
        let derivative = penalty.estimator.derivative(policy: policy, reference: reference)
        guard penalty.correctsBias else { return TokenTerm(value: value, direct: derivative) }
        return TokenTerm(value: ratio * value, direct: ratio * derivative, throughRatio: value)
    }

    private func tally(_ clipping: TokenTerm.Clipping, in result: inout PolicyLoss) {
        switch clipping {
        case .none: break
        case .low: result.clippedLow += 1
        case .high: result.clippedHigh += 1
        }
    }

    private func addEntropyBonus(
        _ sample: PolicySample,
        _ index: Int,
        _ totals: PolicyTotals,
        to result: inout PolicyLoss
    ) {
        guard entropyBonus != 0, let entropies = sample.entropies, isHighEntropy(sample, index, totals) else { return }
        let weight = entropyBonus / max(totals.entropyTokens, 1)
        result.loss -= weight * entropies[index]
        result.entropyDerivatives?[index] = -weight
    }

    // MARK: Ratios and weights

    private func ratios(_ logRatios: [Double], _ mask: [Bool], tokens: Int) -> [Double] {
        switch ratioLevel {
        case .token: return logRatios.map(exponential)
        case .sequence:
            let sum = zip(logRatios, mask).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
            return [Double](repeating: exponential(sum / Double(tokens)), count: logRatios.count)
        }
    }

    /// A token's loss depends on nothing of the other tokens of its completion but their number.
    public var isTokenwise: Bool {
        ratioLevel == .token && !isGamma && offPolicyThreshold == nil && highEntropyShare == 1
    }

    private var isGamma: Bool {
        if case .gamma = surrogate { true } else { false }
    }

    /// φ of the completion's ratio for either sign of the advantage; 1 under other surrogates.
    private func gammaWeights(_ logRatios: [Double], _ mask: [Bool]) -> (positive: Double, negative: Double) {
        guard case .gamma(let positive, let negative) = surrogate else { return (1, 1) }
        let sum = zip(logRatios, mask).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
        // The lower bound is log 10⁻⁸, as the method's authors have it.
        let logRatio = max(-18.420680743952367, min(Self.logRatioLimit, sum))
        func weight(_ gamma: Surrogate.GammaWeight) -> Double {
            exponential(gamma.lambda + gamma.k * logRatio - gamma.lambda * exponential(logRatio))
        }
        return (weight(positive), weight(negative))
    }

    private func isOffPolicy(_ sample: PolicySample, tokens: Int) -> Bool {
        guard let offPolicyThreshold else { return false }
        let pairs = sample.mask.indices.filter { sample.mask[$0] }
        let drift = pairs.reduce(0) { $0 + sample.old[$1] - sample.policy[$1] } / Double(tokens)
        let isPositive = pairs.allSatisfy { sample.advantages[$0] >= 0 }
        return !isPositive && drift > offPolicyThreshold
    }

    private func isHighEntropy(_ sample: PolicySample, _ index: Int, _ totals: PolicyTotals) -> Bool {
        guard let threshold = totals.entropyThreshold, let entropies = sample.entropies else { return true }
        return entropies[index] >= threshold
    }

    /// What each token's loss is multiplied by.
    func tokenWeight(tokens: Int, totals: PolicyTotals) -> Double {
        switch normalization {
        case .constant(let divisor): 1 / (max(totals.sequences, 1) * divisor)
        case .tokens: 1 / max(totals.tokens, 1)
        case .sequences: 1 / (max(totals.sequences, 1) * Double(tokens))
        case .sequenceSums: 1 / max(totals.sequences, 1)
        }
    }
}
