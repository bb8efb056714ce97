// The real models of the test machine: their files open with the shapes that their authors published, and go through
// both kinds of files without a changed number or token.

import IQModel
import IQTensor
import IQText
import Testing
import _IQTestSupport

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

private func decoder(at url: URL) throws -> (model: LoadedModel, DecoderConfiguration, DecoderWeights) {
    let model = try loadModel(at: url, precision: .stored, context: try testContext())
    guard case .decoder(let configuration, let weights) = model.weights else {
        throw ModelError.notAModel(path: url.path, expected: "a decoder")
    }
    return (model, configuration, weights)
}

/// Text that puts every rule of a pre-tokeniser to work.
private let sample = "It's 12345 o'clock — naïve Ünïcödé, 東京!\n\n  tabs\tand\r\nlines <|im_end|> 🦆🏳️‍🌈 don't"

@Suite(
    "Weights of SmolLM2",
    .serialized,
    .enabled(if: ModelFiles.has(ModelFiles.smolLM2), "SmolLM2 is absent: run Scripts/fetch-model smollm2")
)
struct WeightsSmolLM2Tests {
    /// SmolLM2-135M's published shape; 134.5 million parameters.
    @Test func opens() throws {
        let (model, configuration, weights) = try decoder(at: ModelFiles.url(ModelFiles.smolLM2))
        let expected = DecoderConfiguration(
            family: .llama,
            vocabularySize: 49_152,
            width: 576,
            heads: 9,
            kvHeads: 3,
            headDimension: 64,
            feedForwardWidth: 1536,
            maximumContext: 8192,
            normEpsilon: 1e-5,
            layerReach: Array(repeating: .full, count: 30),
            rotary: RotaryConfiguration(theta: 100_000),
            tiesEmbeddings: true
        )
        #expect(configuration == expected)
        #expect(weights.parameters(in: configuration).reduce(0) { $0 + $1.value.count } == 134_515_008)
        #expect(weights.embedding.format == .q8_0)
        #expect(weights.layers[0].query.matrix.format == .q4_1)
        #expect(model.tokenizer?.vocabularySize == 49_152)
        #expect(model.vocabulary?.pre == "smollm")
    }

    /// Stored blocks go from file to file unchanged, the interleaved rows of query and key there and back too.
    @Test func aGGUFComesBackBlockForBlock() throws {
        let context = try testContext()
        let (model, configuration, weights) = try decoder(at: ModelFiles.url(ModelFiles.smolLM2))
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "again.gguf")
        try model.saveGGUF(to: file, format: nil, context: context)
        let (again, configurationAgain, weightsAgain) = try decoder(at: file)
        #expect(configurationAgain == configuration)
        #expect(again.vocabulary == model.vocabulary)
        for (one, other) in zip(
            weights.parameters(in: configuration),
            weightsAgain.parameters(in: configuration)
        ) {
            #expect(one.value.format == other.value.format)
            #expect(one.value.withBytes { one in other.value.withBytes { one.elementsEqual($0) } }, "\(one.name)")
        }
    }

    /// GGUF to folder and back: weights in bf16 equal, and the tokenizer made from the vocabulary gives the same tokens.
    @Test func aFolderMadeFromAGGUFTokenisesAlike() throws {
        let context = try testContext()
        let (model, configuration, weights) = try decoder(at: ModelFiles.url(ModelFiles.smolLM2))
        let folder = try TemporaryFolder()
        let target = folder.url.appending(path: "model")
        try model.saveFolder(to: target, format: .bf16, shardByteLimit: 100_000_000, context: context)
        let (again, configurationAgain, weightsAgain) = try decoder(at: target)
        #expect(configurationAgain == configuration)
        let expected = try context.converted(weights.layers[29].key.matrix, to: .bf16)
        #expect(expected.withBytes { Array($0) } == weightsAgain.layers[29].key.matrix.withBytes { Array($0) })
        let one = try #require(model.tokenizer)
        let other = try #require(again.tokenizer)
        for isParsing in [false, true] {
            #expect(
                one.encode(sample, addingSpecialTokens: true, parsingSpecialTokens: isParsing)
                    == other.encode(sample, addingSpecialTokens: true, parsingSpecialTokens: isParsing)
            )
        }
        #expect(one.endOfText == other.endOfText && one.beginningOfText == other.beginningOfText)
        #expect(one.endOfGeneration == other.endOfGeneration)
        #expect(one.chatTemplate?.source == other.chatTemplate?.source)

        // And from the folder to GGUF: the vocabulary is what it was.
        let file = folder.url.appending(path: "back.gguf")
        try again.saveGGUF(to: file, format: .q4_0, context: context)
        let (back, _, _) = try decoder(at: file)
        #expect(back.vocabulary?.tokens == model.vocabulary?.tokens)
        #expect(back.vocabulary?.merges == model.vocabulary?.merges)
        #expect(back.vocabulary?.pre == "smollm")
        #expect(
            back.tokenizer?.encode(sample, parsingSpecialTokens: true) == one.encode(sample, parsingSpecialTokens: true)
        )
    }
}

@Suite(
    "Weights of Gemma 3",
    .serialized,
    .enabled(if: ModelFiles.has(ModelFiles.gemma3), "Gemma 3 270M is absent: run Scripts/fetch-model gemma3")
)
struct WeightsGemma3Tests {
    /// Gemma 3 270M's published shape.
    @Test func opens() throws {
        let (_, configuration, weights) = try decoder(at: ModelFiles.url(ModelFiles.gemma3))
        #expect(configuration.family == .gemma3)
        #expect(configuration.vocabularySize == 262_144 && configuration.width == 640 && configuration.layers == 18)
        #expect(configuration.heads == 4 && configuration.kvHeads == 1 && configuration.headDimension == 256)
        #expect(configuration.layerReach.enumerated().allSatisfy { ($0.offset % 6 == 5) == ($0.element == .full) })
        #expect(configuration.slidingWindow == 512)
        #expect(configuration.slidingRotary.theta == 10_000 && configuration.rotary.theta == 1_000_000)
        #expect(configuration.attentionScale == 0.0625)
        #expect(weights.parameters(in: configuration).reduce(0) { $0 + $1.value.count } == 268_098_176)
    }

    /// The folder made from the file tokenises alike: merges are recovered from the scores.
    @Test func aFolderMadeFromAGGUFTokenisesAlike() throws {
        let (model, configuration, _) = try decoder(at: ModelFiles.url(ModelFiles.gemma3))
        let folder = try TemporaryFolder()
        let target = folder.url.appending(path: "model")
        try model.saveFolder(to: target, format: .bf16, context: try testContext())
        let (again, configurationAgain, _) = try decoder(at: target)
        #expect(configurationAgain == configuration)
        let one = try #require(model.tokenizer)
        let other = try #require(again.tokenizer)
        #expect(one.encode(sample, addingSpecialTokens: true) == other.encode(sample, addingSpecialTokens: true))
    }
}

@Suite(
    "Weights of Qwen2.5",
    .enabled(if: ModelFiles.has(ModelFiles.qwen2), "Qwen2.5-Coder-0.5B is absent")
)
struct WeightsQwen2Tests {
    /// Qwen2.5-0.5B's published shape; this file keeps an output head of its own beside the embedding.
    @Test func opens() throws {
        let (model, configuration, weights) = try decoder(at: ModelFiles.url(ModelFiles.qwen2))
        #expect(configuration.family == .qwen2 && configuration.hasQueryKeyValueBias)
        #expect(configuration.vocabularySize == 151_936 && configuration.width == 896 && configuration.layers == 24)
        #expect(configuration.heads == 14 && configuration.kvHeads == 2 && configuration.feedForwardWidth == 4864)
        #expect(!configuration.tiesEmbeddings)
        #expect(weights.outputHead?.format == .q8_0 && weights.embedding.format == .q5_0)
        #expect(weights.layers[0].query.bias?.count == 896)
        #expect(model.tokenizer?.endOfText == 151_645)
    }
}

@Suite(
    "Weights of MiniLM",
    .enabled(if: ModelFiles.has(ModelFiles.miniLM), "all-MiniLM-L6-v2 is absent: run Scripts/fetch-model minilm")
)
struct WeightsMiniLMTests {
    @Test func opens() throws {
        let model = try loadModel(
            at: ModelFiles.url(ModelFiles.miniLM),
            precision: .stored,
            context: try testContext()
        )
        guard case .encoder(let configuration, let weights) = model.weights else {
            Issue.record("not an encoder")
            return
        }
        #expect(configuration.width == 384 && configuration.layers == 6 && configuration.maximumContext == 512)
        #expect(configuration.labels.isEmpty && configuration.tokenTypes == 2 && configuration.normEpsilon == 1e-12)
        #expect(weights.layers.count == 6 && weights.pooler != nil && weights.classifier == nil)
        #expect(weights.tokenEmbedding.rows == 30_522)
    }
}
