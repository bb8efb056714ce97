// What every kind of training must know, whatever its loss.

package import IQModel
package import IQTensor

/// The settings of a ``TrainingSession``. Trainers make them from their own, checked options.
package struct TrainingSettings: Sendable {
    package var method: TrainingMethod
    package var precision: MatrixPrecision
    /// The most rows of one pass.
    package var tokensPerMicroBatch: Int
    package var recomputesActivations: Bool
    package var adamW: AdamWOptions
    /// The largest gradient norm; nil leaves gradients as they are.
    package var gradientClipping: Double?
    /// So many steps in a row that are not finite end the training.
    package var nonFiniteLimit: Int
    package var seed: UInt64

    package init(
        method: TrainingMethod,
        precision: MatrixPrecision,
        tokensPerMicroBatch: Int,
        recomputesActivations: Bool,
        adamW: AdamWOptions,
        gradientClipping: Double?,
        nonFiniteLimit: Int,
        seed: UInt64
    ) {
        self.method = method
        self.precision = precision
        self.tokensPerMicroBatch = tokensPerMicroBatch
        self.recomputesActivations = recomputesActivations
        self.adamW = adamW
        self.gradientClipping = gradientClipping
        self.nonFiniteLimit = nonFiniteLimit
        self.seed = seed
    }

    package var recording: DecoderTrainingPass.Recording { recomputesActivations ? .inputs : .activations }
}
