// Final norm, output head and log-softmax over chosen rows, forward and backward, in blocks of rows: the logits of a whole
// batch never exist at once.

package import IQTensor
package import IQText

/// Rows of the residual stream, and the token that each should predict. A row may occur several times, with several
/// tokens: the last row of a shared prompt predicts the first token of each continuation.
package struct TokenTargets: Sendable {
    package private(set) var rows: [Int32] = []
    package private(set) var tokens: [TokenID] = []

    package init() {}

    package var count: Int { rows.count }

    package mutating func append(row: Int, token: TokenID) {
        rows.append(Int32(row))
        tokens.append(token)
    }

    /// Adds every token of a segment that some row of its sequence predicts; returns their places in this list. The first
    /// token of a sequence is predicted by none.
    @discardableResult
    package mutating func append(segment: Int, of batch: PackedBatch) -> Range<Int> {
        let start = count
        var before = batch.rowBefore(segment)
        for row in batch.segments[segment].rows {
            if let before { append(row: before, token: batch.tokens[row]) }
            before = row
        }
        return start..<count
    }
}

/// What the head says of each target.
package struct TokenStatistics: Sendable {
    /// log p(token), in nats.
    package var logProbabilities: [Float]
    /// Entropy of the row's distribution, in nats; empty where it was not asked for.
    package var entropies: [Float]

    package init(logProbabilities: [Float] = [], entropies: [Float] = []) {
        self.logProbabilities = logProbabilities
        self.entropies = entropies
    }
}

/// The derivative of the loss in what the head says of each target of a block.
package struct TokenGradients: Sendable {
    package var logProbabilities: [Float]
    /// nil where the entropy takes no part.
    package var entropies: [Float]?

    package init(logProbabilities: [Float], entropies: [Float]? = nil) {
        self.logProbabilities = logProbabilities
        self.entropies = entropies
    }
}

/// The output end of a decoder in training.
///
/// A block is as many rows as fit into a bound on bytes, times the whole vocabulary; within it the products run over the
/// vocabulary in panels.
package final class VocabularyHead {
    package let model: DecoderModel
    package let step: TrainingStep
    /// Rows of one block.
    package let blockRows: Int
    private let selected: FloatMatrix
    private let normed: FloatMatrix
    private let dnormed: FloatMatrix
    private let dselected: FloatMatrix
    private let logits: FloatMatrix
    /// tanh(raw / cap), where the logits are bounded.
    private let bounded: FloatMatrix?

    /// The default bound on the bytes of a block of logits.
    package static let standardBlockBytes = 128 << 20

    /// - Parameters:
    ///   - rows: the most targets that a call will have; fewer rows than a block holds make the block smaller.
    package init(
        model: DecoderModel,
        rows: Int,
        step: TrainingStep,
        blockBytes: Int = VocabularyHead.standardBlockBytes
    ) throws(TensorError) {
        self.model = model
        self.step = step
        let configuration = model.configuration
        let block = Self.blockRows(rows: rows, vocabularySize: configuration.vocabularySize, blockBytes: blockBytes)
        blockRows = block
        selected = try FloatMatrix(rows: block, columns: configuration.width)
        normed = try FloatMatrix(rows: block, columns: configuration.width)
        dnormed = try FloatMatrix(rows: block, columns: configuration.width)
        dselected = try FloatMatrix(rows: block, columns: configuration.width)
        logits = try FloatMatrix(rows: block, columns: configuration.vocabularySize)
        bounded =
            configuration.finalSoftCap == nil
            ? nil : try FloatMatrix(rows: block, columns: configuration.vocabularySize)
    }

    private static func blockRows(rows: Int, vocabularySize: Int, blockBytes: Int) -> Int {
        let most = max(1, blockBytes / (vocabularySize * MemoryLayout<Float>.stride))
        let rows = max(rows, 1)
        // Blocks of nearly equal size: a short last one would waste its product.
        let blocks = (rows + most - 1) / most
        return (rows + blocks - 1) / blocks
    }

    /// Bytes that a head for up to `rows` targets allocates.
    package static func byteCount(
        configuration: DecoderConfiguration,
        rows: Int,
        blockBytes: Int = VocabularyHead.standardBlockBytes
    ) -> Int {
        let block = blockRows(rows: rows, vocabularySize: configuration.vocabularySize, blockBytes: blockBytes)
        let logitRows = configuration.finalSoftCap == nil ? 1 : 2
        return block * (4 * configuration.width + logitRows * configuration.vocabularySize) * MemoryLayout<Float>.stride
    }

    // MARK: Log-probabilities

    /// Log-probabilities of the targets under softmax(logits / temperature), and the entropies where asked for.
    package func statistics(
        _ stream: FloatMatrix,
        targets: TokenTargets,
        temperature: Float = 1,
        wantsEntropy: Bool = false
    ) throws(TensorError) -> TokenStatistics {
        var statistics = TokenStatistics()
        for range in blocks(targets.count) {
            let block = try forward(stream, rows: Array(targets.rows[range]))
            _ = try measure(
                block.logits,
                tokens: targets.tokens[range],
                temperature: temperature,
                wantsEntropy: wantsEntropy,
                into: &statistics
            )
        }
        return statistics
    }

    /// Log-probabilities of the targets, and the backward pass of a loss in them, in one go: the logits of a block are
    /// computed once.
    ///
    /// - Parameters:
    ///   - dstream: where the gradient at the stream is added: [T, C].
    ///   - gradients: where the gradients of final norm and output head are added.
    ///   - loss: called for each block with its places among the targets and their statistics; returns the derivatives.
    package func backward(
        _ stream: FloatMatrix,
        targets: TokenTargets,
        temperature: Float = 1,
        wantsEntropy: Bool = false,
        addingTo dstream: FloatMatrix,
        gradients: DecoderGradients,
        loss: (_ places: Range<Int>, _ statistics: TokenStatistics) -> TokenGradients
    ) throws(TensorError) -> TokenStatistics {
        var statistics = TokenStatistics()
        for range in blocks(targets.count) {
            let rows = Array(targets.rows[range])
            let tokens = Array(targets.tokens[range])
            let block = try forward(stream, rows: rows)
            let (logSumExp, entropies) = try measure(
                block.logits,
                tokens: targets.tokens[range],
                temperature: temperature,
                wantsEntropy: wantsEntropy,
                into: &statistics
            )
            let derivatives = loss(
                range,
                TokenStatistics(logProbabilities: Array(statistics.logProbabilities[range]), entropies: entropies)
            )
            precondition(
                derivatives.logProbabilities.count == range.count
                    && (derivatives.entropies.map { wantsEntropy && $0.count == range.count } ?? true),
                "\(derivatives.logProbabilities.count) derivatives for \(range.count) targets"
            )
            try step.context.softmaxBackward(
                block.logits,
                inverseTemperature: 1 / temperature,
                logSumExp: logSumExp,
                targets: tokens,
                dlogp: derivatives.logProbabilities,
                entropy: derivatives.entropies.map { (entropies, $0) }
            )
            try backward(block, rows: rows, addingTo: dstream, gradients: gradients)
        }
        return statistics
    }

    // MARK: Divergence from a teacher

    /// Divergence of the student's distribution from the teacher's at each pair of rows, over the whole vocabulary; and
    /// where `derivatives` are given, the backward pass of a loss in the divergences.
    ///
    /// - Parameters:
    ///   - rows: rows of the student's stream.
    ///   - teacher: the teacher's head, of the same vocabulary and block size.
    ///   - teacherRows: for each of `rows`, the row of the teacher's stream.
    ///   - temperature: of both distributions.
    ///   - derivatives: of the loss in each divergence, with where the gradients are added.
    package func divergence(
        _ kind: DivergenceKind,
        _ stream: FloatMatrix,
        rows: [Int32],
        teacher: VocabularyHead,
        teacherStream: FloatMatrix,
        teacherRows: [Int32],
        temperature: Float = 1,
        backward derivatives: (values: [Float], dstream: FloatMatrix, gradients: DecoderGradients)? = nil
    ) throws(TensorError) -> [Float] {
        precondition(
            rows.count == teacherRows.count
                && model.configuration.vocabularySize == teacher.model.configuration.vocabularySize
                && teacher.blockRows >= blockRows && (derivatives.map { $0.values.count == rows.count } ?? true),
            "divergence: \(rows.count) rows and \(teacherRows.count) of the teacher"
        )
        var divergences: [Float] = []
        for range in blocks(rows.count) {
            let block = try forward(stream, rows: Array(rows[range]))
            let teacherBlock = try teacher.forward(teacherStream, rows: Array(teacherRows[range]))
            divergences += try step.context.divergence(
                kind,
                logits: block.logits,
                logSumExp: try logSumExp(block.logits, temperature: temperature),
                teacherLogits: teacherBlock.logits,
                teacherLogSumExp: try logSumExp(teacherBlock.logits, temperature: temperature),
                inverseTemperature: 1 / temperature,
                dvalue: derivatives.map { Array($0.values[range]) }
            )
            if let derivatives {
                try backward(
                    block,
                    rows: Array(rows[range]),
                    addingTo: derivatives.dstream,
                    gradients: derivatives.gradients
                )
            }
        }
        return divergences
    }

    // MARK: Blocks

    /// Views of the head's memory for the rows of one block.
    struct Block {
        let selected: FloatMatrix  // [n, C]
        let normed: FloatMatrix  // [n, C]
        let logits: FloatMatrix  // [n, V]
        let bounded: FloatMatrix?  // [n, V]
    }

    func blocks(_ count: Int) -> [Range<Int>] {
        stride(from: 0, to: count, by: blockRows).map { $0..<min($0 + blockRows, count) }
    }

    func forward(_ stream: FloatMatrix, rows: [Int32]) throws(TensorError) -> Block {
        let context = step.context
        let range = 0..<rows.count
        let block = Block(
            selected: selected.rows(range),
            normed: normed.rows(range),
            logits: logits.rows(range),
            bounded: bounded?.rows(range)
        )
        context.gatherRows(of: stream, rows, into: block.selected)
        try model.finalNorm.forward(block.selected, into: block.normed, on: context)
        try model.outputHead.forward(block.normed, into: block.logits, step: step)
        if let cap = model.configuration.finalSoftCap, let bounded = block.bounded {
            try context.scale(block.logits, by: 1 / cap)
            try context.tanh(block.logits, into: bounded)
            block.logits.copy(from: bounded)
            try context.scale(block.logits, by: cap)
        }
        return block
    }

    /// The backward pass from the gradient at the block's logits, which stands in their place.
    func backward(
        _ block: Block,
        rows: [Int32],
        addingTo dstream: FloatMatrix,
        gradients: DecoderGradients
    ) throws(TensorError) {
        let context = step.context
        let range = 0..<rows.count
        let dnormed = dnormed.rows(range)
        let dselected = dselected.rows(range)
        if let bounded = block.bounded {
            try context.tanhBackward(bounded, dy: block.logits, into: block.logits)
        }
        let isTied = model.configuration.tiesEmbeddings
        let matrix = LinearGradients(matrix: isTied ? gradients.embedding : gradients.outputHead)
        switch step.precision {
        case .f32:
            try model.outputHead.backward(block.normed, dy: block.logits, dx: dnormed, gradients: matrix, step: step)
        case .bf16:
            // Nobody needs the gradient at the logits in f32.
            let dlogits = try context.roundedInPlace(block.logits)
            try model.outputHead.backwardRounded(block.normed, dy: dlogits, dx: dnormed, gradients: matrix, step: step)
        }
        dselected.fill(0)
        try model.finalNorm.backward(
            block.selected,
            dy: dnormed,
            addingTo: dselected,
            dweight: gradients.finalNorm,
            on: context
        )
        try context.scatterAdd(dselected, toRows: rows, of: dstream)
    }

    /// Adds a block's log-probabilities and entropies to the statistics; returns its log-sum-exps and entropies.
    private func measure(
        _ logits: FloatMatrix,
        tokens: ArraySlice<TokenID>,
        temperature: Float,
        wantsEntropy: Bool,
        into statistics: inout TokenStatistics
    ) throws(TensorError) -> (logSumExp: [Float], entropies: [Float]) {
        var sums: [Float] = []
        var entropies: [Float] = []
        try step.context.softmaxStatistics(
            logits,
            inverseTemperature: 1 / temperature,
            logSumExp: &sums,
            entropy: &entropies,
            wantsEntropy: wantsEntropy
        )
        for (index, token) in tokens.enumerated() {
            statistics.logProbabilities.append(logits[index, Int(token)] / temperature - sums[index])
        }
        statistics.entropies += entropies
        return (sums, entropies)
    }

    func logSumExp(_ logits: FloatMatrix, temperature: Float) throws(TensorError) -> [Float] {
        var sums: [Float] = []
        var entropies: [Float] = []
        try step.context.softmaxStatistics(
            logits,
            inverseTemperature: 1 / temperature,
            logSumExp: &sums,
            entropy: &entropies,
            wantsEntropy: false
        )
        return sums
    }
}
