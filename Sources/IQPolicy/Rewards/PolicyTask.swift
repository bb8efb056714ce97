// What a policy is asked to do, in the words of the application: what becomes a prompt, and what a completion means.

public import IQModel

/// A task that a policy learns: samples become prompts, and the texts of completions become outputs that rewards judge.
///
/// Trainers and rewards know nothing else of the application. News search queries for a person are one task; a task of
/// your own takes two functions.
public protocol PolicyTask<Sample, Output>: Sendable {
    /// What one prompt is made from, with whatever rewards need to judge its completions.
    associatedtype Sample: Sendable
    /// What a completion means.
    associatedtype Output: Sendable

    /// What the model is asked.
    func prompt(for sample: Sample) throws -> GenerationPrompt

    /// What a completion means. Called for every completion, whatever the model wrote: text that means nothing is an output
    /// too, and its rewards say so.
    func output(of text: String, reason: StopReason, for sample: Sample) -> TaskOutput<Output>
}

/// What a completion means, and where its parts stand in the text.
public struct TaskOutput<Output: Sendable>: Sendable {
    public let value: Output
    /// The parts that rewards may judge one by one, such as the queries of a list: ranges of the text's UTF-8 bytes, in
    /// order, without overlap. Empty where an output has no parts.
    public let spans: [Range<Int>]

    public init(_ value: Output, spans: [Range<Int>] = []) {
        self.value = value
        self.spans = spans
    }
}

/// A completion as rewards see it.
public struct Completion<Output: Sendable>: Sendable {
    /// The text, without special tokens.
    public let text: String
    /// Why it ended; ``StopReason/maximumTokens`` is a completion that was cut off.
    public let reason: StopReason
    /// How many tokens were sampled.
    public let tokenCount: Int
    /// What it means.
    public let output: Output
    /// Its parts, in UTF-8 bytes of the text; see ``TaskOutput/spans``.
    public let spans: [Range<Int>]

    public init(text: String, reason: StopReason, tokenCount: Int, output: TaskOutput<Output>) {
        self.text = text
        self.reason = reason
        self.tokenCount = tokenCount
        self.output = output.value
        spans = output.spans
    }

    /// The model was stopped before it was done.
    public var isCut: Bool {
        switch reason {
        case .maximumTokens, .contextFull, .cancelled: true
        case .endOfText, .stopString, .grammarComplete: false
        }
    }
}
