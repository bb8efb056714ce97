// Decoders beyond the golden ones: Mistral's window, the Llama 3 rotary scaling, biases everywhere.

import IQTensor
import IQText
import Testing
import _IQTestSupport

import IQModel

@Suite struct DecoderFixtureTests {
    struct Expected: Decodable {
        var input_ids: [TokenID]
        var logits: [[Float]]
    }

    @Test(arguments: ["mistral", "llama3_scaling_bias"], InstructionLevel.supported)
    func logitsEqualTransformers(name: String, level: InstructionLevel) throws {
        let expected = try TestModel.expected(name, as: Expected.self)
        let runner = try TestModel.runner(at: TestModel.fixture(name), level: level)
        let logits = try runner.allLogits(expected.input_ids)
        for (position, row) in expected.logits.enumerated() {
            #expect(relativeDifference(logits.row(position), row) < 2e-5, "position \(position)")
        }
    }

    /// Token by token, the window moves over the cache.
    @Test func slidingWindowHoldsTokenByToken() throws {
        let expected = try TestModel.expected("mistral", as: Expected.self)
        let runner = try TestModel.runner(at: TestModel.fixture("mistral"))
        let cache = runner.makeCache()
        for (position, token) in expected.input_ids.enumerated() {
            try runner.batch.append(CollectionOfOne(token), to: cache, outputs: .last)
            #expect(relativeDifference(try runner.step().row(0), expected.logits[position]) < 2e-5)
        }
    }

    @Test func llama3ScalingKeepsHighFrequenciesAndDividesLowOnes() {
        let scaling = RotaryScaling.llama3(
            factor: 8,
            lowFrequencyFactor: 1,
            highFrequencyFactor: 4,
            originalContext: 8192
        )
        let plain = RotaryEmbedding.frequencies(RotaryConfiguration(theta: 500_000), headDimension: 64)
        let scaled = RotaryEmbedding.frequencies(
            RotaryConfiguration(theta: 500_000, scaling: scaling),
            headDimension: 64
        )
        #expect(scaled[0] == plain[0])
        #expect(scaled[31] == plain[31] / 8)
        #expect(zip(scaled, plain).allSatisfy { $0 <= $1 && $0 >= $1 / 8 })
    }
}
