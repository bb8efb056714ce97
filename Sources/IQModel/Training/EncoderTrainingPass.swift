// The encoder's forward and backward pass over a packed batch.

package import IQTensor
internal import IQText

/// Runs an encoder over packed sequences, keeps what the backward pass needs, and adds the gradients of its parameters.
///
/// One pass at a time: ``forward(_:)``, then a head on the hidden states (``ClassificationHead``, or ``meanPooled(_:batch:into:)``
/// for sentence vectors), then ``backward(_:batch:gradients:)`` with the gradient at the hidden states.
package final class EncoderTrainingPass {
    package typealias Recording = DecoderTrainingPass.Recording

    package let model: EncoderModel
    /// Rows that a batch can have.
    package let capacity: Int
    package let recording: Recording
    package let step: TrainingStep
    /// One for each layer under `.activations`, else one that all share.
    private let tapes: [EncoderLayerTape]
    /// Each layer's input under `.inputs`.
    private let inputs: [FloatMatrix]
    private let workspace: EncoderWorkspace
    /// The sum of the embeddings, before their norm: [T, C].
    private let embedded: FloatMatrix
    private let stream: FloatMatrix

    package init(
        model: EncoderModel,
        capacity: Int,
        recording: Recording,
        step: TrainingStep
    ) throws(TensorError) {
        precondition(capacity > 0)
        let configuration = model.configuration
        self.model = model
        self.capacity = capacity
        self.recording = recording
        self.step = step
        var tapes: [EncoderLayerTape] = []
        for _ in 0..<(recording == .activations ? configuration.layers : 1) {
            tapes.append(try EncoderLayerTape(configuration: configuration, rows: capacity))
        }
        self.tapes = tapes
        var inputs: [FloatMatrix] = []
        for _ in 0..<(recording == .inputs ? configuration.layers : 0) {
            inputs.append(try FloatMatrix(rows: capacity, columns: configuration.width))
        }
        self.inputs = inputs
        workspace = try EncoderWorkspace(configuration: configuration, rows: capacity)
        embedded = try FloatMatrix(rows: capacity, columns: configuration.width)
        stream = try FloatMatrix(rows: capacity, columns: configuration.width)
    }

    /// Bytes that a pass of `rows` rows allocates.
    package static func byteCount(configuration: EncoderConfiguration, rows: Int, recording: Recording) -> Int {
        let perTape = EncoderLayerTape.floatsPerRow(configuration)
        let kept =
            switch recording {
            case .activations: perTape * configuration.layers
            case .inputs: perTape + configuration.width * configuration.layers
            case .nothing: perTape
            }
        let floats = kept + EncoderWorkspace.floatsPerRow(configuration) + 2 * configuration.width
        return rows * floats * MemoryLayout<Float>.stride
    }

    /// Final hidden states [T, C], valid until the next call.
    ///
    /// Tokens must be in the vocabulary, every segment a whole sequence without a parent and no longer than the context.
    package func forward(_ batch: PackedBatch) throws(TensorError) -> FloatMatrix {
        precondition(batch.rows > 0 && batch.rows <= capacity, "a batch of \(batch.rows) rows in room for \(capacity)")
        precondition(
            batch.segments.allSatisfy { $0.parent == nil && $0.count <= model.configuration.maximumContext },
            "an encoder reads whole sequences of at most \(model.configuration.maximumContext) tokens"
        )
        let rows = 0..<batch.rows
        let x = stream.rows(rows)  // [T, C]
        let embedded = embedded.rows(rows)  // [T, C]
        try model.embed(
            batch.tokens,
            positions: positions(of: batch),
            into: embedded,
            addend: workspace.branch.rows(rows),
            on: step.context
        )
        try model.embeddingNorm.forward(embedded, into: x, on: step.context)
        for (index, layer) in model.layers.enumerated() {
            if recording == .inputs { inputs[index].rows(rows).copy(from: x) }
            try layer.forward(
                x,
                batch: batch,
                tape: tape(index, rows: rows),
                workspace: workspace.rows(rows),
                step: step
            )
        }
        return x
    }

    /// Adds the gradients of the parameters below the hidden states.
    ///
    /// - Parameters:
    ///   - dx: the gradient at the hidden states that ``forward(_:)`` returned: [T, C]; it is overwritten.
    ///   - batch: the batch of that call.
    ///   - gradients: where to add; frozen parts are skipped.
    package func backward(
        _ dx: FloatMatrix,
        batch: PackedBatch,
        gradients: EncoderGradients
    ) throws(TensorError) {
        precondition(recording != .nothing, "a backward pass after a forward pass that kept nothing")
        precondition(dx.rows == batch.rows && dx.columns == model.configuration.width)
        let rows = 0..<batch.rows
        for index in stride(from: model.layers.count - 1, through: gradients.lowestTrained, by: -1) {
            let layer = model.layers[index]
            let tape = tape(index, rows: rows)
            let workspace = workspace.rows(rows)
            if recording == .inputs {
                let x = stream.rows(rows)
                x.copy(from: inputs[index].rows(rows))
                try layer.forward(x, batch: batch, tape: tape, workspace: workspace, step: step)
            }
            try layer.backward(
                dx,
                batch: batch,
                tape: tape,
                gradients: gradients.layers[index],
                workspace: workspace,
                step: step
            )
        }
        if gradients.embeddingsAreTrained { try embeddingsBackward(dx, batch: batch, gradients: gradients) }
    }

    private func embeddingsBackward(
        _ dx: FloatMatrix,
        batch: PackedBatch,
        gradients: EncoderGradients
    ) throws(TensorError) {
        let context = step.context
        let rows = 0..<batch.rows
        let dsum = workspace.dsum.rows(rows)  // [T, C]
        dsum.fill(0)
        try model.embeddingNorm.backward(
            embedded.rows(rows),
            dy: dx,
            addingTo: dsum,
            gradients: gradients.embeddingNorm,
            on: context
        )
        if let table = gradients.tokenEmbedding { try context.scatterAdd(dsum, toRows: batch.tokens, of: table) }
        if let table = gradients.positionEmbedding {
            try context.scatterAdd(dsum, toRows: positions(of: batch), of: table)
        }
        // Every text is a first segment.
        if let table = gradients.tokenTypeEmbedding { try context.addColumnSums(of: dsum, to: table.rows(0..<1)) }
    }

    /// Rows of the position table.
    private func positions(of batch: PackedBatch) -> [Int32] {
        let first = Int32(model.configuration.firstPosition)
        return batch.positions.map { $0 + first }
    }

    private func tape(_ layer: Int, rows: Range<Int>) -> EncoderLayerTape {
        tapes[recording == .activations ? layer : 0].rows(rows)
    }

    // MARK: Sentence vectors

    /// pooled: [sequences, C], the mean of each sequence's rows of `hidden`; not scaled to length 1.
    package static func meanPooled(_ hidden: FloatMatrix, batch: PackedBatch, into pooled: FloatMatrix) {
        precondition(pooled.rows == batch.segments.count && pooled.columns == hidden.columns)
        for (index, segment) in batch.segments.enumerated() {
            pooled.withRow(index) { mean in
                mean.update(repeating: 0)
                for row in segment.rows {
                    hidden.withRow(row) { values in for column in mean.indices { mean[column] += values[column] } }
                }
                let factor = 1 / Float(max(segment.count, 1))
                for column in mean.indices { mean[column] *= factor }
            }
        }
    }

    /// dhidden: [T, C] += the gradient at the hidden states, given the one at their means.
    package static func meanPooledBackward(
        _ dpooled: FloatMatrix,
        batch: PackedBatch,
        addingTo dhidden: FloatMatrix
    ) {
        precondition(dpooled.rows == batch.segments.count && dpooled.columns == dhidden.columns)
        for (index, segment) in batch.segments.enumerated() {
            let factor = 1 / Float(max(segment.count, 1))
            dpooled.withRow(index) { gradient in
                for row in segment.rows {
                    dhidden.withRow(row) { values in
                        for column in values.indices { values[column] += factor * gradient[column] }
                    }
                }
            }
        }
    }
}
