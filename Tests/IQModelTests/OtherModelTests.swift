// Gemma 3 and Qwen2 on real weights, through the same calls as SmolLM2.

import IQText
import Testing
import _IQTestSupport

import IQModel

@Suite(.serialized) struct OtherModelTests {
    private func answer(_ model: String, _ prompt: GenerationPrompt, tokens: Int) async throws -> String {
        let engine = try await InferenceEngine(modelAt: ModelFiles.url(model))
        let options = try GenerationOptions(maximumTokens: tokens, sampling: .greedy)
        return try await engine.generate(prompt, options: options).sequences()[0].text
    }

    /// A base model: it continues a list that it has seen the beginning of.
    @Test(.enabled(if: ModelFiles.has(ModelFiles.gemma3), "Gemma 3 is absent: run Scripts/fetch-model gemma3"))
    func gemma3ContinuesSanely() async throws {
        let text = try await answer(
            ModelFiles.gemma3,
            .text("The capital of France is Paris. The capital of Italy is"),
            tokens: 24
        )
        #expect(text.contains("Rome"))
    }

    @Test(.enabled(if: ModelFiles.has(ModelFiles.qwen2), "Qwen2.5 is absent: run Scripts/fetch-model qwen2.5"))
    func qwen2AnswersSanely() async throws {
        let text = try await answer(
            ModelFiles.qwen2,
            .chat([.user("Write a Python function that returns the sum of two numbers.")]),
            tokens: 60
        )
        #expect(text.contains("def ") && text.contains("return"))
    }
}
