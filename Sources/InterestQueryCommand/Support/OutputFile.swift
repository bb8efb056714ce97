// A file of results, or the standard output.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Where a command writes lines. One owner; closed when it goes.
final class OutputFile {
    private let path: String
    /// Nil for the standard output.
    private let file: UnsafeMutablePointer<FILE>?

    /// - Parameter path: the file, which is made anew; `-` is the standard output.
    init(path: String) throws(CommandFailure) {
        self.path = path
        guard path != "-" else {
            file = nil
            return
        }
        file = fopen(path, "w")
        if file == nil { throw Self.failure(path) }
    }

    deinit { if let file { fclose(file) } }

    /// Writes a line and its end.
    func write(line: String) throws {
        guard let file else { return try StandardOutput.write(line + "\n") }
        var text = line + "\n"
        let written = text.withUTF8 { fwrite($0.baseAddress, 1, $0.count, file) }
        if written != text.utf8.count { throw Self.failure(path) }
    }

    /// Hands what is still in memory to the system, so that a full disk is known before the command says that it is done.
    func finish() throws(CommandFailure) {
        if let file, fflush(file) != 0 { throw Self.failure(path) }
    }

    private static func failure(_ path: String) -> CommandFailure {
        CommandFailure(
            message: "\(path) cannot be written: \(String(cString: strerror(errno)))",
            code: CommandFailure.cannotCreate
        )
    }
}
