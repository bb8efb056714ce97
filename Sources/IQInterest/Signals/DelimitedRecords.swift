// Tables in text: fields between commas or tabs, quoted as RFC 4180 says, one record after the other.
//
// A reader of our own, because records must stream: packages that read CSV take the whole file, or a string of it, at once.

/// Cuts a file into records. A field in quotation marks may hold the delimiter, line breaks and doubled quotation marks.
struct DelimitedRecords {
    private var lines: LineReader
    private let delimiter: UInt8
    private let maximumBytes: Int

    init(lines: LineReader, delimiter: UInt8, maximumBytes: Int) {
        self.lines = lines
        self.delimiter = delimiter
        self.maximumBytes = maximumBytes
    }

    /// A record or what is wrong with it, and the number of its first line.
    enum Outcome {
        case fields([[UInt8]], line: Int)
        case invalid(InvalidLine)
    }

    /// The next record; nil at the end. Blank lines are passed over.
    mutating func next() throws(FileBytes.Failure) -> Outcome? {
        while let line = try lines.next() {
            let number = lines.lineNumber
            guard case .bytes(let bytes) = line else {
                return .invalid(InvalidLine(line: number, problem: .lineTooLong(maximumBytes: maximumBytes)))
            }
            if bytes.isEmpty { continue }
            return try record(bytes, number: number)
        }
        return nil
    }

    private enum State { case start, plain, quoted, closed }

    private mutating func record(_ first: [UInt8], number: Int) throws(FileBytes.Failure) -> Outcome {
        let quote = UInt8(ascii: "\"")
        var fields: [[UInt8]] = []
        var field: [UInt8] = []
        var state = State.start
        var total = first.count
        var bytes = first
        while true {
            for (index, byte) in bytes.enumerated() {
                switch state {
                case .start where byte == quote: state = .quoted
                case .start, .plain:
                    if byte == delimiter {
                        fields.append(field)
                        field = []
                        state = .start
                    } else {
                        field.append(byte)
                        state = .plain
                    }
                case .quoted:
                    if byte == quote { state = .closed } else { field.append(byte) }
                case .closed:
                    if byte == quote {
                        field.append(byte)
                        state = .quoted
                    } else if byte == delimiter {
                        fields.append(field)
                        field = []
                        state = .start
                    } else {
                        return .invalid(
                            InvalidLine(line: lines.lineNumber, column: index + 1, problem: .textAfterQuote)
                        )
                    }
                }
            }
            guard state == .quoted else { break }
            // The field goes on behind the line break.
            guard let line = try lines.next() else {
                return .invalid(InvalidLine(line: number, problem: .unclosedQuote))
            }
            guard case .bytes(let more) = line, total + more.count < maximumBytes else {
                return .invalid(InvalidLine(line: number, problem: .lineTooLong(maximumBytes: maximumBytes)))
            }
            field.append(UInt8(ascii: "\n"))
            total += more.count + 1
            bytes = more
        }
        fields.append(field)
        return .fields(fields, line: number)
    }
}
