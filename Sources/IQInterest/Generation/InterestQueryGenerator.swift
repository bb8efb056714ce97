// The door to the domain: signals in, query lists out.

public import IQModel
internal import IQText

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Writes news search queries from what a person did, with a model inside this process.
///
/// ```swift
/// let generator = try await InterestQueryGenerator(modelAt: url)
/// let list = try await generator.queries(for: signals)
/// for query in list { print(query) }
/// ```
public struct InterestQueryGenerator: Sendable {
    /// The engine that writes; other generators may share it.
    public let engine: InferenceEngine
    public let options: InterestQueryOptions
    let limits: QueryListLimits
    private let builder: PromptBuilder
    private let grammar: TokenGrammar?
    private let beginnings = CommonBeginnings()

    /// Loads a model.
    ///
    /// - Parameters:
    ///   - url: a Hugging Face folder or a GGUF file of a chat model.
    ///   - options: how lists are written.
    ///   - engineOptions: threads, precision, cache.
    /// - Throws: ``ModelError`` for what is wrong with the model; see also ``init(engine:options:)``.
    public init(
        modelAt url: URL,
        options: InterestQueryOptions = .default,
        engineOptions: EngineOptions = .default
    ) async throws {
        try self.init(engine: try await InferenceEngine(modelAt: url, options: engineOptions), options: options)
    }

    /// Uses an engine that is already loaded.
    ///
    /// - Throws: ``GenerationError/noChatTemplate``, ``InterestQueryError`` if prompt and list cannot fit the context, or
    ///   ``GrammarError`` if the vocabulary cannot write the format.
    public init(engine: InferenceEngine, options: InterestQueryOptions = .default) throws {
        guard engine.information.hasChatTemplate else { throw GenerationError.noChatTemplate }
        var options = options
        // A short context holds a shorter prompt; the signals that matter most come first anyway.
        options.prompt.tokenBudget = min(options.prompt.tokenBudget, engine.contextLength - options.maximumTokens)
        guard options.prompt.tokenBudget >= 1 else {
            throw InterestQueryError.contextTooSmall(
                context: engine.contextLength,
                promptTokens: 1,
                maximumTokens: options.maximumTokens
            )
        }
        self.engine = engine
        self.options = options
        limits = try options.limits()
        builder = PromptBuilder(
            options: options.prompt,
            format: options.format,
            queryCount: options.queryCount.upperBound,
            text: PromptText(tokenizer: engine.tokenizer)
        )
        grammar =
            options.usesGrammar
            ? try TokenGrammar(
                options.format.grammar(count: options.queryCount, limits: limits),
                tokenizer: engine.tokenizer
            ) : nil
    }

    /// The queries of one person.
    ///
    /// - Parameters:
    ///   - signals: in any order.
    ///   - language: a tag such as `en`, where it is known.
    /// - Returns: the list; it may be shorter than asked for, and ``QueryList/dropped`` says why.
    /// - Throws: ``InterestQueryError``, ``GenerationError``, or `CancellationError` if the task was cancelled.
    public func queries(for signals: [UserSignal], language: String? = nil) async throws -> QueryList {
        for try await event in stream(for: signals, language: language) {
            switch event {
            case .failed(_, let error): throw error
            case .list(let result):
                if result.reason == .cancelled { throw CancellationError() }
                return result.list
            default: break
            }
        }
        throw CancellationError()
    }

    /// The queries of one person.
    public func queries(for person: Person) async throws -> QueryList {
        try await queries(for: person.signals, language: person.language)
    }

    /// One person's list as it is written.
    public func stream(for signals: [UserSignal], language: String? = nil) -> InterestQueryStream {
        let sorted = signals.enumerated()
            .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
            .map(\.element)
        return InterestQueryStream(
            generator: self,
            people: [InterestQueryStream.PersonSignals(signals: sorted, language: language)]
        )
    }

    /// Several people's lists as they are written, decoded together. All prompts are in memory: hand a large number over
    /// in parts.
    public func stream(for people: [Person]) -> InterestQueryStream {
        InterestQueryStream(
            generator: self,
            people: people.map { InterestQueryStream.PersonSignals(signals: $0.signals, language: $0.language) }
        )
    }

    /// The prompt that asks for a person's queries, to look at.
    ///
    /// - Parameter signals: oldest first.
    /// - Throws: ``InterestQueryError``, or the error of the model's chat template.
    public func prompt(for signals: [UserSignal], language: String? = nil) throws -> InterestPrompt {
        try builder.prompt(for: signals, language: language) { try engine.tokens(of: .chat($0)).count }
    }

    /// The prompt as the engine reads it.
    package func tokens(of prompt: InterestPrompt, language: String?) throws -> PromptTokens {
        let tokens = try engine.tokens(of: .chat(prompt.messages))
        let beginning = try beginnings.count(in: tokens, language: language) {
            try builder.commonBeginning(language: language) { try engine.tokens(of: .chat($0)) }
        }
        return PromptTokens(tokens: tokens, beginning: beginning)
    }

    func generationOptions() throws -> GenerationOptions {
        try GenerationOptions(
            maximumTokens: options.maximumTokens,
            sampling: options.sampling,
            seed: options.seed,
            grammar: grammar
        )
    }
}
