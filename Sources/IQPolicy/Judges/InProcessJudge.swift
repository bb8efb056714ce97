// A judge in this process: the probability of "yes".

public import IQModel
internal import IQTensor
package import IQText

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Asks a model in this process, and reads its answer off the first token's probabilities instead of sampling one:
///
///     score = P(yes) / (P(yes) + P(no))
///
/// where P(yes) is the sum over the tokens that write the answer ("Yes", "yes", " yes", …) of their probability after the prompt, at
/// temperature 1. The score is smooth, needs one reading of the question and no token written, and is the same every time.
///
/// The form of the score is that of "yes" logits as relevance in Zhuang et al., "Beyond Yes and No", NAACL 2024.
public actor InProcessJudge: RubricJudge {
    private nonisolated let executor: EngineExecutor
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let runner: DecoderRunner
    private let tokenizer: Tokenizer
    private let yes: Set<TokenID>
    private let no: Set<TokenID>

    static let answerForm = "Answer with yes or no only."

    /// Loads the judge.
    ///
    /// - Parameters:
    ///   - url: a GGUF file or a Hugging Face folder of a model that follows instructions.
    ///   - options: threads, number formats, length of the context.
    /// - Throws: ``ModelError``, ``GenerationError``, ``RubricJudgeError/sameAnswerToken``, ``TensorError``.
    public init(modelAt url: URL, options: EngineOptions = .default) async throws {
        let executor = EngineExecutor(label: "InterestQueryKit.InProcessJudge")
        let model = try await executor.run { () throws -> LoadedModel in
            let context = try ComputeContext(options: try options.compute ?? ComputeOptions())
            return try loadModel(at: url, precision: options.precision, context: context)
        }
        guard case .decoder(let configuration, let weights) = model.weights else {
            throw GenerationError.notADecoder(architecture: ModelInformation(model).architecture)
        }
        guard let tokenizer = model.tokenizer else {
            throw ModelError.missingFile(folder: model.path, name: "tokenizer.json")
        }
        guard tokenizer.chatTemplate != nil else { throw GenerationError.noChatTemplate }
        self.executor = executor
        self.tokenizer = tokenizer
        (yes, no) = try Self.answers(tokenizer)
        let context = try ComputeContext(options: try options.compute ?? ComputeOptions())
        runner = try DecoderRunner(
            decoder: try DecoderModel(
                configuration: configuration,
                weights: try weights.packed(for: options.quantizedProduct, in: configuration, on: context),
                product: options.quantizedProduct
            ),
            context: context,
            cacheFormat: options.cacheFormat,
            contextLength: options.contextLength,
            maximumRows: options.prefillLength,
            maximumOutputs: 1
        )
    }

    /// - Throws: ``RubricJudgeError/tooLong(tokens:context:)``, ``TensorError``, and `CancellationError` between questions.
    public func scores(of questions: [RubricQuestion]) throws -> [Double?] {
        try questions.map { question in
            try Task.checkCancellation()
            return try score(question)
        }
    }

    private func score(_ question: RubricQuestion) throws -> Double? {
        let tokens = try GenerationPrompt.chat(question.messages(answer: Self.answerForm)).tokens(with: tokenizer)
        guard tokens.count < runner.contextLength else {
            throw RubricJudgeError.tooLong(tokens: tokens.count, context: runner.contextLength)
        }
        let logits = try runner.prefill(tokens, into: runner.makeCache())
        return Self.score(yes: yes.map { logits[0, Int($0)] }, no: no.map { logits[0, Int($0)] })
    }

    /// The sum of exponentials of the one over that of both; nil if the model computed no numbers.
    package static func score(yes: [Float], no: [Float]) -> Double? {
        guard let largest = (yes + no).max(), largest.isFinite else { return nil }
        func sum(_ logits: [Float]) -> Double { logits.reduce(0) { $0 + exponential(Double($1 - largest)) } }
        let score = sum(yes) / (sum(yes) + sum(no))
        return score.isFinite ? score : nil
    }

    /// The tokens that are yes and no, however written. What is written with several tokens counts by its first one only where
    /// no way of writing the word is one token: a beginning belongs to other words too.
    package static func answers(
        _ tokenizer: Tokenizer
    ) throws(RubricJudgeError) -> (yes: Set<TokenID>, no: Set<TokenID>) {
        func first(_ words: [String]) -> Set<TokenID> {
            let written = words.flatMap { [$0, " " + $0] }.map { tokenizer.encode($0, addingSpecialTokens: false) }
            let whole = written.filter { $0.count == 1 }
            return Set((whole.isEmpty ? written : whole).compactMap(\.first))
        }
        let yes = first(["yes", "Yes", "YES"])
        let no = first(["no", "No", "NO"])
        // A token of white space alone begins both and says nothing.
        let shared = yes.intersection(no)
        let answers = (yes.subtracting(shared), no.subtracting(shared))
        guard !answers.0.isEmpty, !answers.1.isEmpty else { throw .sameAnswerToken }
        return answers
    }
}
