// The lines of a file of people, each with its number, so that what becomes of them can be matched with the file again.

internal import IQModel

/// Which of a file's records are read. Records are its lines without the blank ones.
public struct RecordSelection: Sendable, Hashable {
    /// The share of the records: every ``shardCount``th, from the record ``shard`` on. 0 of 1 is all.
    public let shard: Int
    public let shardCount: Int
    /// How many records of the share are passed over at its beginning, without being parsed.
    public let skipping: Int
    /// How many records of the share there are at most, those passed over counted; nil for no limit.
    public let limit: Int?

    /// - Precondition: `shard` is in 0 ..< `shardCount`; the others are not negative.
    public init(shard: Int = 0, of shardCount: Int = 1, skipping: Int = 0, limit: Int? = nil) {
        precondition(
            shard >= 0 && shard < shardCount && skipping >= 0 && limit ?? 0 >= 0,
            "shard \(shard) of \(shardCount), skipping \(skipping), limit \(limit ?? 0)"
        )
        self.shard = shard
        self.shardCount = shardCount
        self.skipping = skipping
        self.limit = limit
    }

    /// All records.
    public static let all = RecordSelection()

    enum Choice {
        case take, pass, end
    }

    /// What to do with the record of an index, counted from 0 over the whole file.
    func choice(_ index: Int) -> Choice {
        let (place, rest) = index.quotientAndRemainder(dividingBy: shardCount)
        // Behind the last record of the share nothing more is read, so that a pipe is not drained for nothing.
        if let limit, place > limit || (place == limit && rest >= shard) { return .end }
        return rest == shard && place >= skipping ? .take : .pass
    }
}

/// A record of a file of people: a person, or what is wrong with the line.
public struct PersonLine: Sendable, Equatable {
    /// The number of the line, from 1.
    public let number: Int
    /// The number of the record in the whole file, from 0, blank lines not counted: the random stream of the person's list.
    public let index: Int
    /// The person, or why there is none.
    public let person: Result<Person, InvalidLine>

    public init(number: Int, index: Int, person: Result<Person, InvalidLine>) {
        self.number = number
        self.index = index
        self.person = person
    }
}

/// Reads the records of a file of people one by one, on a thread of its own: a pipe that is slow, or a disk, holds up nobody
/// but the caller of ``next()``.
///
/// A line that holds no person is a record too, so that records and results stay one to one; ``SignalFileOptions/invalidLines``
/// is not looked at. Memory is bounded by the longest line.
public actor PersonLineReader {
    private nonisolated let executor: EngineExecutor
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    public nonisolated let path: String
    public nonisolated let selection: RecordSelection
    private let options: SignalFileOptions
    private let parser: PersonParser
    private var reader: LineReader?
    /// Records that were seen, taken or not.
    private var records = 0
    private var isAtEnd = false
    /// A record that was looked at and not taken.
    private var peeked: PersonLine?

    /// - Parameters:
    ///   - path: the file; `-` is the standard input. It is opened when the first record is asked for.
    ///   - options: what is accepted.
    ///   - selection: which records are read.
    public init(path: String, options: SignalFileOptions = SignalFileOptions(), selection: RecordSelection = .all) {
        executor = EngineExecutor(label: "InterestQueryKit.PersonLineReader")
        self.path = path
        self.options = options
        self.selection = selection
        parser = PersonParser(options: options)
    }

    /// The next record that is selected, or nil at the end.
    ///
    /// - Throws: ``SignalFileError/notFound(path:)`` or ``SignalFileError/unreadable(path:reason:)``; after it the file is at
    ///   its end.
    public func next() throws(SignalFileError) -> PersonLine? {
        if let line = peeked {
            peeked = nil
            return line
        }
        guard !isAtEnd else { return nil }
        do throws(FileBytes.Failure) {
            let line = try read()
            if line == nil { isAtEnd = true }
            return line
        } catch {
            isAtEnd = true
            throw SignalFileError(error, path: path)
        }
    }

    /// The record that ``next()`` will give, or nil at the end.
    ///
    /// - Throws: as ``next()``.
    public func peek() throws(SignalFileError) -> PersonLine? {
        peeked = try next()
        return peeked
    }

    private func read() throws(FileBytes.Failure) -> PersonLine? {
        // The reader is taken out while it is used, so that its chunk is not copied.
        var lines: LineReader
        if let reader {
            lines = reader
        } else {
            lines = LineReader(file: try FileBytes(path: path), maximumLineBytes: options.maximumLineBytes)
        }
        reader = nil
        defer { reader = lines }
        while selection.choice(records) != .end, let line = try lines.next() {
            if case .bytes(let bytes) = line, bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            let index = records
            records += 1
            guard selection.choice(index) == .take else { continue }
            return PersonLine(number: lines.lineNumber, index: index, person: person(line, number: lines.lineNumber))
        }
        return nil
    }

    private func person(_ line: LineReader.Line, number: Int) -> Result<Person, InvalidLine> {
        do throws(InvalidLine) {
            switch line {
            case .tooLong:
                throw InvalidLine(line: number, problem: .lineTooLong(maximumBytes: options.maximumLineBytes))
            case .bytes(let bytes): return .success(try parser.person(line: bytes, number: number))
            }
        } catch {
            return .failure(error)
        }
    }
}
