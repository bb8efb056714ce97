// Temperature, truncation and the draw, over one row of logits. No sort of the vocabulary: every truncation of
// `SamplingOptions` is a threshold on the logit, so a few linear passes find the candidates and a selection among them
// finds the threshold. Buffers are kept from token to token.

internal import IQTensor

/// Draws from softmax(logits / T) cut to top-k, top-p and min-p.
struct TokenSelection {
    private let options: SamplingOptions
    private let inverseTemperature: Double
    /// Candidates in the order of the vocabulary; the first `count` entries are in use.
    private var indices: [Int32]
    /// exp((logit − maximum) / T) of the candidates.
    private var weights: [Double]
    private var count = 0
    /// Scratch of the threshold search.
    private var items: [WeightedLogit] = []
    /// Sums of weights of stretches of the vocabulary.
    private var blockSums: [Double]
    /// How far under the maximum the k-th logit lay last time: where the search for the next one begins.
    private var lastReach: Float = 8

    /// Tokens in one stretch of the draw from the whole vocabulary.
    private static let blockLength = 512
    private static let initialCandidates = 4096

    init(options: SamplingOptions, vocabularySize: Int) {
        self.options = options
        inverseTemperature = options.isGreedy ? 0 : 1 / Double(options.temperature)
        let capacity = min(vocabularySize, Self.initialCandidates)
        indices = Array(repeating: 0, count: capacity)
        weights = Array(repeating: 0, count: capacity)
        items.reserveCapacity(capacity)
        blockSums = Array(repeating: 0, count: (vocabularySize + Self.blockLength - 1) / Self.blockLength)
    }

    /// Draws the token at `uniform` in [0, 1) of the distribution.
    ///
    /// - Parameters:
    ///   - logits: finite or −∞, at least one finite.
    ///   - maximum: the largest of them.
    /// - Returns: the token and ln p of it under the truncated distribution.
    mutating func draw(
        from logits: UnsafeMutableBufferPointer<Float>,
        maximum: Float,
        uniform: Double,
        context: ComputeContext
    ) -> (index: Int, logProbability: Double) {
        if options.topK > 0 && options.topK < logits.count {
            collectTopK(logits, maximum: maximum, context: context)
            computeWeights(logits, maximum: maximum)
            keepTopP(logits, total: nil)
        } else if options.topP < 1 {
            let total = context.sumOfExponentials(of: logits, shift: maximum, factor: Float(inverseTemperature))
            collectNucleus(logits, maximum: maximum, total: total, context: context)
            computeWeights(logits, maximum: maximum)
            keepTopP(logits, total: total)
        } else if options.minP > 0 {
            // A little lower than the bound; `keepMinP` is exact.
            let reach = -naturalLogarithm(Double(options.minP)) / inverseTemperature
            collect(logits, atLeast: Self.below(maximum, by: reach * 1.001), context: context)
            computeWeights(logits, maximum: maximum)
        } else {
            return drawFromAll(logits, maximum: maximum, uniform: uniform, context: context)
        }
        keepMinP()
        return drawFromCandidates(logits, maximum: maximum, uniform: uniform)
    }

    // MARK: Candidates

    private static func below(_ maximum: Float, by reach: Double) -> Float {
        let threshold = Float(Double(maximum) - reach)
        // Values of −∞ are never candidates.
        return max(threshold, -Float.greatestFiniteMagnitude)
    }

    private mutating func collect(
        _ logits: UnsafeMutableBufferPointer<Float>,
        atLeast threshold: Float,
        context: ComputeContext
    ) {
        count = context.collect(logits, atLeast: threshold, into: &indices)
        guard count > indices.count else { return }
        let capacity = min(logits.count, count + count / 2)
        indices = Array(repeating: 0, count: capacity)
        weights = Array(repeating: 0, count: capacity)
        items.reserveCapacity(capacity)
        count = context.collect(logits, atLeast: threshold, into: &indices)
    }

    /// Candidates: every token with a logit of at least the k-th largest.
    private mutating func collectTopK(
        _ logits: UnsafeMutableBufferPointer<Float>,
        maximum: Float,
        context: ComputeContext
    ) {
        var reach = lastReach
        while true {
            let threshold = Self.below(maximum, by: Double(reach))
            collect(logits, atLeast: threshold, context: context)
            if count >= options.topK { break }
            // Everything finite is collected: fewer than k tokens are possible, and all stay.
            if threshold == -Float.greatestFiniteMagnitude { return }
            reach = max(reach * 2, maximum.magnitude * Float.ulpOfOne)
        }
        items.removeAll(keepingCapacity: true)
        for index in 0..<count { items.append(WeightedLogit(logit: logits[Int(indices[index])], weight: 1)) }
        let threshold = logitThreshold(of: &items, reaching: Double(options.topK))
        keep(logits, atLeast: threshold)
        let distance = maximum - threshold
        if distance.isFinite { lastReach = max(distance * 1.25, Float.leastNormalMagnitude) }
    }

    /// Candidates: enough of the most probable tokens to hold top-p. All tokens further than `reach` under the maximum sum to
    /// at most V · exp(−reach / T), which is made no more than (1 − p) of the total.
    private mutating func collectNucleus(
        _ logits: UnsafeMutableBufferPointer<Float>,
        maximum: Float,
        total: Double,
        context: ComputeContext
    ) {
        let outside = (1 - Double(options.topP)) * total
        let reach = (naturalLogarithm(Double(logits.count) / outside) + 0.01) / inverseTemperature
        collect(logits, atLeast: Self.below(maximum, by: reach), context: context)
    }

    private mutating func computeWeights(_ logits: UnsafeMutableBufferPointer<Float>, maximum: Float) {
        for index in 0..<count {
            weights[index] = relativeWeight(
                logits[Int(indices[index])],
                maximum: maximum,
                inverseTemperature: inverseTemperature
            )
        }
    }

    /// Cuts to top-p of `total`, or of the candidates' own sum.
    private mutating func keepTopP(_ logits: UnsafeMutableBufferPointer<Float>, total: Double?) {
        guard options.topP < 1 else { return }
        items.removeAll(keepingCapacity: true)
        var sum = 0.0
        for index in 0..<count {
            items.append(WeightedLogit(logit: logits[Int(indices[index])], weight: weights[index]))
            sum += weights[index]
        }
        let threshold = logitThreshold(of: &items, reaching: Double(options.topP) * (total ?? sum))
        keep(logits, atLeast: threshold)
    }

    private mutating func keepMinP() {
        guard options.minP > 0 else { return }
        let least = Double(options.minP)
        var kept = 0
        for index in 0..<count where weights[index] >= least {
            move(index, to: kept)
            kept += 1
        }
        count = kept
    }

    private mutating func keep(_ logits: UnsafeMutableBufferPointer<Float>, atLeast threshold: Float) {
        var kept = 0
        for index in 0..<count where logits[Int(indices[index])] >= threshold {
            move(index, to: kept)
            kept += 1
        }
        count = kept
    }

    private mutating func move(_ index: Int, to place: Int) {
        indices[place] = indices[index]
        weights[place] = weights[index]
    }

    // MARK: Draw

    private func drawFromCandidates(
        _ logits: UnsafeMutableBufferPointer<Float>,
        maximum: Float,
        uniform: Double
    ) -> (index: Int, logProbability: Double) {
        var total = 0.0
        for index in 0..<count { total += weights[index] }
        let target = uniform * total
        var sum = 0.0
        var chosen = 0
        for index in 0..<count where weights[index] > 0 {
            // Rounding may leave the target just above the last sum: then the last possible candidate is taken.
            chosen = index
            sum += weights[index]
            if sum > target { break }
        }
        let token = Int(indices[chosen])
        return (token, logProbability(logits[token], maximum: maximum, total: total))
    }

    /// Draws without truncation: first a stretch of the vocabulary by its sum, then a token in it.
    private mutating func drawFromAll(
        _ logits: UnsafeMutableBufferPointer<Float>,
        maximum: Float,
        uniform: Double,
        context: ComputeContext
    ) -> (index: Int, logProbability: Double) {
        var total = 0.0
        for block in blockSums.indices {
            let sum = context.sumOfExponentials(
                of: Self.block(block, of: logits),
                shift: maximum,
                factor: Float(inverseTemperature)
            )
            blockSums[block] = sum
            total += sum
        }
        var remaining = uniform * total
        var chosenBlock = 0
        for block in blockSums.indices where blockSums[block] > 0 {
            chosenBlock = block
            if remaining < blockSums[block] { break }
            remaining -= blockSums[block]
        }
        let block = Self.block(chosenBlock, of: logits)
        var chosen = context.maximum(of: block).index
        var sum = 0.0
        for (index, logit) in block.enumerated() {
            let weight = relativeWeight(logit, maximum: maximum, inverseTemperature: inverseTemperature)
            guard weight > 0 else { continue }
            chosen = index
            sum += weight
            if sum > remaining { break }
        }
        return (
            chosenBlock * Self.blockLength + chosen,
            logProbability(block[chosen], maximum: maximum, total: total)
        )
    }

    private static func block(
        _ block: Int,
        of logits: UnsafeMutableBufferPointer<Float>
    ) -> UnsafeMutableBufferPointer<Float> {
        let start = block * blockLength
        return UnsafeMutableBufferPointer(rebasing: logits[start..<min(start + blockLength, logits.count)])
    }

    private func logProbability(_ logit: Float, maximum: Float, total: Double) -> Double {
        (Double(logit) - Double(maximum)) * inverseTemperature - naturalLogarithm(total)
    }
}

/// exp((logit − maximum) / T): a token's probability relative to the most probable one.
func relativeWeight(_ logit: Float, maximum: Float, inverseTemperature: Double) -> Double {
    exponential((Double(logit) - Double(maximum)) * inverseTemperature)
}
