// One record after the other from a file with a record to a line: opening, lines, policy for wrong ones.

/// The plain iterator under every file of the package that has one record to a line. Holds one line at a time.
struct RecordIterator<Element> {
    /// Turns a line's bytes and its number, from 1, into a record.
    typealias Parser = @Sendable (_ bytes: [UInt8], _ number: Int) throws(InvalidLine) -> Element

    private enum State {
        case closed
        case open(LineReader)
        case finished
    }

    private let path: String
    private let maximumLineBytes: Int
    private let invalidLines: InvalidLinePolicy
    private let parse: Parser
    private var state = State.closed

    /// - Parameter path: `-` is the standard input. The file is opened when the first record is asked for.
    init(path: String, maximumLineBytes: Int, invalidLines: InvalidLinePolicy, parse: @escaping Parser) {
        self.path = path
        self.maximumLineBytes = maximumLineBytes
        self.invalidLines = invalidLines
        self.parse = parse
    }

    /// The next record, or nil at the end. After an error the iterator is at its end.
    mutating func next() throws(SignalFileError) -> Element? {
        do throws(SignalFileError) {
            let record = try step()
            if record == nil { state = .finished }
            return record
        } catch {
            state = .finished
            throw error
        }
    }

    /// All records from here on, in memory.
    consuming func rest() throws(SignalFileError) -> [Element] {
        var records: [Element] = []
        while let record = try next() { records.append(record) }
        return records
    }

    private mutating func step() throws(SignalFileError) -> Element? {
        guard var reader = try reader() else { return nil }
        // The reader is taken out of the state while it is used, so that its chunk is not copied.
        state = .finished
        defer { state = .open(reader) }
        while let line = try line(&reader) {
            do throws(InvalidLine) {
                switch line {
                case .tooLong:
                    throw InvalidLine(
                        line: reader.lineNumber,
                        problem: .lineTooLong(maximumBytes: maximumLineBytes)
                    )
                case .bytes(let bytes):
                    if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
                    return try parse(bytes, reader.lineNumber)
                }
            } catch {
                let failure = SignalFileError.invalidLine(path: path, error)
                switch invalidLines {
                case .fail: throw failure
                case .skip(let report): report(failure)
                }
            }
        }
        return nil
    }

    private func reader() throws(SignalFileError) -> LineReader? {
        switch state {
        case .finished: return nil
        case .open(let reader): return reader
        case .closed:
            do throws(FileBytes.Failure) {
                return LineReader(file: try FileBytes(path: path), maximumLineBytes: maximumLineBytes)
            } catch {
                throw SignalFileError(error, path: path)
            }
        }
    }

    private func line(_ reader: inout LineReader) throws(SignalFileError) -> LineReader.Line? {
        do throws(FileBytes.Failure) { return try reader.next() } catch {
            throw SignalFileError(error, path: path)
        }
    }

    /// Opens the file and closes it again.
    static func checkReadable(path: String) throws(SignalFileError) {
        do throws(FileBytes.Failure) { _ = try FileBytes(path: path) } catch {
            throw SignalFileError(error, path: path)
        }
    }
}

extension SignalFileError {
    init(_ failure: FileBytes.Failure, path: String) {
        self = failure.isMissing ? .notFound(path: path) : .unreadable(path: path, reason: failure.reason)
    }
}
