// JSON Lines of people, as a sequence that never holds more than one line.

/// What is accepted in a file of people.
public struct SignalFileOptions: Sendable {
    /// The kinds of signals that may occur, so that a misspelt one is found; nil accepts any.
    public var acceptedKinds: Set<SignalKind>?
    /// The longest line, in bytes. A person of 10,000 signals takes about 2 MB.
    public var maximumLineBytes: Int
    /// The largest number of signals of one person.
    public var maximumSignals: Int
    /// What to do with a line that holds no person.
    public var invalidLines: InvalidLinePolicy

    /// - Precondition: both limits are at least 1.
    public init(
        acceptedKinds: Set<SignalKind>? = Set(SignalKind.standard),
        maximumLineBytes: Int = 16 << 20,
        maximumSignals: Int = 100_000,
        invalidLines: InvalidLinePolicy = .fail
    ) {
        precondition(maximumLineBytes >= 1 && maximumSignals >= 1, "limits of \(maximumLineBytes), \(maximumSignals)")
        self.acceptedKinds = acceptedKinds
        self.maximumLineBytes = maximumLineBytes
        self.maximumSignals = maximumSignals
        self.invalidLines = invalidLines
    }
}

/// What to do with a line that holds no person.
public enum InvalidLinePolicy: Sendable {
    /// Throw; nothing after it is read.
    case fail
    /// Report it and go on with the next line.
    case skip(report: @Sendable (SignalFileError) -> Void)
}

/// The people of a file in JSON Lines, read as they are asked for.
///
/// Each line is one person:
/// ```json
/// {"id": "p1", "language": "en", "signals": [{"kind": "newsClick", "time": "2026-03-14T08:30:00Z", "text": "A title"}]}
/// ```
/// `id`, `signals`, and a signal's `kind`, `time` and `text` are required; `language`, `url` and `category` are not. A time is
/// ISO 8601 with a zone, or a number of seconds from 1970. Other fields are ignored. Blank lines, a byte order mark and CR LF
/// are accepted. Memory is bounded by the longest line, however long the file is.
///
/// ```swift
/// for try await person in PersonFile(path: "people.jsonl") { print(person.id, person.signals.count) }
/// ```
public struct PersonFile: AsyncSequence, Sendable {
    public typealias Element = Person
    public typealias Failure = SignalFileError

    public let path: String
    public let options: SignalFileOptions

    /// - Parameters:
    ///   - path: the file; `-` is the standard input. It is opened when the first person is asked for.
    ///   - options: what is accepted.
    public init(path: String, options: SignalFileOptions = SignalFileOptions()) {
        self.path = path
        self.options = options
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(people: records) }

    /// Reads the file from its start. After an error it is at its end.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var people: RecordIterator<Person>

        public mutating func next() async throws(SignalFileError) -> Person? { try people.next() }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(SignalFileError) -> Person? {
            try people.next()
        }
    }

    /// Opens the file and closes it again, so that a missing one is known early.
    ///
    /// - Throws: ``SignalFileError/notFound(path:)`` or ``SignalFileError/unreadable(path:reason:)``.
    public func checkReadable() throws(SignalFileError) {
        try RecordIterator<Person>.checkReadable(path: path)
    }

    /// All people, in memory.
    public func readAll() throws(SignalFileError) -> [Person] {
        try records.rest()
    }

    /// The plain iterator under the asynchronous one.
    var records: RecordIterator<Person> {
        let parser = PersonParser(options: options)
        return RecordIterator(
            path: path,
            maximumLineBytes: options.maximumLineBytes,
            invalidLines: options.invalidLines
        ) { bytes, number throws(InvalidLine) in try parser.person(line: bytes, number: number) }
    }
}
