// The encoder of BERT, MiniLM and RoBERTa: embeddings, post-norm layers, mean pooling, classification head.

package import IQTensor
package import IQText

/// A bidirectional encoder: immutable weights and the forward pass over packed sequences, without padding.
package struct EncoderModel: Sendable {
    package let configuration: EncoderConfiguration
    package let weights: EncoderWeights
    package let layers: [EncoderLayer]
    let embeddingNorm: LayerNorm

    package init(configuration: EncoderConfiguration, weights: EncoderWeights) {
        precondition(weights.layers.count == configuration.layers)
        self.configuration = configuration
        self.weights = weights
        layers = weights.layers.map { EncoderLayer($0, configuration: configuration) }
        embeddingNorm = LayerNorm(weights.embeddingNorm, epsilon: configuration.normEpsilon)
    }

    /// Final hidden states [T, C] of the sequences, row after row: a view of `activations`.
    ///
    /// Tokens must be in the vocabulary, no sequence empty or longer than the context, and all together at most
    /// `activations.rows`.
    package func forward(
        _ sequences: [[TokenID]],
        activations: EncoderActivations,
        on context: ComputeContext
    ) throws(TensorError) -> FloatMatrix {
        let tokens = sequences.flatMap { $0 }
        precondition(tokens.count <= activations.rows, "\(tokens.count) tokens in room for \(activations.rows)")
        let rows = 0..<tokens.count
        let x = activations.stream.rows(rows)  // [T, C]
        let addend = activations.branch.rows(rows)  // [T, C]
        let positions = sequences.flatMap { sequence in
            sequence.indices.map { Int32(configuration.firstPosition + $0) }
        }
        try embed(tokens, positions: positions, into: x, addend: addend, on: context)
        try embeddingNorm.forward(x, into: x, on: context)

        let batch = attentionBatch(sequences.map(\.count), activations: activations)
        for layer in layers { try layer.forward(x, batch: batch, activations: activations, on: context) }
        return x
    }

    /// x: [T, C], the sum of the rows' embeddings before their norm. `addend` is memory of the same shape.
    func embed(
        _ tokens: [TokenID],
        positions: [Int32],
        into x: FloatMatrix,
        addend: FloatMatrix,
        on context: ComputeContext
    ) throws(TensorError) {
        try context.gatherRows(of: weights.tokenEmbedding, tokens, into: x)
        try context.gatherRows(of: weights.positionEmbedding, positions, into: addend)
        try context.add(addend, to: x)
        guard let types = weights.tokenTypeEmbedding else { return }
        // Every text is a first segment.
        try context.gatherRows(of: types, [Int32](repeating: 0, count: tokens.count), into: addend)
        try context.add(addend, to: x)
    }

    private func attentionBatch(_ lengths: [Int], activations: EncoderActivations) -> AttentionBatch {
        let batch = AttentionBatch()
        var start = 0
        for length in lengths {
            let rows = start..<(start + length)
            batch.beginSequence(queryStart: start, queryCount: length, firstPosition: 0)
            batch.append(
                keys: activations.key.rows(rows),
                values: activations.value.rows(rows),
                headDimension: configuration.headDimension,
                firstPosition: 0
            )
            start += length
        }
        return batch
    }

    /// Sentence vectors: the mean of each sequence's rows of `hidden`, scaled to length 1.
    package static func meanPooled(_ hidden: FloatMatrix, lengths: [Int]) -> [[Float]] {
        var start = 0
        return lengths.map { length in
            defer { start += length }
            var sum = [Float](repeating: 0, count: hidden.columns)
            for row in start..<(start + length) {
                hidden.withRow(row) { values in for index in sum.indices { sum[index] += values[index] } }
            }
            let squares = sum.reduce(into: Double(0)) { $0 += Double($1) * Double($1) }
            // The scale by 1 / length cancels in the normalisation; a zero vector stays zero.
            let factor = squares > 0 ? Float(1 / squares.squareRoot()) : 0
            return sum.map { $0 * factor }
        }
    }

    /// Class scores before the softmax, [sequences, classes], from each sequence's first row of `hidden`.
    package func classScores(
        _ hidden: FloatMatrix,
        lengths: [Int],
        on context: ComputeContext
    ) throws(TensorError) -> FloatMatrix? {
        guard let classifier = weights.classifier else { return nil }
        let pooled = try FloatMatrix(rows: lengths.count, columns: configuration.width)
        var start = 0
        for (index, length) in lengths.enumerated() {
            let first = hidden.rows(start..<(start + 1))
            let target = pooled.rows(index..<(index + 1))
            if let pooler = weights.pooler {
                try Linear(pooler).forward(first, into: target, on: context)
                try context.tanh(target, into: target)
            } else {
                first.withRow(0) { source in target.withRow(0) { _ = $0.update(from: source) } }
            }
            start += length
        }
        let scores = try FloatMatrix(rows: lengths.count, columns: classifier.matrix.rows)
        try Linear(classifier).forward(pooled, into: scores, on: context)
        return scores
    }
}
