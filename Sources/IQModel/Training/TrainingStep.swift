// What the layers need to know of the training step that they are part of.

package import IQTensor

/// Where and how a training step computes.
package struct TrainingStep {
    package let context: ComputeContext
    /// Format of the operands of matrix products.
    package let precision: MatrixPrecision

    package init(context: ComputeContext, precision: MatrixPrecision) {
        self.context = context
        self.precision = precision
    }
}
