// Files of texts that belong to nobody: one to a line, plain or as JSON.

internal import IQText

/// The texts of a file, read as they are asked for. Memory is bounded by the longest line.
public struct TextLineFile: AsyncSequence, Sendable {
    public typealias Element = String
    public typealias Failure = SignalFileError

    /// How a line holds its text.
    public enum Form: String, Sendable, CaseIterable {
        /// The line is the text. Bytes that are no UTF-8 become U+FFFD, which ``MalformedTextRule`` finds.
        case lines
        /// The line is a JSON object whose member `text` is the text; other members are ignored.
        case texts
    }

    public let path: String
    public let form: Form
    public let options: RecordFileOptions

    /// - Parameters:
    ///   - path: the file; `-` is the standard input. It is opened when the first text is asked for.
    ///   - form: how a line holds its text.
    ///   - options: what is accepted.
    public init(path: String, form: Form, options: RecordFileOptions = RecordFileOptions()) {
        self.path = path
        self.form = form
        self.options = options
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(records: records) }

    /// Reads the file from its start. After an error it is at its end.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var records: RecordIterator<String>

        public mutating func next() async throws(SignalFileError) -> String? { try records.next() }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(SignalFileError) -> String? {
            try records.next()
        }
    }

    /// Opens the file and closes it again, so that a missing one is known early.
    ///
    /// - Throws: ``SignalFileError/notFound(path:)`` or ``SignalFileError/unreadable(path:reason:)``.
    public func checkReadable() throws(SignalFileError) { try RecordIterator<String>.checkReadable(path: path) }

    /// All texts, in memory.
    public func readAll() throws(SignalFileError) -> [String] { try records.rest() }

    var records: RecordIterator<String> {
        let form = form
        return RecordIterator(
            path: path,
            maximumLineBytes: options.maximumLineBytes,
            invalidLines: options.invalidLines
        ) { bytes, number throws(InvalidLine) in
            switch form {
            case .lines: String(decoding: bytes, as: UTF8.self)
            case .texts: try LineFields.object(line: bytes, number: number).required("text").text
            }
        }
    }
}

extension LineFields {
    /// The members of a line that is one JSON object.
    static func object(line bytes: [UInt8], number: Int) throws(InvalidLine) -> LineFields {
        let root: JSONValue
        do throws(JSONError) { root = try JSONDocument(bytes, maximumDepth: 64).root } catch {
            throw InvalidLine(line: number, column: error.byteOffset + 1, problem: .notJSON(error.explanation))
        }
        let fields = LineFields(line: number, path: nil, node: root)
        guard root.isObject else {
            throw fields.failure(.wrongType(expected: "an object", found: root.kindName))
        }
        return fields
    }
}
