// Writes a file so that its path never holds half of it: a temporary file beside it, flushed to the disk, then renamed.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A file being written. Until ``commit()`` the path is untouched; without it the temporary file is removed.
///
/// A device or a pipe, as `/dev/stdout`, is written to directly: a rename would put a file in its place.
package final class AtomicFile {
    let path: String
    /// Nil if the path itself is written to.
    private let temporaryPath: String?
    private var descriptor: Int32
    private(set) var byteCount = 0

    init(path: String) throws(ModelError) {
        self.path = path
        if Self.isSpecial(path) {
            temporaryPath = nil
            descriptor = open(path, O_WRONLY | O_CLOEXEC)
        } else {
            let temporaryPath = "\(path).partial-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
            self.temporaryPath = temporaryPath
            descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        }
        guard descriptor >= 0 else { throw .notWritable(path: path, code: errno) }
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        if let temporaryPath { unlink(temporaryPath) }
    }

    /// Whether the path is something other than a file to be replaced.
    private static func isSpecial(_ path: String) -> Bool {
        // These lead to whatever is open, perhaps a file, and must stay where they are.
        if path == "/dev/stdout" || path == "/dev/stderr" || path.hasPrefix("/dev/fd/") { return true }
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        return status.st_mode & S_IFMT != S_IFREG && status.st_mode & S_IFMT != S_IFDIR
    }

    /// Adds bytes at the end.
    func write(_ bytes: UnsafeRawBufferPointer) throws(ModelError) {
        var rest = bytes
        #if canImport(Darwin)
            let system = Darwin.write
        #elseif canImport(Glibc)
            let system = Glibc.write
        #else
            let system = Musl.write
        #endif
        while let start = rest.baseAddress, !rest.isEmpty {
            let written = system(descriptor, start, rest.count)
            if written < 0 {
                if errno == EINTR { continue }
                throw .notWritable(path: path, code: errno)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
        byteCount += bytes.count
    }

    func write(_ bytes: [UInt8]) throws(ModelError) {
        let failure: ModelError? = bytes.withUnsafeBytes { buffer in
            do throws(ModelError) {
                try write(buffer)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// Adds zeros up to a multiple of `alignment`.
    func pad(to alignment: Int) throws(ModelError) {
        let rest = byteCount % alignment
        if rest != 0 { try write([UInt8](repeating: 0, count: alignment - rest)) }
    }

    /// Puts the file in its place.
    func commit() throws(ModelError) {
        guard let temporaryPath else { return }
        guard fsync(descriptor) == 0 else { throw .notWritable(path: path, code: errno) }
        close(descriptor)
        descriptor = -1
        guard rename(temporaryPath, path) == 0 else {
            let code = errno
            unlink(temporaryPath)
            throw .notWritable(path: path, code: code)
        }
        // The new name is on the disk once the folder is.
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let folderDescriptor = open(folder, O_RDONLY | O_CLOEXEC)
        guard folderDescriptor >= 0 else { return }
        defer { close(folderDescriptor) }
        fsync(folderDescriptor)
    }

    /// Writes a whole file.
    package static func write(_ bytes: [UInt8], to path: String) throws(ModelError) {
        let file = try AtomicFile(path: path)
        try file.write(bytes)
        try file.commit()
    }
}
