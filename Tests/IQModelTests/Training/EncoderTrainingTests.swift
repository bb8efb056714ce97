// A classifier learns, is written, and is read again.

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

@Suite struct EncoderTrainingTests {
    /// Steps against the gradient lower the loss; what has been learnt is in the folder, and nothing else has changed.
    @Test(arguments: EncoderGradientGoldenTests.models) func trainedClassifierSurvivesItsFolder(name: String) throws {
        let expected = try TestModel.expected(name, as: EncoderGradientGoldenTests.Expected.self)
        let sequences = expected.items.map(\.input_ids)
        let bench = try EncoderBench(name)
        for _ in 0..<5 {
            bench.encoder.parameters.gradients.withFloats { $0.update(repeating: 0) }
            try bench.crossEntropy(sequences, labels: expected.labels)
            bench.descend(rate: 0.05)
        }
        let loss = try bench.loss(sequences, labels: expected.labels)
        #expect(loss < 0.75 * expected.loss)

        let folder = try TemporaryFolder()
        try saveFolder(
            bench.encoder.configuration,
            bench.encoder.currentWeights,
            to: folder.url,
            context: bench.context
        )
        let read = try loadModel(at: folder.url, precision: .stored, context: bench.context)
        guard case .encoder(let configuration, let weights) = read.weights else {
            Issue.record("no encoder was written")
            return
        }
        #expect(configuration == bench.encoder.configuration)
        let written = Dictionary(
            uniqueKeysWithValues: weights.parameters(in: configuration).map { ($0.name, $0.value.floats) }
        )
        let current = bench.encoder.currentWeights.parameters(in: configuration)
        #expect(written.count == current.count)
        for (parameter, _, value) in current { #expect(written[parameter] == value.floats, "\(parameter)") }
    }

    /// A bare encoder gets a head of its own, begins with even odds, and can be written as a classifier.
    @Test(arguments: EncoderGradientGoldenTests.models) func bareEncoderGetsAClassifier(name: String) throws {
        let context = try testContext()
        let model = try loadModel(at: TestModel.fixture(name), precision: .stored, context: context)
        guard case .encoder(var configuration, var weights) = model.weights else {
            Issue.record("\(name) is no encoder")
            return
        }
        configuration.labels = []
        weights.classifier = nil
        let labels = ["no", "yes", "perhaps", "never"]
        let (withHead, headed) = try weights.addingClassifier(labels: labels, to: configuration, seed: 2)
        #expect(withHead.labels == labels && headed.classifier?.matrix.rows == 4)
        // RoBERTa's pooler belongs to the head of its task; BERT's was pre-trained and stays.
        let poolerIsNew = headed.pooler?.matrix.floats != weights.pooler?.matrix.floats
        #expect(poolerIsNew == (configuration.family == .roberta))
        let bench = try EncoderBench(configuration: withHead, weights: headed, context: context)
        let loss = try bench.loss([[5, 6, 7], [8, 9]], labels: [0, 3])
        #expect(abs(loss - 1.386) < 0.1)
    }

    @Test func encodersAreNotWrittenAsGGUF() throws {
        let folder = try TemporaryFolder()
        #expect(throws: ModelError.self) {
            try convertModel(
                at: TestModel.fixture("bert_classifier"),
                to: folder.url.appending(path: "encoder.gguf"),
                as: .gguf()
            )
        }
        try convertModel(
            at: TestModel.fixture("bert_classifier"),
            to: folder.url.appending(path: "encoder"),
            as: .huggingFaceFolder(.bf16)
        )
    }
}

/// An encoder in training with everything that a pass needs.
final class EncoderBench {
    let encoder: TrainableEncoder
    let context: ComputeContext
    let pass: EncoderTrainingPass
    let head: ClassificationHead

    convenience init(
        _ name: String,
        level: InstructionLevel = .best,
        recording: EncoderTrainingPass.Recording = .activations,
        isTrained: (EncoderParameter) -> Bool = { _ in true }
    ) throws {
        let context = try ComputeContext(threads: 2, level: level)
        let model = try loadModel(at: TestModel.fixture(name), precision: .stored, context: context)
        guard case .encoder(let configuration, let weights) = model.weights else {
            throw GenerationError.notADecoder(architecture: name)
        }
        try self.init(
            configuration: configuration,
            weights: weights,
            recording: recording,
            isTrained: isTrained,
            context: context
        )
    }

    init(
        configuration: EncoderConfiguration,
        weights: EncoderWeights,
        recording: EncoderTrainingPass.Recording = .activations,
        isTrained: (EncoderParameter) -> Bool = { _ in true },
        context: ComputeContext
    ) throws {
        self.context = context
        encoder = try TrainableEncoder(
            configuration: configuration,
            weights: weights,
            isTrained: isTrained,
            context: context
        )
        let step = TrainingStep(context: context, precision: .f32)
        pass = try EncoderTrainingPass(model: encoder.model, capacity: 64, recording: recording, step: step)
        head = try ClassificationHead(model: encoder.model, capacity: 8, step: step)
    }

    static func packed(_ sequences: [[TokenID]]) -> PackedBatch {
        var batch = PackedBatch()
        for sequence in sequences { batch.append(sequence) }
        return batch
    }

    /// Mean cross-entropy; adds its gradients.
    @discardableResult
    func crossEntropy(_ sequences: [[TokenID]], labels: [Int32]) throws -> Double {
        let batch = Self.packed(sequences)
        let hidden = try pass.forward(batch)
        let dhidden = try FloatMatrix(rows: batch.rows, columns: encoder.configuration.width)
        let losses = try head.backward(
            hidden,
            labels: labels,
            weights: [Float](repeating: 1 / Float(labels.count), count: labels.count),
            batch: batch,
            addingTo: dhidden,
            gradients: encoder.gradients
        )
        try pass.backward(dhidden, batch: batch, gradients: encoder.gradients)
        return mean(losses)
    }

    func loss(_ sequences: [[TokenID]], labels: [Int32]) throws -> Double {
        let batch = Self.packed(sequences)
        return mean(try head.losses(try pass.forward(batch), labels: labels, batch: batch))
    }

    /// One step of plain gradient descent.
    func descend(rate: Float) {
        let parameters = encoder.parameters
        parameters.gradients.withFloats { gradients in
            parameters.values.buffer.withFloats { values in
                for index in values.indices { values[index] -= rate * gradients[index] }
            }
        }
    }

    /// Gradients by name, each a flat list.
    var gradients: [String: [Float]] {
        var result: [String: [Float]] = [:]
        for (index, entry) in encoder.parameters.entries.enumerated() {
            result[entry.name] = encoder.parameters.gradient(index).values
        }
        return result
    }

    private func mean(_ losses: [Float]) -> Double { losses.reduce(0) { $0 + Double($1) } / Double(losses.count) }
}

extension ParameterValue {
    /// The numbers of a value in f32.
    fileprivate var floats: [Float] { withBytes { [Float]($0.bindMemory(to: Float.self)) } }
}

extension WeightMatrix {
    fileprivate var floats: [Float] { withBytes { [Float]($0.bindMemory(to: Float.self)) } }
}
