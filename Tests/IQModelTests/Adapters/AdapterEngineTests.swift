// An engine with an adapter, and a model with the adapter merged, write the same.

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

@Suite struct AdapterEngineTests {
    private func tokens(modelAt url: URL, adapter: URL? = nil) async throws -> [TokenID] {
        var model = try loadModel(at: url, precision: .stored, context: try testContext())
        model.tokenizer = try TinyTokenizer.make()
        let engine = try InferenceEngine(
            model: model,
            options: try EngineOptions(compute: try ComputeOptions(threads: 2), adapter: adapter)
        )
        var options = try GenerationOptions(maximumTokens: 24, sampling: .greedy)
        options.stopsAtEndOfText = false
        return try await engine.generate(.tokens([5, 6, 7]), options: options).sequences()[0].tokens
    }

    @Test func engineWithAdapterEqualsMergedModel() async throws {
        let base = GoldenFiles.url("llama_tied")
        let adapter = AdapterFixture.url("all_linear")
        let plain = try await tokens(modelAt: base)
        let adapted = try await tokens(modelAt: base, adapter: adapter)
        #expect(adapted != plain)
        let folder = try TemporaryFolder()
        let merged = folder.url.appending(path: "merged")
        try mergeAdapter(at: adapter, into: base, to: merged, as: .huggingFaceFolder())
        #expect(try await tokens(modelAt: merged) == adapted)
        // In a GGUF file too, where the rows of query and key lie in another order.
        let file = folder.url.appending(path: "merged.gguf")
        try mergeAdapter(at: adapter, into: base, to: file, as: .gguf())
        #expect(try await tokens(modelAt: file) == adapted)
        #expect(try await tokens(modelAt: base) == plain)
    }

    /// The adapter of a Hugging Face model fits the same model as a GGUF file.
    @Test func adapterFitsTheModelAsGGUF() async throws {
        let base = GoldenFiles.url("llama_tied")
        let adapter = AdapterFixture.url("all_linear")
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "base.gguf")
        try convertModel(at: base, to: file, as: .gguf(.f32))
        #expect(try await tokens(modelAt: file, adapter: adapter) == tokens(modelAt: base, adapter: adapter))
    }

    @Test func adapterOfAnotherModelIsRefused() async throws {
        await #expect(throws: ModelError.self) {
            try await tokens(modelAt: GoldenFiles.url("qwen3"), adapter: AdapterFixture.url("all_linear"))
        }
        #expect(throws: GenerationError.notADecoder(architecture: "bert")) {
            try mergeAdapter(
                at: AdapterFixture.url("all_linear"),
                into: TestModel.fixture("bert_classifier"),
                to: GoldenFiles.url("nowhere"),
                as: .huggingFaceFolder()
            )
        }
    }
}
