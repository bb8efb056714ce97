// Three steps of AdamW on the tiny recorded models end where PyTorch's end.

import IQTensor
import IQText
import IQTraining
import Testing
import _IQTestSupport

import IQModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct OptimizationGoldenTests {
    static let models = ["llama_tied", "llama_untied", "qwen2", "qwen3", "gemma3_text"]

    struct Golden: Decodable {
        struct Settings: Decodable {
            var lr: Double
            var betas: [Float]
            var eps: Float
            var weight_decay: Float
            var losses: [Double]
            var loss_after_3: Double
        }
        var adamw: Settings
        var input_ids: [[TokenID]]
    }

    /// The decay was on every parameter in the recording.
    @Test(arguments: models, InstructionLevel.supported)
    func threeStepsEqualPyTorch(name: String, level: InstructionLevel) throws {
        let golden = try JSONDecoder().decode(Golden.self, from: try GoldenFiles.data("\(name)/golden.json"))
        let context = try ComputeContext(threads: 2, level: level)
        let loaded = try loadModel(at: GoldenFiles.url(name), precision: .stored, context: context)
        guard case .decoder(let configuration, let weights) = loaded.weights else {
            Issue.record("\(name) is no decoder")
            return
        }
        let decoder = try TrainableDecoder(configuration: configuration, weights: weights, context: context)
        let step = TrainingStep(context: context, precision: .f32)
        let pass = try DecoderTrainingPass(model: decoder.model, capacity: 64, recording: .activations, step: step)
        let head = try VocabularyHead(model: decoder.model, rows: 64, step: step)
        var batch = PackedBatch()
        var targets = TokenTargets()
        for ids in golden.input_ids { targets.append(segment: batch.append(ids), of: batch) }

        let settings = golden.adamw
        let optimizer = try AdamW(
            parameters: decoder.parameters,
            options: try AdamWOptions(
                beta1: settings.betas[0],
                beta2: settings.betas[1],
                epsilon: settings.eps,
                weightDecay: settings.weight_decay,
                decaysNormsAndBiases: true
            )
        )
        func loss() throws -> Double {
            let found = try head.statistics(try pass.forward(batch), targets: targets).logProbabilities
            return -found.reduce(0) { $0 + Double($1) } / Double(found.count)
        }
        for expected in settings.losses {
            try context.clear(decoder.parameters.gradients)
            #expect(abs(try loss() - expected) < 2e-6 * expected)
            let stream = try pass.forward(batch)
            let dstream = try FloatMatrix(rows: batch.rows, columns: configuration.width)
            _ = try head.backward(stream, targets: targets, addingTo: dstream, gradients: decoder.gradients) {
                places,
                _ in
                TokenGradients(logProbabilities: [Float](repeating: -1, count: places.count))
            }
            try pass.backward(dstream, batch: batch, gradients: decoder.gradients)
            // The gradients are of the summed loss; the recorded loss is a mean.
            try optimizer.step(
                learningRate: settings.lr,
                gradientScale: 1 / Double(targets.count),
                context: context
            )
        }
        #expect(abs(try loss() - settings.loss_after_3) < 2e-6 * settings.loss_after_3)
        let expected = try GoldenTensors(contentsOf: GoldenFiles.url("\(name)/params_after3.safetensors"))
        #expect(Set(decoder.parameters.entries.map(\.name)) == Set(expected.tensors.keys))
        for (index, entry) in decoder.parameters.entries.enumerated() {
            let values = decoder.parameters.value(index).values
            let golden = expected[entry.name]?.floats ?? []
            #expect(relativeNorm(of: values, golden) < 1e-6, "\(entry.name) of \(name) at \(level)")
            // Adam divides a gradient by its own size: where that is near 0, rounding moves a single weight by up to a
            // few thousandths of the learning rate of 1e-3, in PyTorch's f32 too.
            let largest = zip(values, golden).map { abs($0 - $1) }.max() ?? .infinity
            #expect(largest < 5e-6, "\(entry.name) of \(name) at \(level)")
        }
    }
}

/// Length of the difference over the length of the expected vector.
private func relativeNorm(of found: [Float], _ expected: [Float]) -> Double {
    guard found.count == expected.count else { return .infinity }
    var difference = 0.0
    var norm = 0.0
    for (a, b) in zip(found, expected) {
        difference += (Double(a) - Double(b)) * (Double(a) - Double(b))
        norm += Double(b) * Double(b)
    }
    return (difference / norm).squareRoot()
}
