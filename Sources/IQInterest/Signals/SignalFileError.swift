// What can be wrong with a file of signals, and where.

/// A file of people, articles or impressions that cannot be read, or a line of it that holds none.
public enum SignalFileError: Error, Equatable, Sendable, CustomStringConvertible {
    case notFound(path: String)
    /// The system refuses to open or read the file, for the reason given in its words.
    case unreadable(path: String, reason: String)
    case invalidLine(path: String, InvalidLine)

    public var description: String {
        switch self {
        case .notFound(let path): "there is no file at \(path)"
        case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)"
        case .invalidLine(let path, let line): "\(path), \(line)"
        }
    }
}

/// A line that does not hold what the file is made of.
public struct InvalidLine: Error, Equatable, Sendable, CustomStringConvertible {
    /// The number of the line, from 1.
    public var line: Int
    /// The place in the line in bytes, from 1; nil where the whole line is meant.
    public var column: Int?
    /// The field's path, such as `signals[3].time`; nil where no field is meant.
    public var field: String?
    public var problem: Problem

    public init(line: Int, column: Int? = nil, field: String? = nil, problem: Problem) {
        self.line = line
        self.column = column
        self.field = field
        self.problem = problem
    }

    /// What is wrong.
    public enum Problem: Equatable, Sendable, CustomStringConvertible {
        /// The line is longer than the options permit.
        case lineTooLong(maximumBytes: Int)
        case tooManySignals(Int, maximum: Int)
        /// The file is UTF-16 or UTF-32, by its byte order mark.
        case notUTF8
        case notJSON(String)
        case missingField
        case wrongType(expected: String, found: String)
        /// The kind is none of ``SignalFileOptions/acceptedKinds``.
        case unknownKind(String, accepted: [String])
        case invalidValue(SignalError)
        /// The line is one signal; a line holds one person.
        case signalInsteadOfPerson
        /// A line of a table has another number of fields than it must have.
        case wrongFieldCount(Int, expected: Int)
        /// A table lacks a column that it must have.
        case missingColumn
        /// A quoted field of a table goes on after its closing quotation mark.
        case textAfterQuote
        /// A quoted field of a table has no closing quotation mark.
        case unclosedQuote
        case invalidArticle(NewsArticleError)
        case invalidImpression(ImpressionError)

        public var description: String {
            switch self {
            case .lineTooLong(let maximum):
                "the line has over \(maximum) bytes; check that each record ends with a line break, or raise the limit"
            case .tooManySignals(let count, let maximum):
                "there are \(count) signals and at most \(maximum) are accepted; keep the latest ones, or raise the limit"
            case .notUTF8: "the file is not in UTF-8; save it as UTF-8"
            case .notJSON(let problem): "this is not JSON: \(problem)"
            case .missingField: "the field is missing; add it"
            case .wrongType(let expected, let found): "\(expected) was expected and \(found) found"
            case .unknownKind(let kind, let accepted):
                "there is no kind '\(kind)'; use \(accepted.joined(separator: ", ")), or accept it in the options"
            case .invalidValue(let error): error.description
            case .signalInsteadOfPerson:
                "this line is one signal; write one person to a line: {\"id\": \"...\", \"signals\": [...]}"
            case .wrongFieldCount(let found, let expected):
                "there are \(found) fields and \(expected) were expected; check that no text holds what stands between fields"
            case .missingColumn: "the table has no such column; name it in the first row"
            case .textAfterQuote:
                "text follows a closing quotation mark; double the quotation marks inside a quoted field"
            case .unclosedQuote: "a quotation mark opens a field and none closes it; double those inside a quoted field"
            case .invalidArticle(let error): error.description
            case .invalidImpression(let error): error.description
            }
        }
    }

    public var description: String {
        var place = "line \(line)"
        if let column { place += ", column \(column)" }
        if let field { place += ", field \(field)" }
        return "\(place): \(problem)"
    }
}
