// A line of fields between tabs in which nothing is quoted, as MIND's files are written.

internal import IQText

/// The fields of a line.
struct TabSeparatedLine {
    private let bytes: [UInt8]
    private let number: Int
    private let ranges: [Range<Int>]

    /// - Parameter number: the line's number in its file, from 1.
    init(_ bytes: [UInt8], number: Int, fieldCount: Int) throws(InvalidLine) {
        var ranges: [Range<Int>] = []
        ranges.reserveCapacity(fieldCount)
        var start = 0
        for index in bytes.indices where bytes[index] == UInt8(ascii: "\t") {
            ranges.append(start..<index)
            start = index + 1
        }
        ranges.append(start..<bytes.count)
        guard ranges.count == fieldCount else {
            throw InvalidLine(line: number, problem: .wrongFieldCount(ranges.count, expected: fieldCount))
        }
        self.bytes = bytes
        self.number = number
        self.ranges = ranges
    }

    /// A field's text.
    func text(_ index: Int) throws(InvalidLine) -> String { try text(ranges[index]) }

    /// A field's parts between spaces.
    func words(_ index: Int) throws(InvalidLine) -> [String] {
        var words: [String] = []
        var start = ranges[index].lowerBound
        for position in ranges[index] where bytes[position] == UInt8(ascii: " ") {
            if position > start { words.append(try text(start..<position)) }
            start = position + 1
        }
        if ranges[index].upperBound > start { words.append(try text(start..<ranges[index].upperBound)) }
        return words
    }

    /// What is wrong with a field.
    func failure(_ problem: InvalidLine.Problem, at index: Int, name: String) -> InvalidLine {
        InvalidLine(line: number, column: ranges[index].lowerBound + 1, field: name, problem: problem)
    }

    private func text(_ range: Range<Int>) throws(InvalidLine) -> String {
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
            throw InvalidLine(line: number, column: range.lowerBound + 1, problem: .notUTF8)
        }
        return text
    }
}
