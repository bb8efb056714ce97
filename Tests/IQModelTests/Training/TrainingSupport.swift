// A decoder in training, for tests: batches, losses and gradients by name.

import IQTensor
import IQText
import Testing
import _IQTestSupport

import IQModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A trainable decoder with everything that a pass needs.
final class TrainingBench {
    let decoder: TrainableDecoder
    let context: ComputeContext
    let pass: DecoderTrainingPass
    let head: VocabularyHead

    init(
        _ name: String,
        level: InstructionLevel = .best,
        threads: Int = 2,
        precision: MatrixPrecision = .f32,
        recording: DecoderTrainingPass.Recording = .activations,
        blockBytes: Int = VocabularyHead.standardBlockBytes,
        isTrained: (DecoderParameter) -> Bool = { _ in true }
    ) throws {
        context = try ComputeContext(threads: threads, level: level)
        let model = try loadModel(at: GoldenFiles.url(name), precision: .stored, context: context)
        guard case .decoder(let configuration, let weights) = model.weights else {
            throw GenerationError.notADecoder(architecture: name)
        }
        decoder = try TrainableDecoder(
            configuration: configuration,
            weights: weights,
            isTrained: isTrained,
            context: context
        )
        let step = TrainingStep(context: context, precision: precision)
        pass = try DecoderTrainingPass(model: decoder.model, capacity: 128, recording: recording, step: step)
        head = try VocabularyHead(model: decoder.model, rows: 128, step: step, blockBytes: blockBytes)
    }

    /// Mean cross-entropy of the targets; adds its gradients.
    @discardableResult
    func crossEntropy(_ batch: PackedBatch, _ targets: TokenTargets) throws -> Double {
        let stream = try pass.forward(batch)
        let dstream = try FloatMatrix(rows: batch.rows, columns: decoder.configuration.width)
        let statistics = try head.backward(
            stream,
            targets: targets,
            addingTo: dstream,
            gradients: decoder.gradients
        ) { places, _ in
            TokenGradients(
                logProbabilities: [Float](repeating: -1 / Float(targets.count), count: places.count)
            )
        }
        try pass.backward(dstream, batch: batch, gradients: decoder.gradients)
        return statistics.meanLoss
    }

    /// Mean cross-entropy of the targets, forward only.
    func loss(_ batch: PackedBatch, _ targets: TokenTargets) throws -> Double {
        try head.statistics(try pass.forward(batch), targets: targets).meanLoss
    }

    /// Gradients by name, each a flat list.
    var gradients: [String: [Float]] {
        var result: [String: [Float]] = [:]
        for (index, entry) in decoder.parameters.entries.enumerated() {
            result[entry.name] = decoder.parameters.gradient(index).values
        }
        return result
    }
}

extension TokenStatistics {
    var meanLoss: Double { -logProbabilities.reduce(0) { $0 + Double($1) } / Double(max(logProbabilities.count, 1)) }
}

/// Length of the difference over the length of the expected vector.
func relativeNormDifference(_ found: [Float], _ expected: [Float]) -> Double {
    guard found.count == expected.count, found.allSatisfy(\.isFinite) else { return .infinity }
    var difference = 0.0
    var norm = 0.0
    for (a, b) in zip(found, expected) {
        difference += (Double(a) - Double(b)) * (Double(a) - Double(b))
        norm += Double(b) * Double(b)
    }
    return norm > 0 ? (difference / norm).squareRoot() : difference.squareRoot()
}
