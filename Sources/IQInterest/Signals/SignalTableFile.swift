// People from a table of signals: one signal to a row.

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The people of a table in CSV or TSV with one signal to a row, read as they are asked for.
///
/// The first row names the columns: `id`, `kind`, `time` and `text` must be there, `url`, `category` and `language` may be;
/// others are ignored. Fields are quoted as RFC 4180 says, with tabs too. Rows of one person must follow each other; they become
/// one ``Person``, so that memory is bounded by one person's signals. A person whose rows lie apart comes once for each run of
/// rows: sort the table by `id`. A time is ISO 8601 with a zone, or seconds from 1970.
public struct SignalTableFile: AsyncSequence, Sendable {
    public typealias Element = Person
    public typealias Failure = SignalFileError

    /// What stands between fields.
    public enum Delimiter: String, Sendable, Hashable, CaseIterable {
        case comma, tab

        var byte: UInt8 { self == .comma ? UInt8(ascii: ",") : UInt8(ascii: "\t") }
    }

    public let path: String
    public let delimiter: Delimiter
    public let options: SignalFileOptions

    /// - Parameters:
    ///   - path: the file; `-` is the standard input. It is opened when the first person is asked for.
    ///   - delimiter: what stands between fields; nil takes tabs for a name that ends in `.tsv`, else commas.
    ///   - options: what is accepted.
    public init(path: String, delimiter: Delimiter? = nil, options: SignalFileOptions = SignalFileOptions()) {
        self.path = path
        self.delimiter = delimiter ?? (path.hasSuffix(".tsv") ? .tab : .comma)
        self.options = options
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(people: SignalTableIterator(self)) }

    /// Reads the file from its start. After an error it is at its end.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var people: SignalTableIterator

        public mutating func next() async throws(SignalFileError) -> Person? { try people.next() }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(SignalFileError) -> Person? {
            try people.next()
        }
    }

    /// All people, in memory.
    public func readAll() throws(SignalFileError) -> [Person] {
        var iterator = SignalTableIterator(self)
        var people: [Person] = []
        while let person = try iterator.next() { people.append(person) }
        return people
    }
}

/// The plain iterator under ``SignalTableFile``.
struct SignalTableIterator {
    private struct Row {
        let person: String
        let language: String?
        let signal: UserSignal
        let line: Int
    }

    private let file: SignalTableFile
    private var records: DelimitedRecords?
    private var columns: [String: Int] = [:]
    /// A row that belongs to the next person.
    private var waiting: Row?
    private var isFinished = false

    init(_ file: SignalTableFile) { self.file = file }

    mutating func next() throws(SignalFileError) -> Person? {
        if isFinished { return nil }
        do throws(SignalFileError) {
            let person = try person()
            if person == nil { isFinished = true }
            return person
        } catch {
            isFinished = true
            throw error
        }
    }

    private mutating func person() throws(SignalFileError) -> Person? {
        while true {
            let first: Row
            if let waiting { first = waiting } else if let row = try row() { first = row } else { return nil }
            waiting = nil
            var signals = [first.signal]
            var language = first.language
            while let row = try row() {
                guard row.person == first.person else {
                    waiting = row
                    break
                }
                language = language ?? row.language
                signals.append(row.signal)
            }
            do throws(SignalError) {
                return try Person(id: first.person, language: language, signals: signals)
            } catch {
                try report(InvalidLine(line: first.line, problem: .invalidValue(error)))
            }
        }
    }

    /// The next row that holds a signal.
    private mutating func row() throws(SignalFileError) -> Row? {
        while let (fields, line) = try fields() {
            do throws(InvalidLine) { return try row(fields, line: line) } catch { try report(error) }
        }
        return nil
    }

    private func row(_ fields: [[UInt8]], line: Int) throws(InvalidLine) -> Row {
        guard fields.count == columns.count else {
            throw InvalidLine(line: line, problem: .wrongFieldCount(fields.count, expected: columns.count))
        }
        func text(_ name: String) throws(InvalidLine) -> String? {
            guard let column = columns[name] else { return nil }
            guard let text = String(validating: fields[column], as: UTF8.self) else {
                throw InvalidLine(line: line, field: name, problem: .notUTF8)
            }
            return text.isEmpty ? nil : text
        }
        func required(_ name: String) throws(InvalidLine) -> String {
            guard let text = try text(name) else { throw InvalidLine(line: line, field: name, problem: .missingField) }
            return text
        }
        let kind = try required("kind")
        if let accepted = file.options.acceptedKinds, !accepted.contains(SignalKind(rawValue: kind)) {
            throw InvalidLine(
                line: line,
                field: "kind",
                problem: .unknownKind(kind.prefix(bytes: 64), accepted: accepted.map(\.rawValue).sorted())
            )
        }
        let (person, time, title) = (try required("id"), try required("time"), try required("text"))
        let (url, category, language) = (try text("url"), try text("category"), try text("language"))
        do throws(SignalError) {
            let date: Date
            if let seconds = Double(time) {
                date = Date(timeIntervalSince1970: seconds)
            } else {
                date = try SignalTime.date(iso8601: time)
            }
            let signal = try UserSignal(
                kind: SignalKind(rawValue: kind),
                time: date,
                text: title,
                url: try url.map { address throws(SignalError) in try UserSignal.address(address) },
                category: category
            )
            return Row(person: person, language: language, signal: signal, line: line)
        } catch {
            throw InvalidLine(line: line, problem: .invalidValue(error))
        }
    }

    /// The fields of the next row below the names of the columns.
    private mutating func fields() throws(SignalFileError) -> (fields: [[UInt8]], line: Int)? {
        if records == nil { try open() }
        while let outcome = try record() {
            switch outcome {
            case .fields(let fields, let line): return (fields, line)
            case .invalid(let problem): try report(problem)
            }
        }
        return nil
    }

    private mutating func open() throws(SignalFileError) {
        do throws(FileBytes.Failure) {
            let limit = file.options.maximumLineBytes
            records = DelimitedRecords(
                lines: LineReader(file: try FileBytes(path: file.path), maximumLineBytes: limit),
                delimiter: file.delimiter.byte,
                maximumBytes: limit
            )
        } catch {
            throw SignalFileError(error, path: file.path)
        }
        switch try record() {
        case nil: return
        case .invalid(let problem): throw .invalidLine(path: file.path, problem)
        case .fields(let names, let line):
            for (column, name) in names.enumerated() { columns[String(decoding: name, as: UTF8.self)] = column }
            // Two columns of one name leave a number that no row has.
            guard columns.count == names.count else {
                throw .invalidLine(
                    path: file.path,
                    InvalidLine(line: line, problem: .wrongFieldCount(names.count, expected: columns.count))
                )
            }
            for name in ["id", "kind", "time", "text"] where columns[name] == nil {
                throw .invalidLine(path: file.path, InvalidLine(line: line, field: name, problem: .missingColumn))
            }
        }
    }

    private mutating func record() throws(SignalFileError) -> DelimitedRecords.Outcome? {
        do throws(FileBytes.Failure) { return try records?.next() ?? nil } catch {
            throw SignalFileError(error, path: file.path)
        }
    }

    private func report(_ problem: InvalidLine) throws(SignalFileError) {
        let failure = SignalFileError.invalidLine(path: file.path, problem)
        switch file.options.invalidLines {
        case .fail: throw failure
        case .skip(let report): report(failure)
        }
    }
}
