// Impressions in JSON Lines, for teams with data of their own.

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
internal import IQText

/// The impressions of a file in JSON Lines, read as they are asked for.
///
/// Each line is one impression:
/// ```json
/// {"id": "i1", "person": "p1", "time": "2026-03-14T08:30:00Z", "history": ["a1", "a2"],
///  "slate": [{"article": "a3", "clicked": true}, {"article": "a4", "clicked": false}]}
/// ```
/// (on one line). `id` may be missing; a time is ISO 8601 with a zone, or seconds from 1970. Other fields are ignored. Memory
/// is bounded by the longest line.
public struct ImpressionFile: AsyncSequence, Sendable {
    public typealias Element = Impression
    public typealias Failure = SignalFileError

    public let path: String
    public let options: RecordFileOptions

    /// - Parameters:
    ///   - path: the file; `-` is the standard input. It is opened when the first record is asked for.
    ///   - options: what is accepted.
    public init(path: String, options: RecordFileOptions = RecordFileOptions()) {
        self.path = path
        self.options = options
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(records: records) }

    /// Reads the file from its start. After an error it is at its end.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var records: RecordIterator<Impression>

        public mutating func next() async throws(SignalFileError) -> Impression? { try records.next() }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(SignalFileError) -> Impression? {
            try records.next()
        }
    }

    /// Opens the file and closes it again, so that a missing one is known early.
    ///
    /// - Throws: ``SignalFileError/notFound(path:)`` or ``SignalFileError/unreadable(path:reason:)``.
    public func checkReadable() throws(SignalFileError) { try RecordIterator<Impression>.checkReadable(path: path) }

    /// All records, in memory.
    public func readAll() throws(SignalFileError) -> [Impression] { try records.rest() }

    /// The plain iterator under the asynchronous one.
    var records: RecordIterator<Impression> {
        RecordIterator(
            path: path,
            maximumLineBytes: options.maximumLineBytes,
            invalidLines: options.invalidLines,
            parse: Self.impression
        )
    }

    @Sendable
    static func impression(line bytes: [UInt8], number: Int) throws(InvalidLine) -> Impression {
        let root: JSONValue
        do throws(JSONError) { root = try JSONDocument(bytes, maximumDepth: 64).root } catch {
            throw InvalidLine(line: number, column: error.byteOffset + 1, problem: .notJSON(error.explanation))
        }
        let fields = LineFields(line: number, path: nil, node: root)
        guard root.isObject else {
            throw fields.failure(.wrongType(expected: "an object for one impression", found: root.kindName))
        }
        let id = try fields.optional("id")
        let person = try fields.required("person")
        let (time, timeNode) = try fields.time()
        let historyNode = try fields.node("history")
        var history: [String] = []
        guard let historyElements = historyNode.elements else {
            throw fields.failure(
                .wrongType(expected: "an array of article ids", found: historyNode.kindName),
                at: historyNode,
                field: "history"
            )
        }
        for (index, element) in historyElements.enumerated() {
            guard let article = element.string else {
                throw fields.failure(
                    .wrongType(expected: "an article id", found: element.kindName),
                    at: element,
                    field: "history[\(index)]"
                )
            }
            history.append(article)
        }
        let slateNode = try fields.node("slate")
        guard let slateElements = slateNode.elements else {
            throw fields.failure(
                .wrongType(expected: "an array of shown articles", found: slateNode.kindName),
                at: slateNode,
                field: "slate"
            )
        }
        var slate: [Impression.Candidate] = []
        for (index, element) in slateElements.enumerated() {
            let entry = LineFields(line: number, path: "slate[\(index)]", node: element)
            guard element.isObject else {
                throw entry.failure(.wrongType(expected: "an object for one article", found: element.kindName))
            }
            let clicked = try entry.node("clicked")
            guard let isClicked = clicked.bool else {
                throw entry.failure(
                    .wrongType(expected: "true or false", found: clicked.kindName),
                    at: clicked,
                    field: "clicked"
                )
            }
            slate.append(Impression.Candidate(article: try entry.required("article").text, isClicked: isClicked))
        }
        do throws(ImpressionError) {
            return try Impression(id: id?.text, person: person.text, time: time, history: history, slate: slate)
        } catch {
            let (node, field): (JSONValue?, String) =
                switch error {
                case .invalidID: (id?.node, "id")
                case .invalidPersonID: (person.node, "person")
                case .timeOutOfRange: (timeNode, "time")
                default: (slateNode, "slate")
                }
            throw fields.failure(.invalidImpression(error), at: node, field: field)
        }
    }

    /// An impression as a line of such a file, without the line break.
    public static func line(of impression: Impression) -> String {
        let slate = impression.slate.map {
            "{\"article\": \(JSONText.quoted($0.article)), \"clicked\": \($0.isClicked)}"
        }
        let members = [
            impression.id.map { "\"id\": \(JSONText.quoted($0))" },
            "\"person\": \(JSONText.quoted(impression.person))",
            "\"time\": \(JSONText.quoted(SignalTime.text(of: impression.time)))",
            "\"history\": \(JSONText.array(impression.history))",
            "\"slate\": [\(slate.joined(separator: ", "))]",
        ]
        return "{\(members.compactMap(\.self).joined(separator: ", "))}"
    }
}
