// News search queries as a task that a policy learns.

public import IQModel
public import IQPolicy
public import IQText
internal import IQTensor

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A person at a moment: what is known, and what rewards may look at.
public struct InterestSample: Sendable, Identifiable {
    /// Names the person and the moment in logs.
    public let id: String
    /// What the model sees, oldest first.
    public let signals: [UserSignal]
    /// A tag such as `en`, where it is known.
    public let language: String?
    /// The articles that the queries may find, such as those of the day.
    public let pool: CandidatePool
    /// What the person clicked later, which only rewards see; nil where it is not known.
    public let laterClicks: Set<NewsArticle.ID>?

    public init(
        id: String,
        signals: [UserSignal],
        language: String? = nil,
        pool: CandidatePool = .everything,
        laterClicks: Set<NewsArticle.ID>? = nil
    ) {
        self.id = id
        self.signals = signals
        self.language = language
        self.pool = pool
        self.laterClicks = laterClicks
    }
}

/// What a completion says: the queries in it, and whether it is a list and nothing else.
public struct InterestOutput: Sendable, Hashable {
    /// The queries; each has a span of the text, in the same order.
    public let list: QueryList
    /// The text is a list in the format that was asked for, with as many queries as were asked for, each in its normal form, and
    /// not cut off.
    public let isValid: Bool

    public init(list: QueryList, isValid: Bool) {
        self.list = list
        self.isValid = isValid
    }
}

/// Asks a model for a person's news search queries, and reads its answer.
public struct InterestTask: PolicyTask {
    public let options: InterestQueryOptions
    private let limits: QueryListLimits
    private let builder: PromptBuilder
    private let tokenizer: Tokenizer

    /// A task in the words that a model expects.
    ///
    /// - Parameters:
    ///   - url: the model that will be trained; only its tokenizer is read.
    ///   - options: format, number and length of queries, prompt.
    /// - Throws: ``ModelError``, ``GenerationError/noChatTemplate``, ``InterestQueryError``.
    public init(modelAt url: URL, options: InterestQueryOptions = .default) throws {
        let model = try loadModel(at: url, precision: .stored, context: try ComputeContext(threads: 1))
        guard let tokenizer = model.tokenizer else {
            throw ModelError.missingFile(folder: model.path, name: "tokenizer.json")
        }
        try self.init(tokenizer: tokenizer, options: options)
    }

    /// - Throws: ``GenerationError/noChatTemplate``, ``InterestQueryError``.
    public init(tokenizer: Tokenizer, options: InterestQueryOptions = .default) throws {
        guard tokenizer.chatTemplate != nil else { throw GenerationError.noChatTemplate }
        self.options = options
        self.tokenizer = tokenizer
        limits = try options.limits()
        builder = PromptBuilder(
            options: options.prompt,
            format: options.format,
            queryCount: options.queryCount.upperBound,
            text: PromptText(tokenizer: tokenizer)
        )
    }

    /// - Throws: ``InterestQueryError`` if the sample has no signal to show, or an error of the model's chat template.
    public func prompt(for sample: InterestSample) throws -> GenerationPrompt {
        .chat(try interestPrompt(for: sample).messages)
    }

    public func output(of text: String, reason: StopReason, for sample: InterestSample) -> TaskOutput<InterestOutput> {
        let isCut = reason.isCut
        let examples = builder.exampleQueries
        let found = QuerySpans(of: text, format: options.format, limits: limits, examples: examples, isCut: isCut)
        let isValid = !isCut && options.isValid(text, queries: found.list.queries, limits: limits)
        return TaskOutput(InterestOutput(list: found.list, isValid: isValid), spans: found.spans)
    }

    /// What holds completions to the format and the number of queries.
    ///
    /// - Throws: ``GrammarError`` if the vocabulary cannot write the format.
    public func grammar(for tokenizer: Tokenizer) throws -> TokenGrammar {
        try TokenGrammar(options.format.grammar(count: options.queryCount, limits: limits), tokenizer: tokenizer)
    }

    private func interestPrompt(for sample: InterestSample) throws -> InterestPrompt {
        try builder.prompt(for: sample.signals, language: sample.language) { messages in
            guard let template = tokenizer.chatTemplate else { throw GenerationError.noChatTemplate }
            let text = try template.render(messages, addingGenerationPrompt: true)
            return tokenizer.encode(text, addingSpecialTokens: false, parsingSpecialTokens: true).count
        }
    }
}

extension InterestQueryOptions {
    /// Whether a complete text is a list of these queries in the form that these options ask for, and nothing else.
    func isValid(_ text: String, queries: [String], limits: QueryListLimits) -> Bool {
        let strict = try? QueryList(parsing: text, format: format, limits: limits)
        return strict.map { queryCount.contains($0.count) && $0.queries == queries } ?? false
    }
}

extension StopReason {
    /// The model was stopped before it was done.
    var isCut: Bool {
        switch self {
        case .maximumTokens, .contextFull, .cancelled: true
        case .endOfText, .stopString, .grammarComplete: false
        }
    }
}
