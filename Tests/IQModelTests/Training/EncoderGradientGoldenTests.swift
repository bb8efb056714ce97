// Gradients of tiny BERT and RoBERTa classifiers equal PyTorch's. Scripts/record-model-fixtures.py recorded them.

import IQTensor
import IQText
import Testing
import _IQTestSupport

import IQModel

@Suite struct EncoderGradientGoldenTests {
    static let models = ["bert_classifier", "roberta_classifier"]

    struct Expected: Decodable {
        struct Item: Decodable { var input_ids: [TokenID] }
        var items: [Item]
        var labels: [Int32]
        var loss: Double
    }

    @Test(arguments: models, InstructionLevel.supported)
    func classifierGradientsEqualPyTorch(name: String, level: InstructionLevel) throws {
        let expected = try TestModel.expected(name, as: Expected.self)
        let recorded = try GoldenTensors(contentsOf: TestModel.fixture(name).appending(path: "gradients.safetensors"))
        for recording in [EncoderTrainingPass.Recording.activations, .inputs] {
            let bench = try EncoderBench(name, level: level, recording: recording)
            let loss = try bench.crossEntropy(expected.items.map(\.input_ids), labels: expected.labels)
            #expect(abs(loss - expected.loss) < 5e-6 * expected.loss)
            let found = bench.gradients
            let names = recorded.tensors.keys.filter { !$0.hasPrefix("pooled") }
            #expect(Set(found.keys) == Set(names))
            for (parameter, gradient) in found {
                let wanted = recorded[parameter]?.floats ?? []
                // The softmax over keys does not change when all scores of a query move together, so the gradient of the
                // keys' bias is 0 but for rounding, here and there.
                if parameter.hasSuffix("self.key.bias") {
                    #expect((gradient + wanted).allSatisfy { abs($0) < 1e-6 }, "\(parameter)")
                } else {
                    #expect(relativeNormDifference(gradient, wanted) < GradientGoldenTests.limit, "\(parameter)")
                }
            }
        }
    }

    /// Sentence vectors, for a small head of one's own: the loss is the sum of their products with recorded weights.
    @Test(arguments: models, InstructionLevel.supported)
    func gradientsThroughMeanPoolingEqualPyTorch(name: String, level: InstructionLevel) throws {
        let expected = try TestModel.expected(name, as: Expected.self)
        let recorded = try GoldenTensors(contentsOf: TestModel.fixture(name).appending(path: "gradients.safetensors"))
        let bench = try EncoderBench(name, level: level)
        let batch = EncoderBench.packed(expected.items.map(\.input_ids))
        let width = bench.encoder.configuration.width
        _ = try bench.pass.forward(batch)
        let dpooled = try FloatMatrix(
            rows: batch.segments.count,
            columns: width,
            values: try #require(recorded["pooled_weights"]?.floats)
        )
        let dhidden = try FloatMatrix(rows: batch.rows, columns: width)
        EncoderTrainingPass.meanPooledBackward(dpooled, batch: batch, addingTo: dhidden)
        try bench.pass.backward(dhidden, batch: batch, gradients: bench.encoder.gradients)
        for (parameter, gradient) in bench.gradients {
            guard let wanted = recorded["pooled." + parameter]?.floats else {
                #expect(gradient.allSatisfy { $0 == 0 }, "\(parameter)")
                continue
            }
            if parameter.hasSuffix("self.key.bias") { continue }
            #expect(relativeNormDifference(gradient, wanted) < GradientGoldenTests.limit, "\(parameter)")
        }
    }

    /// Along a random direction of one parameter, the loss changes as the gradient says.
    @Test(arguments: models) func gradientsAreSlopes(name: String) throws {
        let expected = try TestModel.expected(name, as: Expected.self)
        let sequences = expected.items.map(\.input_ids)
        let bench = try EncoderBench(name)
        try bench.crossEntropy(sequences, labels: expected.labels)
        var random = RandomStream(seed: 7)
        let parameters = bench.encoder.parameters
        for (index, entry) in parameters.entries.enumerated() {
            let gradient = parameters.gradient(index).values
            let norm = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            let direction = gradient.map {
                0.5 * Double($0) / max(norm, 1e-12) + random.normal() / Double(gradient.count).squareRoot()
            }
            let values = parameters.value(index).values
            let step = 2e-3
            func set(_ new: [Float]) {
                parameters.values.buffer.withFloats(entry.range) { _ = $0.update(from: new) }
            }
            func loss(_ sign: Double) throws -> Double {
                set(values.indices.map { Float(Double(values[$0]) + sign * step * direction[$0]) })
                return try bench.loss(sequences, labels: expected.labels)
            }
            let slope = (try loss(1) - loss(-1)) / (2 * step)
            set(values)
            let wanted = zip(gradient, direction).reduce(0) { $0 + Double($1.0) * $1.1 }
            #expect(abs(slope - wanted) < 0.01 * abs(wanted) + 1e-3, "\(entry.name): \(slope), \(wanted)")
        }
    }

    /// Hidden states of the pass are those of inference.
    @Test(arguments: models) func passEqualsInference(name: String) throws {
        let expected = try TestModel.expected(name, as: EncoderFixtureTests.Expected.self)
        let bench = try EncoderBench(name)
        let batch = EncoderBench.packed(expected.items.map(\.input_ids))
        let hidden = try bench.pass.forward(batch)
        let scores = try bench.head.forward(hidden, batch: batch)
        var row = 0
        for (index, item) in expected.items.enumerated() {
            #expect(relativeDifference(scores.row(index), item.scores) < 2e-5)
            for state in item.hidden {
                #expect(relativeDifference(hidden.row(row), state) < 2e-5)
                row += 1
            }
        }
    }

    /// A frozen encoder under a head in training: nothing but the head gets a gradient, and the same one.
    @Test(arguments: models) func frozenParametersAreLeftOut(name: String) throws {
        let expected = try TestModel.expected(name, as: Expected.self)
        let sequences = expected.items.map(\.input_ids)
        let all = try EncoderBench(name)
        let some = try EncoderBench(name) { parameter in
            switch parameter {
            case .poolerWeight, .classifierWeight, .classifierBias, .layer(1, .upWeight): true
            default: false
            }
        }
        try all.crossEntropy(sequences, labels: expected.labels)
        try some.crossEntropy(sequences, labels: expected.labels)
        #expect(some.gradients.count == 4)
        for (parameter, gradient) in some.gradients { #expect(gradient == all.gradients[parameter], "\(parameter)") }
    }
}
