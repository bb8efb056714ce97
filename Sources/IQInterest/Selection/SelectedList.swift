// The list that was chosen, and those it was chosen from.

public import IQModel

/// One of the lists that were written for a person.
public struct ListCandidate: Sendable, Hashable {
    public let list: QueryList
    /// What the model wrote.
    public let text: String
    /// Why the model stopped.
    public let reason: StopReason
    public let generatedTokens: Int
    /// The reward; nil without a reward, or where none of its members applies.
    public let score: Double?
    /// The members of the reward that apply, by name, before weighing.
    public let rewards: [String: Double]
}

/// The list for a person, out of several.
public struct SelectedList: Sendable, Hashable {
    /// How the list came about.
    public enum Origin: Sendable, Hashable {
        /// It is the candidate with this index.
        case candidate(Int)
        /// It is made of queries of several candidates; how many have each of its queries.
        case merged(support: [Int])
    }

    public let list: QueryList
    public let origin: Origin
    /// In the order of their random streams.
    public let candidates: [ListCandidate]
    /// What the last round was worth, if there were enough lists after it; nil if all were written.
    public let lastGain: Double?
    /// Tokens of the prompt, which is read once, and of all candidates.
    public let promptTokens: Int
    public let generatedTokens: Int
    /// How many of the person's signals the prompt showed, and how many there were.
    public let signalsShown: Int
    public let signalsGiven: Int

    /// The reward of the chosen candidate; nil without one, and for a merged list.
    public var score: Double? {
        if case .candidate(let index) = origin { candidates[index].score } else { nil }
    }
}
