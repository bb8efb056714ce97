// The tiny models of the golden folder load with the right configuration, and come back bit for bit when written.

import IQTensor
import Testing
import _IQTestSupport

import IQModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Weights of the recorded tiny models")
struct WeightsGoldenTests {
    static let names = ["llama_tied", "llama_untied", "qwen2", "qwen3", "gemma3_text"]

    private func load(_ name: String) throws -> (DecoderConfiguration, DecoderWeights) {
        try decoder(at: GoldenFiles.url(name))
    }

    private func decoder(
        at url: URL,
        precision: WeightPrecision = .stored
    ) throws -> (DecoderConfiguration, DecoderWeights) {
        let model = try loadModel(at: url, precision: precision, context: try testContext())
        guard case .decoder(let configuration, let weights) = model.weights else {
            throw ModelError.notAModel(path: url.path, expected: "a decoder")
        }
        return (configuration, weights)
    }

    /// Parameters of each model as PyTorch counts them (`n_params` of golden.json).
    @Test(arguments: zip(names, [21_696, 24_800, 21_824, 27_904, 52_928]))
    func everyParameterIsThere(name: String, count: Int) throws {
        let (configuration, weights) = try load(name)
        let parameters = weights.parameters(in: configuration)
        #expect(parameters.reduce(0) { $0 + $1.value.count } == count)
        #expect(parameters.allSatisfy { $0.value.shape == $0.parameter.shape(in: configuration) })
    }

    @Test func llamaConfiguration() throws {
        let (configuration, _) = try load("llama_untied")
        let expected = DecoderConfiguration(
            family: .llama,
            vocabularySize: 97,
            width: 32,
            heads: 4,
            kvHeads: 2,
            headDimension: 8,
            feedForwardWidth: 64,
            maximumContext: 128,
            normEpsilon: 1e-5,
            layerReach: [.full, .full],
            rotary: RotaryConfiguration(theta: 10_000),
            tiesEmbeddings: false
        )
        #expect(configuration == expected)
    }

    @Test func gemmaConfiguration() throws {
        let (configuration, _) = try load("gemma3_text")
        #expect(configuration.layerReach == [.sliding, .sliding, .full, .sliding])
        #expect(configuration.slidingWindow == 6)
        #expect(configuration.rotary == RotaryConfiguration(theta: 1_000_000))
        #expect(configuration.slidingRotary == RotaryConfiguration(theta: 10_000))
        #expect(configuration.attentionScale == 0.25)
        #expect(configuration.normWeightOffset == 1)
        #expect(configuration.embeddingScale == Float(32).squareRoot())
        #expect(configuration.activation == .geluTanh)
        #expect(configuration.hasSandwichNorms && configuration.hasQueryKeyNorm && configuration.tiesEmbeddings)
    }

    @Test func qwenConfigurations() throws {
        let (qwen2, _) = try load("qwen2")
        #expect(qwen2.hasQueryKeyValueBias && !qwen2.hasAttentionOutputBias && !qwen2.hasQueryKeyNorm)
        let (qwen3, _) = try load("qwen3")
        #expect(qwen3.headDimension == 16 && qwen3.hasQueryKeyNorm && !qwen3.hasQueryKeyValueBias)
    }

    @Test(arguments: names, [1_000_000, 20_000])
    func aFolderComesBackBitForBit(name: String, shardByteLimit: Int) throws {
        let context = try testContext()
        let (configuration, weights) = try load(name)
        let folder = try TemporaryFolder()
        let target = folder.url.appending(path: "model")
        try saveFolder(configuration, weights, to: target, shardByteLimit: shardByteLimit, context: context)
        let (configurationAgain, weightsAgain) = try decoder(at: target)
        #expect(configurationAgain == configuration)
        #expect(
            try values(of: weightsAgain, in: configuration, context) == values(of: weights, in: configuration, context)
        )
    }

    @Test(arguments: names)
    func aGGUFInF32ComesBackBitForBit(name: String) throws {
        let context = try testContext()
        let (configuration, weights) = try load(name)
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "model.gguf")
        try saveGGUF(
            configuration,
            weights,
            vocabulary: nil,
            name: name,
            to: file,
            format: .f32,
            context: context
        )
        let (configurationAgain, weightsAgain) = try decoder(at: file)
        #expect(configurationAgain == configuration)
        let (expected, found) = (
            try values(of: weights, in: configuration, context),
            try values(of: weightsAgain, in: configuration, context)
        )
        // Gemma's norms go to the file with 1 added: two roundings, where all else is exact.
        for (name, values) in expected {
            let limit: Float = configuration.normWeightOffset == 0 || !name.contains("norm") ? 0 : 1.2e-7 * 4
            #expect(zip(values, found[name] ?? []).allSatisfy { abs($0 - $1) <= limit }, "\(name)")
            #expect(found[name]?.count == values.count)
        }
    }

    /// f16 has 11 bits, q8_0 8 of the largest of 32 numbers; q4_0 reaches 7/8 of it on one side.
    @Test(arguments: [(NumberFormat.f16, Float(0.0005)), (.q8_0, 0.005), (.q4_0, 0.13)])
    func aQuantisedGGUFEqualsTheQuantisedWeights(format: NumberFormat, limit: Float) throws {
        let context = try testContext()
        let (configuration, weights) = try load("llama_tied")
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "model.gguf")
        try saveGGUF(
            configuration,
            weights,
            vocabulary: nil,
            name: "tiny",
            to: file,
            format: format,
            context: context
        )
        let (_, again) = try decoder(at: file)
        #expect(again.layers[0].query.matrix.format == format)
        #expect(again.embedding.format == (format == .q4_0 ? .q8_0 : format))
        let expected = try context.converted(weights.layers[1].key.matrix, to: format)
        #expect(expected.withBytes { Array($0) } == again.layers[1].key.matrix.withBytes { Array($0) })
        let exact = weights.layers[0].up.matrix.withBytes { Array($0.bindMemory(to: Float.self)) }
        let found = try context.dequantized(again.layers[0].up.matrix).withBytes {
            Array($0.bindMemory(to: Float.self))
        }
        let largest = exact.map(abs).max() ?? 0
        #expect(zip(exact, found).allSatisfy { abs($0 - $1) <= limit * largest })
    }

    @Test func matricesAreConvertedWhenAskedFor() throws {
        let (configuration, weights) = try decoder(at: GoldenFiles.url("qwen2"), precision: .converted(.q8_0))
        #expect(weights.layers[0].down.matrix.format == .q8_0)
        #expect(weights.layers[0].query.bias?.count == configuration.width)
        #expect(throws: ModelError.self) {
            _ = try decoder(at: GoldenFiles.url("qwen2"), precision: .converted(.q4_K))
        }
    }
}
