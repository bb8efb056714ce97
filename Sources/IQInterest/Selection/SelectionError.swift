// What can be wrong with choosing among several lists.

/// A choice among lists that cannot be made.
public enum SelectionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// An option is outside what it can be.
    case invalidOption(name: String, value: String, permitted: String)
    /// Every list would be the same one: the most probable tokens, each time.
    case greedySampling(lists: Int)
    /// There are no scores.
    case noScores
    /// A score is not finite; person and sample are counted from 0.
    case notFinite(person: Int, sample: Int)
    /// A person has another number of scores than the first one.
    case unequalCounts(person: Int, found: Int, expected: Int)

    public var description: String {
        switch self {
        case .invalidOption(let name, let value, let permitted): "\(name) is \(value); give \(permitted)"
        case .greedySampling(let lists):
            "with a temperature of 0 all \(lists) lists would be the same; give a temperature above 0, such as 1"
        case .noScores: "there are no scores; give at least one for each person"
        case .notFinite(let person, let sample):
            "score \(sample + 1) of person \(person + 1) is not finite; leave the sample out for everybody, or give it a score"
        case .unequalCounts(let person, let found, let expected):
            "person \(person + 1) has \(found) scores and the first one has \(expected); give as many for each"
        }
    }

    static func require(
        _ condition: Bool,
        _ name: String,
        _ value: some CustomStringConvertible,
        _ permitted: String
    ) throws(SelectionError) {
        if !condition { throw .invalidOption(name: name, value: value.description, permitted: permitted) }
    }
}
