// What becomes of the lines of a file of people.

/// Why a line has no list.
public enum ListedLineProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// The line holds no person.
    case invalidLine(InvalidLine)
    /// The person has no list.
    case noList(InterestQueryError)

    public var description: String {
        switch self {
        case .invalidLine(let error): error.description
        case .noList(let error): error.description
        }
    }
}

/// One record of a file of people and its list, or why there is none.
public struct ListedLine<List: Sendable>: Sendable {
    /// The number of the line, from 1.
    public let number: Int
    /// The number of the record in the file, from 0; see ``PersonLine/index``.
    public let index: Int
    /// The person's id; nil for a line that holds no person.
    public let id: String?
    /// The list.
    public let result: Result<List, ListedLineProblem>

    public init(number: Int, index: Int, id: String?, result: Result<List, ListedLineProblem>) {
        self.number = number
        self.index = index
        self.id = id
        self.result = result
    }
}

extension ListedLine: Equatable where List: Equatable {}

/// The progress of lists for a file of people.
public enum ListedLineEvent: Sendable, Equatable {
    /// A query of the record with this number is complete. Comes as the models write, whatever the order of the records.
    case query(index: Int, id: String, String)
    /// A record is done; ``InterestQueryResult/person`` is its number. Comes in the order of the records.
    case line(ListedLine<InterestQueryResult>)
}
