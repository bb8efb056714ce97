// What can be wrong with a grammar before anything is generated.

/// A grammar that cannot be compiled.
public enum GrammarError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A repetition's bounds are negative or beyond what is supported.
    case invalidRepetition(minimum: Int, maximum: Int?, supported: ClosedRange<Int>)
    /// No text at all fits the grammar: a choice of nothing, or a class without characters, cannot be avoided.
    case matchesNothing
    /// No token of the vocabulary can begin a text of the grammar.
    case unsatisfiable(vocabularySize: Int)

    public var description: String {
        switch self {
        case .invalidRepetition(let minimum, let maximum, let supported):
            "a repetition runs from \(minimum) to \(maximum.map(String.init) ?? "no limit"); bounds are from "
                + "\(supported.lowerBound) to \(supported.upperBound)"
        case .matchesNothing:
            "no text fits the grammar; a choice without branches or a class without characters stands in every text"
        case .unsatisfiable(let size):
            "none of the \(size) tokens of the vocabulary can begin a text of the grammar; use another grammar or tokenizer"
        }
    }
}
