// The classification head of an encoder in training: pooler, classifier, softmax and cross-entropy.

package import IQTensor

/// Class scores from each sequence's first row, their cross-entropy, and the backward pass of both.
package final class ClassificationHead {
    package let model: EncoderModel
    /// Sequences that a batch can have.
    package let capacity: Int
    package let step: TrainingStep
    private let pooler: Linear?
    private let classifier: Linear
    /// [sequences, C]
    private let first: FloatMatrix
    private let pooled: FloatMatrix
    private let dpooled: FloatMatrix
    private let dfirst: FloatMatrix
    /// [sequences, classes]
    private let logits: FloatMatrix

    /// - Parameter model: an encoder with a classifier.
    package init(model: EncoderModel, capacity: Int, step: TrainingStep) throws(TensorError) {
        guard let classifier = model.weights.classifier else {
            preconditionFailure("an encoder without a classifier")
        }
        self.model = model
        self.capacity = capacity
        self.step = step
        pooler = model.weights.pooler.map { Linear($0) }
        self.classifier = Linear(classifier)
        let width = model.configuration.width
        first = try FloatMatrix(rows: capacity, columns: width)
        pooled = try FloatMatrix(rows: capacity, columns: width)
        dpooled = try FloatMatrix(rows: capacity, columns: width)
        dfirst = try FloatMatrix(rows: capacity, columns: width)
        logits = try FloatMatrix(rows: capacity, columns: classifier.matrix.rows)
    }

    /// Class scores before the softmax, [sequences, classes], valid until the next call.
    package func forward(_ hidden: FloatMatrix, batch: PackedBatch) throws(TensorError) -> FloatMatrix {
        let count = batch.segments.count
        precondition(count <= capacity, "\(count) sequences in room for \(capacity)")
        let first = first.rows(0..<count)  // [sequences, C]
        let pooled = pooled.rows(0..<count)  // [sequences, C]
        step.context.gatherRows(of: hidden, firstRows(of: batch), into: first)
        if let pooler {
            try pooler.forward(first, into: pooled, step: step)
            try step.context.tanh(pooled, into: pooled)
        } else {
            pooled.copy(from: first)
        }
        let logits = logits.rows(0..<count)
        try classifier.forward(pooled, into: logits, step: step)
        return logits
    }

    /// −log p(label) of each sequence, in nats.
    package func losses(_ hidden: FloatMatrix, labels: [Int32], batch: PackedBatch) throws(TensorError) -> [Float] {
        let logits = try forward(hidden, batch: batch)
        return losses(logits, labels: labels, logSumExp: try logSumExp(logits))
    }

    /// The same, and the backward pass of ∑ weight · loss: adds the gradients of pooler and classifier, and the gradient at
    /// the hidden states.
    ///
    /// - Parameters:
    ///   - labels: the class of each sequence.
    ///   - weights: how much each sequence counts: 1 / sequences for the mean.
    ///   - dhidden: [T, C]; accumulates.
    package func backward(
        _ hidden: FloatMatrix,
        labels: [Int32],
        weights: [Float],
        batch: PackedBatch,
        addingTo dhidden: FloatMatrix,
        gradients: EncoderGradients
    ) throws(TensorError) -> [Float] {
        let count = batch.segments.count
        precondition(labels.count == count && weights.count == count, "\(labels.count) labels for \(count) sequences")
        let logits = try forward(hidden, batch: batch)
        let sums = try logSumExp(logits)
        let losses = losses(logits, labels: labels, logSumExp: sums)
        // The gradients take the place of the scores.
        try step.context.softmaxBackward(
            logits,
            inverseTemperature: 1,
            logSumExp: sums,
            targets: labels,
            dlogp: weights.map { -$0 },
            entropy: nil
        )
        let pooled = pooled.rows(0..<count)
        let dpooled = dpooled.rows(0..<count)  // [sequences, C]
        try classifier.backward(pooled, dy: logits, dx: dpooled, gradients: gradients.classifier, step: step)
        var dfirst = dpooled
        if let pooler {
            dfirst = self.dfirst.rows(0..<count)
            try step.context.tanhBackward(pooled, dy: dpooled, into: dpooled)
            try pooler.backward(
                first.rows(0..<count),
                dy: dpooled,
                dx: dfirst,
                gradients: gradients.pooler,
                step: step
            )
        }
        try step.context.scatterAdd(dfirst, toRows: firstRows(of: batch), of: dhidden)
        return losses
    }

    private func losses(_ logits: FloatMatrix, labels: [Int32], logSumExp: [Float]) -> [Float] {
        precondition(labels.count == logits.rows, "\(labels.count) labels for \(logits.rows) sequences")
        return labels.indices.map { logSumExp[$0] - logits[$0, Int(labels[$0])] }
    }

    private func logSumExp(_ logits: FloatMatrix) throws(TensorError) -> [Float] {
        var sums: [Float] = []
        var entropies: [Float] = []
        try step.context.softmaxStatistics(
            logits,
            inverseTemperature: 1,
            logSumExp: &sums,
            entropy: &entropies,
            wantsEntropy: false
        )
        return sums
    }

    private func firstRows(of batch: PackedBatch) -> [Int32] {
        batch.segments.map { segment in
            precondition(segment.count > 0, "an empty sequence has no class")
            return Int32(segment.start)
        }
    }
}
