// A file read from front to back in chunks, through the system's own calls: no Foundation, no whole file in memory.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// An open file. One owner; closed when it goes.
final class FileBytes {
    /// A call of the system that failed.
    struct Failure: Error, Equatable {
        let code: Int32
        /// The system's words for the code.
        var reason: String { String(cString: strerror(code)) }
        var isMissing: Bool { code == ENOENT }
    }

    private let descriptor: Int32
    private let closes: Bool

    /// Opens a file for reading; `-` is the standard input.
    init(path: String) throws(Failure) {
        if path == "-" {
            descriptor = 0
            closes = false
            return
        }
        let opened = open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { throw Failure(code: errno) }
        // A folder opens and only then refuses to be read; say it here, where the path is the news.
        var status = stat()
        if fstat(opened, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            close(opened)
            throw Failure(code: EISDIR)
        }
        descriptor = opened
        closes = true
    }

    deinit { if closes { close(descriptor) } }

    /// Fills the front of the buffer; 0 at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        while true {
            #if canImport(Glibc)
                let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            #elseif canImport(Musl)
                let count = Musl.read(descriptor, buffer.baseAddress, buffer.count)
            #else
                let count = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
            #endif
            if count >= 0 { return count }
            if errno != EINTR { throw Failure(code: errno) }
        }
    }
}
