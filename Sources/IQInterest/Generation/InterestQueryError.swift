// What can go wrong between a person's signals and a list, apart from the engine's own errors.

/// A list that cannot be written.
public enum InterestQueryError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The person has no signal with a text to show.
    case noSignals
    /// Not even one signal fits into the prompt.
    case budgetTooSmall(budget: Int, needed: Int)
    case invalidOption(name: String, value: Int, permitted: ClosedRange<Int>)
    /// The prompt and the new tokens are longer than the model's context.
    case contextTooSmall(context: Int, promptTokens: Int, maximumTokens: Int)

    public var description: String {
        switch self {
        case .noSignals:
            "there are no signals to write queries from; give at least one news click, search or page visit"
        case .budgetTooSmall(let budget, let needed):
            "one signal alone makes a prompt of over \(budget) tokens; raise the token budget to \(needed) or more"
        case .invalidOption(let name, let value, let permitted):
            "\(name) is \(value); give \(permitted.lowerBound) to \(permitted.upperBound)"
        case .contextTooSmall(let context, let prompt, let maximum):
            "a prompt of up to \(prompt) tokens and \(maximum) new ones exceed the context of \(context); lower the token "
                + "budget or the number of new tokens"
        }
    }
}
