// What is reported while lists are written.

public import IQModel

/// One person's list with how it came about.
public struct InterestQueryResult: Sendable, Hashable {
    /// Index of the person among those asked for.
    public let person: Int
    public let list: QueryList
    /// What the model wrote.
    public let text: String
    /// Why the model stopped.
    public let reason: StopReason
    /// Tokens of the prompt and of the list.
    public let promptTokens: Int
    public let generatedTokens: Int
    /// How many of the person's signals the prompt showed, and how many there were.
    public let signalsShown: Int
    public let signalsGiven: Int
}

/// The progress of writing lists. The number is the person's index among those asked for.
public enum InterestQueryEvent: Sendable, Equatable {
    /// The prompts are read; text follows.
    case started(promptTokens: Int, seconds: Double)
    /// The model wrote on.
    case text(person: Int, String)
    /// A query is complete and in the list.
    case query(person: Int, String)
    /// A list is complete.
    case list(InterestQueryResult)
    /// A person got no list; the others go on.
    case failed(person: Int, InterestQueryError)
    /// The last event: counts and seconds of all.
    case finished(GenerationSummary)
}
