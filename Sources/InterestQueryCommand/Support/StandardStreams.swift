// Writing to the standard output and error, whole and at once, with a closed reader noticed.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// The standard output: results.
enum StandardOutput {
    /// Writes all of the text.
    ///
    /// - Throws: ``CommandFailure/outputClosed`` if nobody reads any more, or the reason why it cannot be written.
    static func write(_ text: String) throws {
        switch writeAll(text, to: 1) {
        case 0: return
        case EPIPE: throw CommandFailure.outputClosed
        case let code:
            throw CommandFailure(
                message: "the output cannot be written: \(String(cString: strerror(code)))",
                code: CommandFailure.cannotCreate
            )
        }
    }
}

/// The standard error: progress and problems.
enum StandardError {
    /// Writes all of the text; a closed reader is nobody's problem.
    static func write(_ text: String) { _ = writeAll(text, to: 2) }

    static var isTerminal: Bool { isatty(2) == 1 }

    /// Width of the terminal; 80 if it does not tell.
    static var columns: Int {
        var size = winsize()
        guard ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}

/// Writes all of the text; 0, or the system's error code.
func writeAll(_ text: String, to descriptor: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { bytes in
        var rest = UnsafeRawBufferPointer(bytes)
        while !rest.isEmpty {
            let written = systemWrite(descriptor, rest.baseAddress, rest.count)
            if written < 0 {
                if errno == EINTR { continue }
                return errno
            }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
        }
        return 0
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
        Glibc.write(descriptor, bytes, count)
    #elseif canImport(Musl)
        Musl.write(descriptor, bytes, count)
    #else
        Darwin.write(descriptor, bytes, count)
    #endif
}
