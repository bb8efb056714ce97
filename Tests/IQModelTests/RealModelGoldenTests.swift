// SmolLM2-135M-Instruct and all-MiniLM-L6-v2 against recorded outputs of transformers.

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

private let hasSmolLM2 = ModelFiles.has(ModelFiles.smolLM2)
private let hasMiniLM = ModelFiles.has(ModelFiles.miniLM)

@Suite(.serialized, .enabled(if: hasSmolLM2, "SmolLM2 is absent: run Scripts/fetch-model smollm2"))
struct SmolLM2GoldenTests {
    struct Golden: Decodable {
        struct Prompt: Decodable {
            var prompt: String
            var ids: [TokenID]
            var top20_ids: [Int]
            var top20_logits: [Float]
            var greedy48_ids: [TokenID]
            var greedy48_text: String
            var greedy_margin_top1_minus_top2: [Float]
            var greedy_token_nll: [Float]
        }
        struct Passage: Decodable {
            var ids: [TokenID]
            var mean_nll: Double
            var per_token_nll: [Float]
        }
        var prompts: [Prompt]
        var passage: Passage
    }

    /// A margin under this can fall either way by rounding: tokens are compared up to the first one.
    static let nearTie: Float = 0.05

    private func golden() throws -> Golden { try TestModel.golden("smollm2_real.json", as: Golden.self) }

    private func runner(level: InstructionLevel = .best, precision: WeightPrecision = .stored) throws -> DecoderRunner {
        try TestModel.runner(
            at: ModelFiles.url(ModelFiles.smolLM2),
            level: level,
            maximumRows: 400,
            maximumOutputs: 400,
            precision: precision
        )
    }

    /// The file's own blocks, multiplied exactly, give the logits of the dequantised model.
    @Test(arguments: InstructionLevel.supported)
    func topLogitsEqualTransformers(level: InstructionLevel) throws {
        let runner = try runner(level: level)
        for prompt in try golden().prompts {
            let logits = try runner.prefill(prompt.ids, into: runner.makeCache()).row(0)
            for (id, expected) in zip(prompt.top20_ids, prompt.top20_logits) {
                #expect(abs(logits[id] - expected) < 1e-3, "\(prompt.prompt): token \(id)")
            }
        }
    }

    @Test(arguments: [WeightPrecision.stored, .converted(.f32)])
    func greedyContinuationsEqualTransformers(precision: WeightPrecision) throws {
        let runner = try runner(precision: precision)
        for prompt in try golden().prompts {
            var options = try GenerationOptions(maximumTokens: 48, sampling: .greedy)
            options.stopsAtEndOfText = false
            let session = try GenerationSession(
                try GenerationRequest(prompts: [prompt.ids], options: options, endTokens: []),
                runner: runner,
                tokenizer: nil
            )
            var result: GeneratedSequence?
            while try session.step({ if case .sequenceFinished(let sequence) = $0 { result = sequence } }) {}
            let found = try #require(result)
            let sure = prompt.greedy_margin_top1_minus_top2.firstIndex { $0 < Self.nearTie } ?? 48
            #expect(found.tokens.prefix(sure) == prompt.greedy48_ids.prefix(sure), "\(prompt.prompt)")
            for index in 0..<sure {
                #expect(abs(-found.rawLogProbabilities[index] - prompt.greedy_token_nll[index]) < 1e-3)
            }
        }
    }

    /// The measurement behind `bench --workload perplexity`, in steps of a few tokens.
    @Test func passageLossEqualsTransformers() throws {
        let passage = try golden().passage
        let context = try ComputeContext()
        let model = try loadModel(at: ModelFiles.url(ModelFiles.smolLM2), precision: .stored, context: context)
        let loss = try PassageLoss(model: model, product: .exact, cacheFormat: .f32, context: context).mean(
            of: passage.ids
        )
        #expect(abs(loss - passage.mean_nll) < 1e-4)
    }

    @Test func passageIsAsProbableAsInTransformers() throws {
        let runner = try runner()
        let passage = try golden().passage
        let logits = try runner.allLogits(passage.ids)
        var total = 0.0
        for (index, expected) in passage.per_token_nll.enumerated() {
            let values = logits.row(index)
            let maximum = Double(values.max() ?? 0)
            let sum = values.reduce(into: 0.0) { $0 += exponential(Double($1) - maximum) }
            let loss = maximum + naturalLogarithm(sum) - Double(values[Int(passage.ids[index + 1])])
            #expect(abs(loss - Double(expected)) < 2e-3)
            total += loss
        }
        #expect(abs(total / Double(passage.per_token_nll.count) - passage.mean_nll) < 1e-4)
    }

    /// Text in, text out, through the public engine. One recorded prompt is a rendered chat: it is given as tokens.
    @Test func engineContinuesTheGoldenPrompts() async throws {
        let engine = try await InferenceEngine(modelAt: ModelFiles.url(ModelFiles.smolLM2))
        var options = try GenerationOptions(maximumTokens: 48, sampling: .greedy)
        options.stopsAtEndOfText = false
        let prompts = try golden().prompts
        let requests = prompts.map { prompt -> GenerationPrompt in
            let tokens = engine.tokenizer.encode(prompt.prompt, parsingSpecialTokens: true)
            #expect(tokens == prompt.ids)
            return prompt.prompt.contains("<|") ? .tokens(tokens) : .text(prompt.prompt)
        }
        let results = try await engine.generate(requests, options: options).sequences()
        for (prompt, result) in zip(prompts, results) {
            let sure = prompt.greedy_margin_top1_minus_top2.firstIndex { $0 < Self.nearTie } ?? 48
            #expect(result.tokens.prefix(sure) == prompt.greedy48_ids.prefix(sure), "\(prompt.prompt)")
        }
    }
}

@Suite(.enabled(if: hasMiniLM, "all-MiniLM-L6-v2 is absent: run Scripts/fetch-model minilm"))
struct MiniLMGoldenTests {
    struct Golden: Decodable {
        struct Item: Decodable {
            var text: String
            var ids: [TokenID]
            var vector: [Float]
        }
        var items: [Item]
    }

    @Test(arguments: InstructionLevel.supported)
    func sentenceVectorsEqualPyTorch(level: InstructionLevel) async throws {
        let golden = try TestModel.golden("minilm.json", as: Golden.self)
        let embedder = try await TextEmbedder(
            modelAt: ModelFiles.url(ModelFiles.miniLM),
            compute: try ComputeOptions(level: level)
        )
        let vectors = try await embedder.embed(golden.items.map(\.text))
        for (item, vector) in zip(golden.items, vectors) {
            #expect(cosineDistance(vector, item.vector) < 1e-4, "\(item.text)")
        }
    }

    /// The texts together have some hundred tokens, far more than are encoded together.
    @Test(arguments: InstructionLevel.supported)
    func aVectorDoesNotDependOnTheTextsBesideItInSmallBatches(level: InstructionLevel) async throws {
        let golden = try TestModel.golden("minilm.json", as: Golden.self)
        let texts =
            golden.items.map(\.text) + (0..<40).map { "Story \($0) of the \(["comet", "harbour", "cello"][$0 % 3])" }
        let embedder = try await TextEmbedder(
            modelAt: ModelFiles.url(ModelFiles.miniLM),
            compute: try ComputeOptions(level: level),
            batchTokens: EngineOptions.independentBatch
        )
        let together = try await embedder.embed(texts)
        for (text, vector) in zip(texts, together) { #expect(try await embedder.embed([text]) == [vector], "\(text)") }
        #expect(try await embedder.embed(texts.reversed()) == together.reversed())
    }

    @Test func anEncoderDoesNotGenerate() async throws {
        await #expect(throws: GenerationError.notADecoder(architecture: "bert")) {
            _ = try await InferenceEngine(modelAt: ModelFiles.url(ModelFiles.miniLM))
        }
    }
}
