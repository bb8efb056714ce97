// What can be wrong with a signal or a person, apart from where it was written.

/// A value that no signal or person can have.
public enum SignalError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text is empty or only white space.
    case emptyText
    case textTooLong(bytes: Int, maximum: Int)
    /// The address cannot be read or has no scheme.
    case invalidURL(String)
    /// The kind is empty, too long or has white space.
    case invalidKind(String)
    case categoryTooLong(bytes: Int, maximum: Int)
    /// The time is no ISO 8601 date, time and zone.
    case invalidTime(String, expected: String)
    /// The time is before 1970, or so late that it must be milliseconds.
    case timeOutOfRange(seconds: Double)
    /// The id is empty, too long or has control characters.
    case invalidPersonID(String)
    /// The language is no tag such as `en` or `pt-BR`.
    case invalidLanguage(String)

    public var description: String {
        switch self {
        case .emptyText: "the text is empty; leave the signal out or give its title or query"
        case .textTooLong(let bytes, let maximum):
            "the text has \(bytes) bytes and at most \(maximum) are accepted; give the title, not the page"
        case .invalidURL(let text):
            "'\(text)' is no absolute address; write one such as https://example.org/page, or none"
        case .invalidKind(let text): "'\(text)' cannot be the name of a kind; use letters, such as newsClick"
        case .categoryTooLong(let bytes, let maximum):
            "the category has \(bytes) bytes and at most \(maximum) are accepted; give its name only"
        case .invalidTime(let text, let expected):
            "'\(text)' is no time: \(expected); write one such as 2026-03-14T08:30:00Z, or seconds from 1970 as a number"
        case .timeOutOfRange(let seconds):
            seconds > 0
                ? "\(seconds) is too large for seconds from 1970; milliseconds must be divided by 1000"
                : "\(seconds) seconds from 1970 is no time of a signal; it must be from 1970 on"
        case .invalidPersonID(let text):
            "'\(text)' cannot be a person's id; give 1 to 256 bytes without control characters"
        case .invalidLanguage(let text): "'\(text)' is no language tag; write one such as en or pt-BR, or none"
        }
    }
}
