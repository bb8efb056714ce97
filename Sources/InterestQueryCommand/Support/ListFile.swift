// A file of results, one line for each record, that a later run can go on with.

internal import IQText

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Where lists go: whole lines, each handed to the system at once, so that a killed process leaves whole lines and at most
/// one torn one behind them. One owner; closed when it goes.
final class ListFile {
    private let path: String
    private let descriptor: Int32
    /// Whole lines that were there already.
    private(set) var lineCount = 0
    /// The last of them.
    private var lastLine: [UInt8] = []
    /// The next line to be written is the last one again, to see that this run says what the one before said.
    var isRepeating: Bool { lineCount > 0 && !hasRepeated }
    private var hasRepeated = false

    /// Opens a file and takes it for this process alone.
    ///
    /// - Parameters:
    ///   - path: made if it is not there.
    ///   - resuming: keeps the whole lines of the file and cuts a torn one off; else the file must be new or empty.
    /// - Throws: ``CommandFailure`` if the file cannot be written, has lines that would be lost, or is being written.
    init(path: String, resuming: Bool) throws(CommandFailure) {
        self.path = path
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        // A descriptor that is not there is closed without harm.
        descriptor = opened
        guard opened >= 0 else { throw Self.failure(path, errno) }
        if flock(opened, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            throw CommandFailure(
                message: "\(path) is being written by another process; wait for it, or give each its own file",
                code: CommandFailure.cannotCreate
            )
        }
        var status = stat()
        guard fstat(opened, &status) == 0 else { throw Self.failure(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            guard !resuming else {
                throw CommandFailure(
                    message: "\(path) is no file that --resume could go on with",
                    code: CommandFailure.usage
                )
            }
            return
        }
        guard resuming || status.st_size == 0 else {
            throw CommandFailure(
                message: "\(path) has results already; go on with them by --resume, or remove the file",
                code: CommandFailure.cannotCreate
            )
        }
        try keepWholeLines()
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Writes whole lines; the one that is repeated is compared.
    func write(_ lines: String) throws(CommandFailure) {
        if isRepeating {
            hasRepeated = true
            return try checkLastLine(says: Array(lines.utf8))
        }
        let code = writeAll(lines, to: descriptor)
        if code != 0 { throw Self.failure(path, code) }
    }

    /// Waits until everything is on the disk, so that what the system could not write is known before the command says that
    /// it is done.
    func finish() throws(CommandFailure) {
        // Pipes and devices have nothing to wait for.
        if fsync(descriptor) != 0, errno != EINVAL, errno != ENOTSUP { throw Self.failure(path, errno) }
    }

    // MARK: What is there already

    /// Counts the whole lines, keeps the last one, and cuts off what is behind it.
    private func keepWholeLines() throws(CommandFailure) {
        var chunk = [UInt8](repeating: 0, count: Self.chunkBytes)
        // The start of the line that is being read, and of the last whole one.
        var (lineStart, lastStart, offset) = (0, 0, 0)
        while true {
            let count = try readChunk(&chunk, at: offset)
            if count == 0 { break }
            for index in 0..<count where chunk[index] == UInt8(ascii: "\n") {
                lineCount += 1
                (lastStart, lineStart) = (lineStart, offset + index + 1)
            }
            offset += count
        }
        if lineCount > 0 { lastLine = try bytes(lastStart..<lineStart - 1) }
        guard ftruncate(descriptor, off_t(lineStart)) == 0, lseek(descriptor, off_t(lineStart), SEEK_SET) >= 0 else {
            throw Self.failure(path, errno)
        }
    }

    private func bytes(_ range: Range<Int>) throws(CommandFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < range.count {
            var chunk = [UInt8](repeating: 0, count: min(Self.chunkBytes, range.count - bytes.count))
            let count = try readChunk(&chunk, at: range.lowerBound + bytes.count)
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return bytes
    }

    private func readChunk(_ chunk: inout [UInt8], at offset: Int) throws(CommandFailure) -> Int {
        while true {
            let count = pread(descriptor, &chunk, chunk.count, off_t(offset))
            if count >= 0 { return count }
            if errno != EINTR { throw Self.failure(path, errno) }
        }
    }

    private static let chunkBytes = 1 << 18

    private static func failure(_ path: String, _ code: Int32) -> CommandFailure {
        CommandFailure(
            message: "\(path) cannot be written: \(String(cString: strerror(code)))"
                + (code == ENOSPC || code == EDQUOT ? "; make room and go on with --resume" : ""),
            code: CommandFailure.cannotCreate
        )
    }
}

extension ListFile {
    /// Makes sure that the last line has the queries, and what was dropped, that this run writes for the same record: another model, seed or option
    /// would show. Rewards may differ in their last digits where another processor computes.
    private func checkLastLine(says line: [UInt8]) throws(CommandFailure) {
        func written(_ line: [UInt8]) -> [String?]? {
            guard let root = try? JSONDocument(line, maximumDepth: 16).root else { return nil }
            let queries = root["queries"]?.elements?.map(\.string) ?? []
            return queries + (root["dropped"]?.elements?.map { $0["text"]?.string } ?? [])
        }
        guard written(line) != written(lastLine) else { return }
        throw mismatch("has other queries than this run writes for the same person", needs: "model and the options")
    }

    /// Makes sure that the last line was made from this record, before anything else is done.
    ///
    /// - Throws: ``CommandFailure`` if it was not, or is no result at all: then the rest would not match either.
    func checkLastLine(isOf record: LastRecord?) throws(CommandFailure) {
        let root = try? JSONDocument(lastLine, maximumDepth: 16).root
        let found: LastRecord? =
            if let id = root?["id"]?.string {
                .person(id)
            } else {
                root?["line"]?.integer.map { .line($0) }
            }
        guard let found else { throw mismatch("is no result of generate") }
        guard let record else { throw mismatch("is \(found), and there are fewer people than lines") }
        if found != record { throw mismatch("is \(found), and the people have \(record) there") }
    }

    private func mismatch(_ what: String, needs: String = "people and the shard") -> CommandFailure {
        CommandFailure(
            message: "\(path), line \(lineCount), \(what); --resume needs the \(needs) of the run that it goes on with",
            code: CommandFailure.data
        )
    }

    /// What names a record in the results.
    enum LastRecord: Equatable, CustomStringConvertible {
        case person(String)
        case line(Int)

        var description: String {
            switch self {
            case .person(let id): "of '\(id)'"
            case .line(let number): "of line \(number)"
            }
        }
    }
}
