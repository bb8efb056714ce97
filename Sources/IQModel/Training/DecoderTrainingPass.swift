// The decoder's forward and backward pass over a packed batch.

package import IQTensor
internal import IQText

/// Runs a decoder over packed batches, keeps what the backward pass needs, and adds the gradients of its parameters.
///
/// One pass at a time: ``forward(_:)``, then the output head on the rows that matter (``VocabularyHead``), then
/// ``backward(_:batch:gradients:)`` with the gradient at the stream.
package final class DecoderTrainingPass {
    /// What the pass keeps of each layer.
    package enum Recording: Sendable, Hashable {
        /// Everything the backward pass needs.
        case activations
        /// Only each layer's input: the backward pass runs the layer forward once more. About a fifth more time.
        case inputs
        /// Nothing: there is no backward pass.
        case nothing
    }

    package let model: DecoderModel
    /// Rows that a batch can have.
    package let capacity: Int
    package let recording: Recording
    /// Where the pass computes; its dropout is that of the last forward pass.
    package private(set) var step: TrainingStep
    /// One for each layer under `.activations`, else one that all share.
    private let tapes: [DecoderLayerTape]
    /// Each layer's input under `.inputs`.
    private let inputs: [FloatMatrix]
    private let workspace: DecoderWorkspace
    private let stream: FloatMatrix
    private let fullTables: RotaryTables
    private let slidingTables: RotaryTables?

    package init(
        model: DecoderModel,
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
        var tapes: [DecoderLayerTape] = []
        for _ in 0..<(recording == .activations ? configuration.layers : 1) {
            tapes.append(try DecoderLayerTape(configuration: configuration, rows: capacity))
        }
        self.tapes = tapes
        var inputs: [FloatMatrix] = []
        for _ in 0..<(recording == .inputs ? configuration.layers : 0) {
            inputs.append(try FloatMatrix(rows: capacity, columns: configuration.width))
        }
        self.inputs = inputs
        workspace = try DecoderWorkspace(configuration: configuration, rows: capacity)
        stream = try FloatMatrix(rows: capacity, columns: configuration.width)
        let half = configuration.headDimension / 2
        fullTables = try RotaryTables(rows: capacity, half: half)
        slidingTables =
            configuration.layerReach.contains(.sliding) ? try RotaryTables(rows: capacity, half: half) : nil
    }

    /// Bytes that a pass of `rows` rows allocates.
    package static func byteCount(
        configuration: DecoderConfiguration,
        rows: Int,
        recording: Recording
    ) -> Int {
        let perTape = DecoderLayerTape.floatsPerRow(configuration)
        let kept =
            switch recording {
            case .activations: perTape * configuration.layers
            case .inputs: perTape + configuration.width * configuration.layers
            case .nothing: perTape
            }
        let tables = configuration.headDimension * (configuration.layerReach.contains(.sliding) ? 2 : 1)
        let floats = kept + DecoderWorkspace.floatsPerRow(configuration) + configuration.width + tables
        return rows * floats * MemoryLayout<Float>.stride
    }

    /// Runs the layers; returns the residual stream behind the last one, before the final norm: [T, C], valid until the
    /// next call. Tokens must be in the vocabulary.
    ///
    /// - Parameter dropout: what dropout draws, here and in the backward pass; nil drops nothing, as in evaluation.
    package func forward(_ batch: PackedBatch, dropout: DropoutDraw? = nil) throws(TensorError) -> FloatMatrix {
        precondition(batch.rows > 0 && batch.rows <= capacity, "a batch of \(batch.rows) rows in room for \(capacity)")
        step.dropout = dropout
        let context = step.context
        let rows = 0..<batch.rows
        let x = stream.rows(rows)  // [T, C]
        try context.gatherRows(of: model.embedding, batch.tokens, into: x)
        if model.configuration.embeddingScale != 1 { try context.scale(x, by: model.configuration.embeddingScale) }
        try model.rotary.tables(
            positions: batch.positions,
            cosine: fullTables.cosine,
            sine: fullTables.sine,
            on: context
        )
        if let slidingTables {
            try model.slidingRotary.tables(
                positions: batch.positions,
                cosine: slidingTables.cosine,
                sine: slidingTables.sine,
                on: context
            )
        }
        for (index, layer) in model.layers.enumerated() {
            if recording == .inputs { inputs[index].rows(rows).copy(from: x) }
            try layer.forward(
                x,
                batch: batch,
                tables: tables(of: layer, rows: rows),
                tape: tape(index, rows: rows),
                workspace: workspace.rows(rows),
                step: step
            )
        }
        return x
    }

    /// Adds the gradients of the parameters below the stream.
    ///
    /// - Parameters:
    ///   - dx: the gradient at the stream that ``forward(_:)`` returned: [T, C]; it is overwritten.
    ///   - batch: the batch of that call.
    ///   - gradients: where to add; frozen parts are skipped.
    ///   - overwritesMatrices: the gradients of the layers' matrices are written instead: what they held was another step's.
    package func backward(
        _ dx: FloatMatrix,
        batch: PackedBatch,
        gradients: DecoderGradients,
        overwritingMatrices overwritesMatrices: Bool = false
    ) throws(TensorError) {
        precondition(recording != .nothing, "a backward pass after a forward pass that kept nothing")
        precondition(dx.rows == batch.rows && dx.columns == model.configuration.width)
        let rows = 0..<batch.rows
        let lowest = gradients.lowestTrained
        for index in stride(from: model.layers.count - 1, through: lowest, by: -1) {
            let layer = model.layers[index]
            let tables = tables(of: layer, rows: rows)
            let tape = tape(index, rows: rows)
            let workspace = workspace.rows(rows)
            if recording == .inputs {
                let x = stream.rows(rows)
                x.copy(from: inputs[index].rows(rows))
                try layer.forward(x, batch: batch, tables: tables, tape: tape, workspace: workspace, step: step)
            }
            let places = gradients.layers[index]
            try layer.backward(
                dx,
                batch: batch,
                tables: tables,
                tape: tape,
                gradients: overwritesMatrices ? places.overwritingMatrices : places,
                workspace: workspace,
                step: step
            )
        }
        if let embedding = gradients.embedding {
            try step.context.scatterAdd(
                dx,
                toRows: batch.tokens,
                factor: model.configuration.embeddingScale,
                of: embedding
            )
        }
    }

    private func tape(_ layer: Int, rows: Range<Int>) -> DecoderLayerTape {
        tapes[recording == .activations ? layer : 0].rows(rows)
    }

    private func tables(of layer: DecoderLayer, rows: Range<Int>) -> RotaryTables {
        (layer.reach == .sliding ? slidingTables ?? fullTables : fullTables).rows(rows)
    }
}
