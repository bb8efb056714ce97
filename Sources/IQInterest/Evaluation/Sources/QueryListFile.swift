// Lists of queries from a file: what another system wrote.

internal import IQText

/// Lists of queries read from JSON Lines, one person to a line: `{"id": "p1", "queries": ["first", "second"]}`, as
/// `interest-query generate --output json` writes them. Other fields are ignored; of two lines for one person the later counts,
/// and a line that `generate` wrote for an input line without a person says nothing.
public struct QueryListFile: QuerySource {
    public let name: String
    public let path: String
    private let lists: [String: [String]]

    /// Reads the file.
    ///
    /// - Throws: ``SignalFileError`` if it cannot be read, ``EvaluationError/invalidQueryLine(path:line:reason:)``.
    public init(path: String, name: String? = nil) throws {
        var lists: [String: [String]] = [:]
        var records = RecordIterator<(id: String, queries: [String])?>(
            path: path,
            maximumLineBytes: 1 << 20,
            invalidLines: .fail
        ) { bytes, number throws(InvalidLine) in
            guard let record = Self.record(bytes, key: "id") else {
                if Self.isWithoutPerson(bytes) { return nil }
                throw InvalidLine(
                    line: number,
                    problem: .notJSON("{\"id\": \"...\", \"queries\": [\"...\"]} was expected")
                )
            }
            return record
        }
        while let record = try records.next() {
            if let (id, queries) = record { lists[id] = queries }
        }
        self.lists = lists
        self.path = path
        self.name = name ?? path.split(separator: "/").last.map(String.init) ?? path
    }

    /// The list of a name; nil if the file has none.
    package func list(of id: String) -> [String]? { lists[id] }

    /// A line's name and queries; nil if it has not both.
    static func record(_ bytes: [UInt8], key: String) -> (id: String, queries: [String])? {
        guard let root = try? JSONDocument(bytes, maximumDepth: 8).root, let id = root[key]?.string,
            let elements = root["queries"]?.elements
        else { return nil }
        var queries: [String] = []
        for element in elements {
            guard let query = element.string else { return nil }
            queries.append(query)
        }
        return (id, queries)
    }

    /// The line stands for a line of people that could not be read: it has a problem and no person.
    private static func isWithoutPerson(_ bytes: [UInt8]) -> Bool {
        guard let root = try? JSONDocument(bytes, maximumDepth: 8).root else { return false }
        return root["id"] == nil && root["line"]?.integer != nil && root["problem"]?.string != nil
    }

    public func queries(for people: [EvaluatedPerson]) throws -> [[String]] {
        try people.map { person in
            guard let list = lists[person.person] else {
                throw EvaluationError.noQueries(person: person.person.prefix(bytes: 64), path: path)
            }
            return list
        }
    }
}
