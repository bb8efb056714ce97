// What can be wrong with the limits of a list, or with a text that must be a list exactly.

/// A text that is not exactly a list of queries, or limits that no list has.
public enum QueryListError: Error, Equatable, Sendable, CustomStringConvertible {
    case invalidLimits(maximumCount: Int, length: ClosedRange<Int>)
    /// There is no query.
    case empty
    /// There are more queries than permitted.
    case tooManyQueries(Int, maximum: Int)
    /// The text is not JSON, with the place in bytes.
    case notJSON(problem: String, byteOffset: Int)
    /// The JSON text is no array.
    case notAnArray(found: String)
    /// An element, counted from 0, is no string.
    case notAString(index: Int, found: String)
    /// A query, counted from 0, is not acceptable, for the reason given.
    case invalidQuery(index: Int, text: String, reason: DroppedQuery.Reason)
    /// A query, counted from 0, has marks or spaces around it that are not part of it.
    case notNormal(index: Int, text: String, expected: String)

    public var description: String {
        switch self {
        case .invalidLimits(let count, let length):
            "a list of \(count) queries of \(length.lowerBound) to \(length.upperBound) characters was asked for; "
                + "ask for 1 to 100 queries of 1 to 1000 characters"
        case .empty: "there is no query in the text"
        case .tooManyQueries(let count, let maximum): "there are \(count) queries and at most \(maximum) are permitted"
        case .notJSON(let problem, let offset): "the text is not JSON at byte \(offset): \(problem)"
        case .notAnArray(let found): "an array of queries was expected and \(found) found"
        case .notAString(let index, let found): "a string was expected as query \(index + 1) and \(found) found"
        case .invalidQuery(let index, let text, let reason):
            "query \(index + 1), '\(text.prefix(bytes: 80))', is not acceptable: \(reason.rawValue)"
        case .notNormal(let index, let text, let expected):
            "query \(index + 1) is '\(text.prefix(bytes: 80))' and should be '\(expected.prefix(bytes: 80))'"
        }
    }
}
