// Some tokens of a row's distribution instead of all: what a teacher's file can hold, and the loss over it.

package import IQTensor
package import IQText

/// The most likely tokens of a distribution; the rest of the vocabulary shares what is left of the probability.
package struct TokenDistribution: Sendable, Hashable {
    /// Different tokens, the most likely first.
    package var tokens: [TokenID]
    /// log p of each, in nats.
    package var logProbabilities: [Float]

    package init(tokens: [TokenID], logProbabilities: [Float]) {
        precondition(
            tokens.count == logProbabilities.count,
            "\(tokens.count) tokens, \(logProbabilities.count) log-probabilities"
        )
        self.tokens = tokens
        self.logProbabilities = logProbabilities
    }
}

extension VocabularyHead {
    /// The `count` most likely tokens of each row under softmax(logits / temperature); of equally likely ones those with the
    /// smaller number.
    package func mostLikely(
        _ count: Int,
        _ stream: FloatMatrix,
        rows: [Int32],
        temperature: Float = 1
    ) throws(TensorError) -> [TokenDistribution] {
        var distributions: [TokenDistribution] = []
        distributions.reserveCapacity(rows.count)
        for range in blocks(rows.count) {
            let logits = try forward(stream, rows: Array(rows[range])).logits
            let sums = try logSumExp(logits, temperature: temperature)
            for row in sums.indices {
                let best = logits.withRow(row) { BestLogits(count, of: $0) }
                distributions.append(
                    TokenDistribution(
                        tokens: best.tokens,
                        logProbabilities: best.logits.map { $0 / temperature - sums[row] }
                    )
                )
            }
        }
        return distributions
    }

    /// Log-probabilities of several tokens for each row, and the backward pass of a loss in them. The logits of a row are
    /// computed once, however many tokens there are.
    ///
    /// - Parameters:
    ///   - rows: rows of the stream.
    ///   - tokens: for each row the tokens that are asked for, each once.
    ///   - temperature: of the distribution.
    ///   - dstream: where the gradient at the stream is added.
    ///   - gradients: where the gradients of final norm and output head are added.
    ///   - loss: called for each block with its places among the rows and the log-probabilities; returns the derivatives of
    ///     the loss in them.
    package func backward(
        _ stream: FloatMatrix,
        rows: [Int32],
        candidates tokens: [[TokenID]],
        temperature: Float = 1,
        addingTo dstream: FloatMatrix,
        gradients: DecoderGradients,
        loss: (_ places: Range<Int>, _ logProbabilities: [[Float]]) -> [[Float]]
    ) throws(TensorError) {
        precondition(rows.count == tokens.count, "\(rows.count) rows, candidates for \(tokens.count)")
        for range in blocks(rows.count) {
            let block = try forward(stream, rows: Array(rows[range]))
            let sums = try logSumExp(block.logits, temperature: temperature)
            let candidates = Array(tokens[range])
            let logProbabilities = candidates.indices.map { row in
                candidates[row].map { block.logits[row, Int($0)] / temperature - sums[row] }
            }
            let derivatives = loss(range, logProbabilities)
            precondition(
                derivatives.map(\.count) == candidates.map(\.count),
                "\(derivatives.count) lists of derivatives for \(candidates.count) rows"
            )
            // ∂ log p(i) / ∂ z(j) = [i = j] − p(j): the second part is common to all candidates of a row.
            try step.context.softmaxBackward(
                block.logits,
                inverseTemperature: 1 / temperature,
                logSumExp: sums,
                targets: [Int32](repeating: 0, count: range.count),
                dlogp: derivatives.map { $0.reduce(0, +) },
                entropy: nil
            )
            for (row, values) in derivatives.enumerated() {
                block.logits.withRow(row) { dlogits in
                    dlogits[0] -= values.reduce(0, +) / temperature
                    for (token, value) in zip(candidates[row], values) { dlogits[Int(token)] += value / temperature }
                }
            }
            try backward(block, rows: Array(rows[range]), addingTo: dstream, gradients: gradients)
        }
    }
}

/// The largest logits of a row, largest first.
private struct BestLogits {
    private(set) var tokens: [TokenID] = []
    private(set) var logits: [Float] = []

    init(_ count: Int, of row: UnsafeMutableBufferPointer<Float>) {
        precondition(count >= 1, "the \(count) most likely tokens")
        tokens.reserveCapacity(count + 1)
        logits.reserveCapacity(count + 1)
        var smallest = -Float.infinity
        for (token, logit) in row.enumerated() where logit > smallest || tokens.count < count {
            // Behind those that are equal, so that the smaller number comes first.
            var place = logits.count
            while place > 0 && logits[place - 1] < logit { place -= 1 }
            tokens.insert(TokenID(token), at: place)
            logits.insert(logit, at: place)
            if tokens.count > count {
                tokens.removeLast()
                logits.removeLast()
            }
            if tokens.count == count { smallest = logits[count - 1] }
        }
    }
}
