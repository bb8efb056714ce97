import IQInterest
import IQModel
import IQPolicy
import IQTensor
import IQText
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Gives every question the same score, and keeps what it was shown.
private actor RecordingJudge: RubricJudge {
    private(set) var shown: [String] = []

    func scores(of questions: [RubricQuestion]) -> [Double?] {
        shown += questions.map(\.material)
        return questions.map { _ in 0.5 }
    }
}

struct RubricTests {
    private static func sample() throws -> InterestSample {
        InterestSample(id: "s", signals: try RealModel.signals())
    }

    private static func completion(_ queries: [String]) -> Completion<InterestOutput> {
        let list = QueryList(queries)
        return Completion(
            text: queries.joined(separator: "\n"),
            reason: .endOfText,
            tokenCount: 1,
            output: TaskOutput(InterestOutput(list: list, isValid: true), spans: queries.map { _ in 0..<0 })
        )
    }

    @Test func `coverage shows the newest signals and the whole list`() async throws {
        let judge = RecordingJudge()
        let reward = RubricReward.coverage(judge: judge, signals: 2)
        let scores = try await reward.scores(
            of: [Self.completion(["comet april", "heat pumps"]), Self.completion([])],
            for: Self.sample()
        )
        #expect(scores == [RewardScore(0.5), nil])
        #expect(
            await judge.shown == [
                "Reader:\n- heat pump running costs\n- Village bakery wins prize\nQueries:\n- comet april\n- heat pumps"
            ]
        )
        #expect(reward.name == "coverage")
    }

    @Test func `specificity judges each query, and pays its span`() async throws {
        let judge = RecordingJudge()
        let scores = try await RubricReward.specificity(judge: judge).scores(
            of: [Self.completion(["comet april", "heat pumps"]), Self.completion([])],
            for: Self.sample()
        )
        #expect(scores == [RewardScore(0.5, spans: [0.5, 0.5]), nil])
        #expect(await judge.shown == ["comet april", "heat pumps"])
    }

    @Test(.enabled(if: RealModel.path != nil, "SmolLM2 is not in the cache; Scripts/fetch-model gets it"))
    func `a model in this process judges by the probability of yes`() async throws {
        let url = URL(fileURLWithPath: RealModel.path ?? "")
        let judge = try await InProcessJudge(modelAt: url, options: EngineOptions(contextLength: 1024))
        let rubric = Rubric(name: "same", question: "Are the two words the same?")
        let questions = ["comet and comet", "comet and bakery"].map { RubricQuestion(rubric: rubric, material: $0) }
        let scores = try await judge.scores(of: questions)
        for score in scores {
            let score = try #require(score)
            #expect(score > 0)
            #expect(score < 1)
        }
        #expect(try await judge.scores(of: questions.reversed()) == scores.reversed())

        // The same out of the whole distribution after the prompt, computed here in Double.
        let model = try loadModel(at: url, precision: .stored, context: ComputeContext(threads: 1))
        guard case .decoder(let configuration, let weights) = model.weights, let tokenizer = model.tokenizer else {
            return #expect(Bool(false), "not a decoder")
        }
        let runner = try DecoderRunner(
            decoder: try DecoderModel(configuration: configuration, weights: weights),
            context: try ComputeContext(threads: 2),
            contextLength: 1024
        )
        for (question, score) in zip(questions, scores) {
            let messages = question.messages(answer: "Answer with yes or no only.")
            let text = try #require(tokenizer.chatTemplate).render(messages, addingGenerationPrompt: true)
            let tokens = tokenizer.encode(text, parsingSpecialTokens: true)
            let logits = try runner.prefill(tokens, into: runner.makeCache())
            func mass(_ words: [String]) -> Double {
                words.compactMap { word -> Double? in
                    let pieces = tokenizer.encode(word)
                    return pieces.count == 1 ? exponential(Double(logits[0, Int(pieces[0])])) : nil
                }
                .reduce(0, +)
            }
            let yes = mass(["yes", "Yes", "YES", " yes", " Yes", " YES"])
            let no = mass(["no", "No", "NO", " no", " No", " NO"])
            #expect(abs((score ?? 0) - yes / (yes + no)) < 1e-4)
        }
    }
}
