// Lines of a file, in memory bounded by the longest permitted line.

/// Splits a file into lines at LF; a CR before it belongs to the line's end. A byte order mark at the start is skipped.
struct LineReader {
    /// One line's outcome.
    enum Line: Equatable {
        case bytes([UInt8])
        /// The line had more than the permitted bytes and was passed over.
        case tooLong
    }

    private let file: FileBytes
    private let maximumLineBytes: Int
    private var chunk: [UInt8]
    /// The unread part of the chunk.
    private var unread = 0..<0
    private var isAtEnd = false
    /// Lines returned so far; so the number of the last one, counted from 1.
    private(set) var lineNumber = 0

    init(file: FileBytes, maximumLineBytes: Int, chunkBytes: Int = 1 << 16) {
        self.file = file
        self.maximumLineBytes = maximumLineBytes
        chunk = [UInt8](repeating: 0, count: chunkBytes)
    }

    /// The next line without its end, or nil at the end of the file.
    mutating func next() throws(FileBytes.Failure) -> Line? {
        var line: [UInt8] = []
        var isTooLong = false
        var isStarted = false
        while true {
            if unread.isEmpty {
                if !isAtEnd { try refill() }
                if unread.isEmpty {
                    guard isStarted else { return nil }
                    return finish(line, isTooLong)
                }
            }
            isStarted = true
            let end = chunk[unread].firstIndex(of: UInt8(ascii: "\n"))
            let piece = unread.lowerBound..<(end ?? unread.upperBound)
            // One more than permitted is kept, for the CR that may turn out to belong to the line's end.
            if isTooLong || line.count + piece.count > maximumLineBytes + 1 {
                isTooLong = true
                line = []
            } else {
                line.append(contentsOf: chunk[piece])
            }
            unread = (end.map { $0 + 1 } ?? unread.upperBound)..<unread.upperBound
            if end != nil { return finish(line, isTooLong) }
        }
    }

    private mutating func finish(_ line: [UInt8], _ isTooLong: Bool) -> Line {
        lineNumber += 1
        if isTooLong { return .tooLong }
        var line = line
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        if lineNumber == 1, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        return line.count > maximumLineBytes ? .tooLong : .bytes(line)
    }

    private mutating func refill() throws(FileBytes.Failure) {
        let outcome = chunk.withUnsafeMutableBytes { buffer -> Result<Int, FileBytes.Failure> in
            do throws(FileBytes.Failure) { return .success(try file.read(into: buffer)) } catch {
                return .failure(error)
            }
        }
        let count = try outcome.get()
        unread = 0..<count
        isAtEnd = count == 0
    }
}
