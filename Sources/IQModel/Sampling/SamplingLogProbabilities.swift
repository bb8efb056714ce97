// The distribution that `SamplingOptions` describes, in full and in Double, step by step as the documentation says: what
// the sampler is tested against, and what recomputes the log-probabilities of sampled tokens.

internal import IQTensor
package import IQText

/// ln p of every token under the distribution that a ``Sampler`` with these options draws from; −∞ for those it never draws.
///
/// - Parameters:
///   - logits: one for each token, finite or −∞, at least one of the allowed ones finite.
///   - options: see ``SamplingOptions`` for the steps.
///   - history: the tokens of the prompt and of the text so far, in order.
///   - allowed: the tokens that the grammar allows; nil if there is no grammar.
package func samplingLogProbabilities(
    logits: [Float],
    options: SamplingOptions,
    history: [TokenID] = [],
    allowed: Set<TokenID>? = nil
) -> [Float] {
    var scores = logits
    if options.repetitionPenalty != 1 {
        for token in Set(history.suffix(options.repetitionWindow ?? history.count)) {
            scores[Int(token)] = penalisedLogit(scores[Int(token)], penalty: options.repetitionPenalty)
        }
    }
    if let allowed {
        for index in scores.indices where !allowed.contains(TokenID(index)) { scores[index] = -.infinity }
    }
    guard let maximum = scores.max(), maximum > -.infinity, let first = scores.firstIndex(of: maximum) else {
        return scores.map { _ in -.infinity }
    }
    if options.isGreedy { return scores.indices.map { $0 == first ? 0 : -.infinity } }

    let inverseTemperature = 1 / Double(options.temperature)
    /// Probabilities relative to the largest one; 0 for what is removed.
    var weights = scores.map { relativeWeight($0, maximum: maximum, inverseTemperature: inverseTemperature) }
    let descending = scores.filter { $0 > -.infinity }.sorted(by: >)
    if options.topK > 0, options.topK < descending.count {
        let least = descending[options.topK - 1]
        for index in scores.indices where scores[index] < least { weights[index] = 0 }
    }
    if options.topP < 1 {
        let target = Double(options.topP) * weights.reduce(0, +)
        var moreProbable = 0.0
        var place = 0
        let order = scores.indices.filter { weights[$0] > 0 }.sorted { scores[$0] > scores[$1] }
        while place < order.count {
            let equal = order[place...].prefix { scores[$0] == scores[order[place]] }
            let mass = equal.reduce(0) { $0 + weights[$1] }
            if moreProbable >= target { for index in equal { weights[index] = 0 } }
            moreProbable += mass
            place = equal.endIndex
        }
    }
    for index in weights.indices where weights[index] < Double(options.minP) { weights[index] = 0 }

    let logTotal = naturalLogarithm(weights.reduce(0, +))
    return scores.indices.map { index in
        guard weights[index] > 0 else { return -.infinity }
        return Float((Double(scores[index]) - Double(maximum)) * inverseTemperature - logTotal)
    }
}
