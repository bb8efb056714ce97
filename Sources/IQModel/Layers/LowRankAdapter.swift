// A low-rank change of a linear layer's weights: LoRA (Hu et al., arXiv 2106.09685).

package import IQTensor

/// y += scale · (x · Aᵀ) · Bᵀ beside a linear layer, whose own weights are not touched.
package struct LowRankAdapter: Sendable {
    /// A: [r, input features], f32.
    package let down: WeightMatrix
    /// B: [output features, r], f32.
    package let up: WeightMatrix
    /// alpha / r, or alpha / √r (rank-stabilised: Kalajdzievski, arXiv 2312.03732).
    package let scale: Float
    /// Probability with which a training pass drops a number of the adapter's input.
    package let dropoutRate: Float
    /// Number of this adapter in its model: its dropout has a random stream of its own.
    package let number: Int

    package init(down: WeightMatrix, up: WeightMatrix, scale: Float, dropoutRate: Float = 0, number: Int = 0) {
        precondition(
            down.format == .f32 && up.format == .f32 && down.rows == up.columns && down.rows > 0,
            "an adapter of A \(down.rows)x\(down.columns) \(down.format) and B \(up.rows)x\(up.columns) \(up.format)"
        )
        precondition(dropoutRate >= 0 && dropoutRate < 1, "dropout rate \(dropoutRate)")
        self.down = down
        self.up = up
        self.scale = scale
        self.dropoutRate = dropoutRate
        self.number = number
    }

    package var rank: Int { down.rows }

    /// y: [T, output features] += scale · (x · Aᵀ) · Bᵀ for x: [T, input features].
    package func add(_ x: FloatMatrix, to y: FloatMatrix, on context: ComputeContext) throws(TensorError) {
        let narrow = try context.scratch(.narrow, rows: x.rows, columns: rank)  // [T, r]
        try context.linear(x, down, into: narrow)
        try context.multiply(narrow, up, transposed: true, alpha: scale, beta: 1, into: y)
    }

    // MARK: Training

    // Products with A and B stay in f32 in every precision: they are a small part of the work, and the adapter is all
    // that learns.

    /// The same with dropout on x, where the step drops.
    package func add(_ x: FloatMatrix, to y: FloatMatrix, step: TrainingStep) throws(TensorError) {
        let context = step.context
        let narrow = try context.scratch(.narrow, rows: x.rows, columns: rank)  // [T, r]
        try context.multiply(try dropped(x, step: step), down, transposed: true, into: narrow)
        try context.multiply(narrow, up, transposed: true, alpha: scale, beta: 1, into: y)
    }

    /// dx += the gradient at x, and dA and dB += where they are given.
    ///
    /// - Parameters:
    ///   - x: what ``add(_:to:step:)`` was given; the step must drop as it did then.
    ///   - dy: [T, output features].
    ///   - dx: [T, input features], or nil where nobody needs it.
    ///   - ddown: [r, input features], or nil where A is frozen.
    ///   - dup: [output features, r], or nil where B is frozen.
    package func backward(
        _ x: FloatMatrix,
        dy: FloatMatrix,
        addingTo dx: FloatMatrix?,
        ddown: FloatMatrix?,
        dup: FloatMatrix?,
        step: TrainingStep
    ) throws(TensorError) {
        let context = step.context
        // x · Aᵀ is computed again: reading x once more costs less than keeping [T, r] for every layer.
        let input = ddown != nil || dup != nil ? try dropped(x, step: step) : x
        if let dup {
            let narrow = try context.scratch(.narrow, rows: x.rows, columns: rank)  // [T, r]
            try context.multiply(input, down, transposed: true, into: narrow)
            try context.multiply(dy, transposed: true, narrow, alpha: scale, beta: 1, into: dup)
        }
        guard ddown != nil || dx != nil else { return }
        let dnarrow = try context.scratch(.narrowGradient, rows: x.rows, columns: rank)  // [T, r]
        try context.multiply(dy, up, alpha: scale, into: dnarrow)
        if let ddown { try context.multiply(dnarrow, transposed: true, input, beta: 1, into: ddown) }
        guard let dx else { return }
        guard let random = random(step) else {
            return try context.multiply(dnarrow, down, beta: 1, into: dx)
        }
        let dinput = try context.scratch(.wideGradient, rows: x.rows, columns: x.columns)  // [T, input features]
        try context.multiply(dnarrow, down, into: dinput)
        try context.dropout(dinput, rate: dropoutRate, random: random, into: dinput)
        try context.add(dinput, to: dx)
    }

    /// x, or x with numbers dropped, in scratch memory.
    private func dropped(_ x: FloatMatrix, step: TrainingStep) throws(TensorError) -> FloatMatrix {
        guard let random = random(step) else { return x }
        let result = try step.context.scratch(.wide, rows: x.rows, columns: x.columns)
        try step.context.dropout(x, rate: dropoutRate, random: random, into: result)
        return result
    }

    /// The stream of the mask; nil where nothing is dropped.
    private func random(_ step: TrainingStep) -> RandomStream? {
        dropoutRate > 0 ? step.dropout?.stream(site: number) : nil
    }
}
