// Turns completions with advantages into updates of the weights: passes, objective, optimiser.

internal import IQModel
internal import IQTensor
package import IQTraining

/// What the updates of a step did, over all processes.
package struct PolicyUpdateResult: Sendable {
    package var loss: Double?
    package var gradientNorm: Double?
    package var isApplied = false
    /// Rows of all passes of all inner epochs.
    package var rows = 0
    package var tallies = PolicyTallies()
    package var gradientSeconds = 0.0
    package var optimizerSeconds = 0.0
}

/// Sums over the tokens of all inner epochs.
package struct PolicyTallies: Sendable {
    package var tokens = 0.0
    package var entropy = 0.0
    package var kl = 0.0
    package var ratio = 0.0
    package var clippedLow = 0.0
    package var clippedHigh = 0.0
    package var samplerGap = 0.0
    package var cutImportance = 0.0
    package var largestRatio = 0.0

    var sums: [Double] { [tokens, entropy, kl, ratio, clippedLow, clippedHigh, samplerGap, cutImportance] }

    mutating func take(_ sums: [Double]) {
        (tokens, entropy, kl, ratio) = (sums[0], sums[1], sums[2], sums[3])
        (clippedLow, clippedHigh, samplerGap, cutImportance) = (sums[4], sums[5], sums[6], sums[7])
    }
}

/// Updates a session's weights by a policy objective. Not Sendable.
package final class PolicyUpdater {
    private let session: TrainingSession
    private let options: GRPOOptions
    private let reference: ReferencePolicy?
    private let clock = RunClock.system
    private var tallies = PolicyTallies()
    /// An objective cannot fail on samples that are made here; what it throws all the same ends the update.
    private var failure: PolicyError?

    package init(session: TrainingSession, options: GRPOOptions, reference: ReferencePolicy?) {
        self.session = session
        self.options = options
        self.reference = reference
    }

    private var temperature: Float { options.rollout.sampling.temperature }

    private var divergenceWeight: Double {
        if case .divergence(let weight) = options.reference { weight } else { 0 }
    }

    /// Completions without any gradient need no pass.
    private func isActive(_ completion: TrainedCompletion) -> Bool {
        guard completion.maskedCount > 0 else { return false }
        return completion.hasAdvantage || options.objective.klPenalty != nil || divergenceWeight > 0
            || options.objective.entropyBonus != 0
    }

    /// The inner epochs of one step.
    ///
    /// - Parameters:
    ///   - groups: this process's share. Every completion counts in the divisors, also those without advantage.
    ///   - number: of the step, from 1.
    /// - Returns: nil if `isCancelled` said so before the first change of the weights.
    package func update(
        _ groups: [TrainedGroup],
        step number: Int,
        learningRate: Double,
        isCancelled: () -> Bool = { false }
    ) throws -> PolicyUpdateResult? {
        var result = PolicyUpdateResult()
        tallies = PolicyTallies()
        failure = nil
        let all = groups.flatMap(\.completions)
        let counts = try session.collective.sum([
            Double(all.count), Double(all.reduce(0) { $0 + $1.maskedCount }), Double(all.count(where: isActive)),
        ])
        guard counts[2] > 0 else { return result }
        let active = groups.map { TrainedGroup(prompt: $0.prompt, completions: $0.completions.filter(isActive)) }
        let passes = PolicyMicroBatch.packed(active, capacity: options.tokensPerMicroBatch)
        // ln p under the reference and under the policy of the step's start, by pass.
        var references: [[Double]?] = []
        var olds: [[Double]?] = Array(repeating: nil, count: passes.count)
        for epoch in 0..<options.innerEpochs {
            let began = clock.seconds()
            let totals = try totals(sequences: counts[0], tokens: counts[1], passes)
            for (index, micro) in passes.enumerated() {
                // Several processes stop together, between steps; and an update that has begun to change weights is completed.
                if epoch == 0, session.collective.count == 1, isCancelled() {
                    try session.discard()
                    return nil
                }
                if epoch == 0 {
                    let isNeeded = options.objective.klPenalty != nil
                    references.append(
                        isNeeded ? try reference?.logProbabilities(micro, temperature: temperature) : nil
                    )
                }
                let policy = try accumulate(micro, old: olds[index], reference: references[index], totals: totals)
                if epoch == 0 { olds[index] = policy }
            }
            let computed = clock.seconds()
            let step = try session.step(number: number, learningRate: learningRate, divisor: 1)
            result.gradientSeconds += computed - began
            result.optimizerSeconds += clock.seconds() - computed
            result.loss = step.loss
            result.gradientNorm = step.gradientNorm
            result.isApplied = step.isApplied
            result.rows += step.rows
        }
        let largest = tallies.largestRatio
        tallies.take(try session.collective.sum(tallies.sums))
        tallies.largestRatio = largest
        result.tallies = tallies
        return result
    }

    /// The counts that losses are divided by.
    private func totals(sequences: Double, tokens: Double, _ passes: [PolicyMicroBatch]) throws -> PolicyTotals {
        guard options.objective.highEntropyShare < 1 else {
            return PolicyTotals(sequences: sequences, tokens: tokens)
        }
        // The threshold is a quantile of all entropies of the step, so these must be known before the first loss.
        var entropies: [Float] = []
        for micro in passes {
            let statistics = try session.head.statistics(
                try session.pass.forward(micro.batch),
                targets: micro.targets,
                temperature: temperature,
                wantsEntropy: true
            )
            for piece in micro.pieces {
                for (place, isUsed) in zip(piece.places, piece.completion.mask) where isUsed {
                    entropies.append(statistics.entropies[place])
                }
            }
        }
        let collective = session.collective
        let gathered = try collective.gather(entropies.withUnsafeBytes { Array($0) })
        var all: [Double] = []
        for bytes in gathered ?? [] {
            all += bytes.withUnsafeBytes { $0.bindMemory(to: Float.self).map(Double.init) }
        }
        let sample = try PolicySample(
            policy: [Double](repeating: 0, count: all.count),
            old: [Double](repeating: 0, count: all.count),
            entropies: all,
            advantages: [Double](repeating: 0, count: all.count)
        )
        let found = PolicyTotals([sample], objective: options.objective)
        // The first process alone has all of them.
        let shared = try collective.sum(
            collective.isFirst ? [found.entropyThreshold ?? 0, found.entropyTokens] : [0, 0]
        )
        return PolicyTotals(
            sequences: sequences,
            tokens: tokens,
            entropyTokens: shared[1],
            entropyThreshold: shared[0]
        )
    }

    /// One pass; returns ln p of its targets under the policy as it is.
    private func accumulate(
        _ micro: PolicyMicroBatch,
        old: [Double]?,
        reference: [Double]?,
        totals: PolicyTotals
    ) throws -> [Double] {
        let objective = options.objective
        let count = micro.targets.count
        var derivatives = [Float](repeating: 0, count: count)
        var entropyDerivatives = objective.entropyBonus == 0 ? nil : [Float](repeating: 0, count: count)

        /// The loss of places of one piece; `policy` and `entropies` begin at `first`.
        func loss(_ piece: PolicyMicroBatch.Piece, _ range: Range<Int>, _ statistics: TokenStatistics, first: Int)
            -> Double
        {
            let own = (range.lowerBound - first)..<(range.upperBound - first)
            let inPiece =
                (range.lowerBound - piece.places.lowerBound)..<(range.upperBound - piece.places.lowerBound)
            do {
                let policy = statistics.logProbabilities[own].map(Double.init)
                let entropies = statistics.entropies[own].map(Double.init)
                let sample = try PolicySample(
                    policy: policy,
                    old: old.map { Array($0[range]) } ?? policy,
                    reference: reference.map { Array($0[range]) },
                    entropies: entropies,
                    advantages: Array(piece.completion.advantages[inPiece]),
                    mask: Array(piece.completion.mask[inPiece]),
                    importance: importance(piece, inPiece, old: old.map { Array($0[range]) } ?? policy)
                )
                let found = try objective.loss(
                    of: sample,
                    totals: totals,
                    completionTokens: range == piece.places ? nil : piece.completion.maskedCount
                )
                for (place, value) in zip(range, found.derivatives) { derivatives[place] = Float(value) }
                if let values = found.entropyDerivatives {
                    for (place, value) in zip(range, values) { entropyDerivatives?[place] = Float(value) }
                }
                tally(found, sample)
                return found.loss
            } catch {
                failure = error
                return 0
            }
        }

        var wholeLoss = 0.0
        var beforehand: ((TokenStatistics) throws(TensorError) -> Void)?
        if !objective.isTokenwise {
            beforehand = { statistics throws(TensorError) in
                for piece in micro.pieces { wholeLoss += loss(piece, piece.places, statistics, first: 0) }
            }
        }
        var additional: ((FloatMatrix, FloatMatrix) throws(TensorError) -> Double)?
        if divergenceWeight > 0, let reference = self.reference {
            additional = { [self] stream, dstream throws(TensorError) in
                try divergence(micro, stream, addingTo: dstream, from: reference, totals: totals)
            }
        }
        let statistics = try session.accumulate(
            micro.batch,
            targets: micro.targets,
            weight: 0,
            temperature: temperature,
            wantsEntropy: true,
            beforehand: beforehand,
            additional: additional
        ) { places, statistics in
            var sum = wholeLoss
            wholeLoss = 0
            if objective.isTokenwise {
                for piece in micro.pieces {
                    let range = piece.places.clamped(to: places)
                    if !range.isEmpty { sum += loss(piece, range, statistics, first: places.lowerBound) }
                }
            }
            return (
                sum,
                TokenGradients(
                    logProbabilities: Array(derivatives[places]),
                    entropies: entropyDerivatives.map { Array($0[places]) }
                )
            )
        }
        if let failure { throw failure }
        return statistics.logProbabilities.map(Double.init)
    }

    /// Truncated weights policy / sampler, as in IMPALA (arXiv 1802.01561).
    private func importance(
        _ piece: PolicyMicroBatch.Piece,
        _ range: Range<Int>,
        old: [Double]
    ) -> [Double]? {
        guard let sampler = piece.completion.sampler else { return nil }
        return zip(range, old).map { place, old in
            let logRatio = old - Double(sampler[place])
            let weight = exponential(min(KLEstimator.logRatioLimit, logRatio))
            if piece.completion.mask[place] {
                tallies.samplerGap += abs(logRatio)
                if weight > options.importanceLimit { tallies.cutImportance += 1 }
            }
            return min(weight, options.importanceLimit)
        }
    }

    private func tally(_ loss: PolicyLoss, _ sample: PolicySample) {
        tallies.tokens += Double(loss.tokens)
        tallies.kl += loss.klSum
        tallies.ratio += loss.ratioSum
        tallies.clippedLow += Double(loss.clippedLow)
        tallies.clippedHigh += Double(loss.clippedHigh)
        tallies.largestRatio = max(tallies.largestRatio, loss.maximumRatio)
        if let entropies = sample.entropies {
            for (entropy, isUsed) in zip(entropies, sample.mask) where isUsed { tallies.entropy += entropy }
        }
    }

    /// KL(policy ‖ reference) over the vocabulary, weighted as the objective weighs tokens.
    private func divergence(
        _ micro: PolicyMicroBatch,
        _ stream: FloatMatrix,
        addingTo dstream: FloatMatrix,
        from reference: ReferencePolicy,
        totals: PolicyTotals
    ) throws(TensorError) -> Double {
        var weights = [Float](repeating: 0, count: micro.targets.count)
        for piece in micro.pieces {
            let weight = options.objective.tokenWeight(tokens: piece.completion.maskedCount, totals: totals)
            for (place, isUsed) in zip(piece.places, piece.completion.mask) where isUsed {
                weights[place] = Float(divergenceWeight * weight)
            }
        }
        let values = try session.head.divergence(
            .reverseKL,
            stream,
            rows: micro.targets.rows,
            teacher: reference.head,
            teacherStream: try reference.pass.forward(micro.batch),
            teacherRows: micro.targets.rows,
            temperature: temperature,
            backward: (weights, dstream, session.decoder.gradients)
        )
        var loss = 0.0
        for (value, weight) in zip(values, weights) where weight != 0 {
            loss += Double(value) * Double(weight)
            tallies.kl += Double(value)
        }
        return loss
    }

    // MARK: KL as a reward

    /// KL to the reference of each completion, summed over its tokens; an estimate, or exact over the vocabulary.
    package func divergences(_ groups: [TrainedGroup]) throws -> [[Double]] {
        guard let reference else { return groups.map { $0.completions.map { _ in 0 } } }
        return try groups.map { group in
            var sums: [Double] = []
            for micro in PolicyMicroBatch.packed([group], capacity: options.tokensPerMicroBatch) {
                let stream = try session.pass.forward(micro.batch)
                let values: [Double]
                if case .reward(let estimator, _) = options.reference {
                    let policy = try session.head.statistics(stream, targets: micro.targets, temperature: temperature)
                    let base = try reference.logProbabilities(micro, temperature: temperature)
                    values = zip(policy.logProbabilities, base).map {
                        estimator.value(policy: Double($0), reference: $1)
                    }
                } else {
                    values = try session.head.divergence(
                        .reverseKL,
                        stream,
                        rows: micro.targets.rows,
                        teacher: reference.head,
                        teacherStream: try reference.pass.forward(micro.batch),
                        teacherRows: micro.targets.rows,
                        temperature: temperature
                    ).map(Double.init)
                }
                for piece in micro.pieces { sums.append(piece.places.reduce(0) { $0 + values[$1] }) }
            }
            return sums
        }
    }
}
