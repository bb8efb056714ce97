// What the layers need to know of the training step that they are part of.

package import IQTensor

/// Where and how a training step computes.
package struct TrainingStep {
    package let context: ComputeContext
    /// Format of the operands of matrix products.
    package let precision: MatrixPrecision
    /// What dropout draws; nil drops nothing, as in evaluation.
    package var dropout: DropoutDraw?

    package init(context: ComputeContext, precision: MatrixPrecision, dropout: DropoutDraw? = nil) {
        self.context = context
        self.precision = precision
        self.dropout = dropout
    }
}

/// The random numbers of dropout in one pass. They depend on these two numbers and on the place in the model alone, so
/// that the backward pass draws the same ones again and a resumed run those of an unbroken one.
package struct DropoutDraw: Sendable, Hashable {
    package let seed: UInt64
    /// Number of the pass: no two passes of a run, on any rank, may have the same.
    package let pass: UInt64

    /// - Parameters:
    ///   - seed: the run's seed.
    ///   - pass: 0 ..< 2⁴³, such as (step · micro-batches + micro-batch) · ranks + rank.
    package init(seed: UInt64, pass: UInt64) {
        precondition(pass < 1 << 43, "pass \(pass)")
        self.seed = seed
        self.pass = pass
    }

    /// The stream of a place that drops, of at most 2²⁰ in a model. The highest bit keeps these streams apart from those
    /// that are numbered from 0 (the order of data, sampling).
    func stream(site: Int) -> RandomStream {
        precondition(site >= 0 && site < 1 << 20, "dropout at place \(site)")
        return RandomStream(seed: seed, stream: 1 << 63 | pass << 20 | UInt64(site))
    }
}
