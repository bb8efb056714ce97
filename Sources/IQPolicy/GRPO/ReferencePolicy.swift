// The policy that a training is held near to.

package import IQModel
package import IQTensor
package import IQTraining

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// A frozen model that computes log-probabilities of packed batches: the base under the adapters, in the same memory, or a
/// copy of the model that a full training begins with. Not Sendable.
package final class ReferencePolicy {
    package let pass: DecoderTrainingPass
    package let head: VocabularyHead

    /// - Parameter url: where a full training's model is read again, in f32.
    package init(session: TrainingSession, modelAt url: URL) throws {
        let model: DecoderModel
        if let base = session.decoder.reference {
            model = base
        } else {
            let loaded = try loadModel(at: url, precision: .converted(.f32), context: session.context)
            guard case .decoder(let configuration, let weights) = loaded.weights else {
                throw GenerationError.notADecoder(architecture: ModelInformation(loaded).architecture)
            }
            model = try DecoderModel(configuration: configuration, weights: weights)
        }
        let step = TrainingStep(context: session.context, precision: session.settings.precision)
        let rows = session.settings.tokensPerMicroBatch
        pass = try DecoderTrainingPass(model: model, capacity: rows, recording: .nothing, step: step)
        head = try VocabularyHead(model: model, rows: rows, step: step)
    }

    /// ln p of the targets.
    package func logProbabilities(_ micro: PolicyMicroBatch, temperature: Float) throws(TensorError) -> [Double] {
        try head.statistics(try pass.forward(micro.batch), targets: micro.targets, temperature: temperature)
            .logProbabilities.map(Double.init)
    }
}
