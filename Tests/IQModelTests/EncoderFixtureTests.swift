// Hidden states and class scores of tiny BERT and RoBERTa classifiers equal transformers'.

import IQTensor
import IQText
import Testing
import _IQTestSupport

import IQModel

@Suite struct EncoderFixtureTests {
    struct Expected: Decodable {
        struct Item: Decodable {
            var input_ids: [TokenID]
            var scores: [Float]
            var hidden: [[Float]]
        }
        var items: [Item]
    }

    /// All texts at once, packed: also shows that they do not see each other.
    @Test(arguments: ["bert_classifier", "roberta_classifier"], InstructionLevel.supported)
    func classScoresEqualTransformers(name: String, level: InstructionLevel) throws {
        let expected = try TestModel.expected(name, as: Expected.self)
        let context = try ComputeContext(threads: 2, level: level)
        let model = try loadModel(at: TestModel.fixture(name), precision: .stored, context: context)
        guard case .encoder(let configuration, let weights) = model.weights else {
            Issue.record("\(name) is no encoder")
            return
        }
        #expect(configuration.labels == ["noise", "news", "search"])
        let encoder = EncoderModel(configuration: configuration, weights: weights)
        let sequences = expected.items.map(\.input_ids)
        let activations = try EncoderActivations(configuration: configuration, rows: sequences.joined().count)
        let hidden = try encoder.forward(sequences, activations: activations, on: context)
        let lengths = sequences.map(\.count)
        let scores = try #require(try encoder.classScores(hidden, lengths: lengths, on: context))
        var row = 0
        for (index, item) in expected.items.enumerated() {
            #expect(relativeDifference(scores.row(index), item.scores) < 2e-5)
            for state in item.hidden {
                #expect(relativeDifference(hidden.row(row), state) < 2e-5)
                row += 1
            }
        }
    }
}
