// Credit for the parts of a completion: what one query of a list earns is paid to that query's own tokens
// (arXiv 2609.29983), and what the list earns as a whole is shared by all.
//
// The baseline. A token's advantage is unbiased if what is subtracted from its reward does not depend on the token. A mean
// over the spans of the completion itself would: later queries are written in view of earlier ones. So the baseline of a
// span is the mean over the *other* completions of the group, each of which counts once, however many spans it has. As the
// mean of the others differs from the mean of the group by the factor (n − 1)/n, the difference is multiplied by it;
// a completion of one span then has the same advantage with credit as without.

/// What tokens of spans are paid for rewards that judge spans.
public enum SpanCredit: String, Sendable, Hashable, CaseIterable, Codable {
    /// The completion's value, as all its tokens: plain GRPO.
    case none
    /// Their own span's value, undivided. A span's tokens then have a stronger signal than the mean over the completion
    /// gives them, by about the number of spans.
    case full
    /// Their own span's value divided by the number of the completion's spans: its share in the mean, and so the gradient of
    /// the same expected reward as without credit, with less variance.
    case share
}

/// Advantages of completions and of their spans.
public struct CreditedAdvantages: Sendable, Hashable {
    /// Of the whole completions, which tokens outside every span have: they answer for the form and length of the whole.
    public let whole: Advantages
    /// For each completion the advantage of the tokens of each of its spans.
    public let spans: [[Double]]
    /// Groups in which no token has an advantage.
    public let constantGroups: [Int]
}

extension AdvantageEstimator {
    /// Advantages of completions and of their spans.
    ///
    /// A reward pays spans where at least two completions of a group have span values by it; elsewhere it is shared. A
    /// span without a value of its own (nil) gets nothing from that reward.
    ///
    /// - Parameters:
    ///   - scores: for each completion the score of every reward, nil where a reward does not apply.
    ///   - weights: one for each reward.
    ///   - groups: runs of completions of the same prompt, in order and without gaps.
    ///   - spanCounts: how many spans each completion has.
    /// - Throws: ``PolicyError/mismatchedCounts(_:expected:found:)``.
    public func advantages(
        scores: [[RewardScore?]],
        weights: [Double],
        groups: [Range<Int>],
        spanCounts: [Int],
        credit: SpanCredit
    ) throws(PolicyError) -> CreditedAdvantages {
        guard spanCounts.count == scores.count else {
            throw .mismatchedCounts("numbers of spans", expected: scores.count, found: spanCounts.count)
        }
        let values = scores.map { $0.map { score in score.flatMap { $0.value.isFinite ? $0.value : nil } } }
        let whole = try advantages(rewards: values, weights: weights, groups: groups)
        var spans = zip(whole.values, spanCounts).map { [Double](repeating: $0, count: $1) }
        if credit != .none {
            for (completion, row) in scores.enumerated() {
                for case let score? in row {
                    guard let found = score.spans?.count, found != spanCounts[completion] else { continue }
                    throw .mismatchedCounts("values of spans", expected: spanCounts[completion], found: found)
                }
            }
            let batch = BatchSpread(self, values, weights, groups)
            for group in groups {
                for reward in weights.indices {
                    pay(reward, of: scores, values, weights, group, batch, credit, into: &spans)
                }
            }
        }
        let constant = groups.indices.filter { group in
            groups[group].allSatisfy { whole.values[$0] == 0 && spans[$0].allSatisfy { $0 == 0 } }
        }
        return CreditedAdvantages(whole: whole, spans: spans, constantGroups: constant)
    }

    /// Deviations over the batch, for the forms that divide by them.
    private struct BatchSpread {
        /// Of the weighted sums of rewards.
        var sums = 0.0
        /// Of the weighted sums of normalised rewards.
        var normalizedSums = 0.0

        init(
            _ estimator: AdvantageEstimator,
            _ values: [[Double?]],
            _ weights: [Double],
            _ groups: [Range<Int>]
        ) {
            sums = AdvantageEstimator.deviation(values.compactMap { AdvantageEstimator.weightedSum($0, weights) })
            guard estimator.aggregation == .normalizeThenSum else { return }
            normalizedSums = AdvantageEstimator.deviation(
                estimator.normalizedSums(values, weights, groups).compactMap { $0 }
            )
        }
    }

    /// Replaces a reward's part in the advantages of spans: the value of the completion by that of the span.
    private func pay(
        _ reward: Int,
        of scores: [[RewardScore?]],
        _ values: [[Double?]],
        _ weights: [Double],
        _ group: Range<Int>,
        _ batch: BatchSpread,
        _ credit: SpanCredit,
        into spans: inout [[Double]]
    ) {
        let own = group.map { index in
            (scores[index][reward]?.spans ?? []).map { $0.flatMap { $0.isFinite ? $0 : nil } }
        }
        let means = own.map { $0.contains { $0 != nil } ? Self.mean($0.compactMap { $0 }) : nil }
        let paying = means.compactMap { $0 }
        guard paying.count > 1 else { return }
        let total = paying.reduce(0, +)
        let count = Double(paying.count)
        let pool = own.flatMap { $0 }.compactMap { $0 }
        // Rounding of means must not turn equal values into advantages.
        let spansAreConstant = Self.isConstant(pool)
        let scored = group.compactMap { values[$0][reward] }
        let wholeIsConstant = Self.isConstant(scored)
        let wholeMean = Self.mean(scored)
        let slope = slope(reward, values, weights, group, batch, pool: pool)
        for (place, index) in group.enumerated() {
            guard let mean = means[place], let value = values[index][reward] else { continue }
            let baseline = (total - mean) / (count - 1)
            let shared = wholeIsConstant ? 0 : value - wholeMean
            let part = credit == .share ? 1 / Double(own[place].reduce(0) { $0 + ($1 == nil ? 0 : 1) }) : 1
            for (span, spanValue) in own[place].enumerated() {
                let earned =
                    spansAreConstant ? 0 : spanValue.map { ($0 - baseline) * (count - 1) / count * part } ?? 0
                spans[index][span] += slope * (earned - shared)
            }
        }
    }

    /// What an advantage grows by when this reward of a completion does, the mean being held.
    private func slope(
        _ reward: Int,
        _ values: [[Double?]],
        _ weights: [Double],
        _ group: Range<Int>,
        _ batch: BatchSpread,
        pool: [Double]
    ) -> Double {
        let weight = weights[reward]
        if aggregation == .normalizeThenSum {
            let deviation = Self.deviation(group.compactMap { values[$0][reward] })
            return weight / ((deviation > 0 ? deviation : Self.deviation(pool)) + epsilon)
                / (batch.normalizedSums > 0 ? batch.normalizedSums + epsilon : 1)
        }
        let sums = group.compactMap { Self.weightedSum(values[$0], weights) }
        switch scaling {
        case .none: return weight
        case .leaveOneOut: return weight * Double(sums.count) / Double(max(1, sums.count - 1))
        case .group, .batch:
            let deviation = scaling == .group ? Self.deviation(sums) : batch.sums
            // Completions may be equal as wholes while their spans differ.
            return weight / ((deviation > 0 ? deviation : abs(weight) * Self.deviation(pool)) + epsilon)
        }
    }
}
