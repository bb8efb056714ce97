// Adapters that PEFT has made give its logits and PyTorch's gradients here. Scripts/record-adapter-fixtures.py recorded them.

import IQTensor
import IQText
import Testing
import _IQTestSupport

import IQModel

@Suite struct AdapterGoldenTests {
    static let variants = ["all_linear", "list_rank_stabilized", "regular_expression", "one_layer"]

    @Test(arguments: variants, InstructionLevel.supported)
    func logitsEqualPEFT(variant: String, level: InstructionLevel) throws {
        let fixture = try AdapterFixture(variant, level: level)
        let expected = try #require(fixture.expected["logits"]?.floats)
        let model = fixture.base.with(fixture.adapter)
        #expect(try difference(fixture.logits(of: model), expected) < 5e-5)
        // The base is as it was, and is another model.
        #expect(try difference(fixture.logits(of: fixture.base), expected) > 0.1)
    }

    @Test(arguments: variants, InstructionLevel.supported)
    func gradientsEqualPyTorch(variant: String, level: InstructionLevel) throws {
        let fixture = try AdapterFixture(variant, level: level)
        for recording in [DecoderTrainingPass.Recording.activations, .inputs] {
            let bench = try AdapterBench(fixture, recording: recording)
            let loss = try bench.crossEntropy(fixture.batch, fixture.targets)
            #expect(abs(loss - Double(fixture.expected["loss"]?.floats.first ?? 0)) < 2e-6 * loss)
            let parameters = bench.decoder.parameters
            let recorded = fixture.expected.tensors.keys.filter { $0.contains("lora_") }
            #expect(Set(parameters.entries.map(\.name)) == Set(recorded))
            for (index, entry) in parameters.entries.enumerated() {
                let expected = fixture.expected[entry.name]?.floats ?? []
                #expect(
                    relativeNormDifference(parameters.gradient(index).values, expected) < GradientGoldenTests.limit,
                    "\(entry.name)"
                )
            }
        }
    }

    @Test(arguments: variants) func mergedWeightsGiveTheSameLogits(variant: String) throws {
        let fixture = try AdapterFixture(variant)
        let merged = try fixture.weights.merged(
            with: fixture.adapter,
            in: fixture.configuration,
            context: fixture.context
        )
        let model = try DecoderModel(configuration: fixture.configuration, weights: merged)
        let expected = try #require(fixture.expected["logits"]?.floats)
        #expect(try difference(fixture.logits(of: model), expected) < 5e-5)
    }

    private func difference(_ found: [Float], _ expected: [Float]) throws -> Float {
        try #require(found.count == expected.count)
        return zip(found, expected).map { abs($0 - $1) }.max() ?? 0
    }
}
