// The system calls that change files, in one place, so that tests can look on, refuse one, or stop all from the n-th on as a
// killed process would.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A call that changes the file system.
package enum FileCall: Equatable, Sendable {
    case makeFolder(String)
    /// Opens a new file; there must be none.
    case create(String)
    /// Opens a file to add to its end; made if there is none.
    case append(String)
    case write(String, byteCount: Int)
    case truncate(String, byteCount: Int)
    /// Waits until the file's bytes are on the disk.
    case flush(String)
    /// Waits until the folder's names are on the disk.
    case flushFolder(String)
    case rename(String, to: String)
    case remove(String)
    case removeFolder(String)

    /// The path that an error names.
    var path: String {
        switch self {
        case .makeFolder(let path), .create(let path), .append(let path), .write(let path, _), .truncate(let path, _),
            .flush(let path), .flushFolder(let path), .rename(_, let path), .remove(let path), .removeFolder(let path):
            path
        }
    }
}

/// A call that the system refused; `code` is its errno.
package struct FileFailure: Error, Equatable, Sendable {
    package var path: String
    package var code: Int32
}

package struct FileCalls: Sendable {
    /// Asked before each call; nil lets it happen. An errno makes it fail without being made, 0 succeed without being made.
    package var intercept: (@Sendable (FileCall) -> Int32?)?
    /// Bytes of one write call at most.
    package var writeByteCount = 8 << 20

    package init(intercept: (@Sendable (FileCall) -> Int32?)? = nil) { self.intercept = intercept }

    private func perform(_ call: FileCall, _ body: () -> Bool) throws(FileFailure) {
        if let code = intercept?(call) {
            if code == 0 { return }
            throw FileFailure(path: call.path, code: code)
        }
        guard body() else { throw FileFailure(path: call.path, code: errno) }
    }

    func makeFolder(_ path: String) throws(FileFailure) {
        try perform(.makeFolder(path)) { mkdir(path, 0o755) == 0 }
    }

    /// Makes the folder and those above it; ones that are there are fine.
    func makeFolders(_ path: String) throws(FileFailure) {
        if isFolder(path) { return }
        if let parent = parentFolder(of: path) { try makeFolders(parent) }
        do {
            try makeFolder(path)
            try flushFolder(parentFolder(of: path) ?? ".")
        } catch {
            // Another process may have been faster.
            guard error.code == EEXIST, isFolder(path) else { throw error }
        }
    }

    func create(_ path: String) throws(FileFailure) -> OpenFile {
        try open(.create(path), path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC)
    }

    func append(_ path: String) throws(FileFailure) -> OpenFile {
        try open(.append(path), path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC)
    }

    private func open(_ call: FileCall, _ path: String, _ flags: Int32) throws(FileFailure) -> OpenFile {
        var descriptor: Int32 = -1
        try perform(call) {
            descriptor = systemOpen(path, flags)
            return descriptor >= 0
        }
        return OpenFile(path: path, descriptor: descriptor, calls: self)
    }

    func flushFolder(_ path: String) throws(FileFailure) {
        try perform(.flushFolder(path)) {
            let descriptor = systemOpen(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return false }
            defer { close(descriptor) }
            // Some network file systems cannot flush a folder; they keep the order of names themselves.
            return fsync(descriptor) == 0 || errno == EINVAL
        }
    }

    func rename(_ path: String, to destination: String) throws(FileFailure) {
        try perform(.rename(path, to: destination)) { systemRename(path, destination) }
    }

    /// Removes a file; one that is gone is fine.
    func remove(_ path: String) throws(FileFailure) {
        try perform(.remove(path)) { unlink(path) == 0 || errno == ENOENT }
    }

    /// Removes an empty folder; one that is gone is fine.
    func removeFolder(_ path: String) throws(FileFailure) {
        try perform(.removeFolder(path)) { rmdir(path) == 0 || errno == ENOENT }
    }

    fileprivate func write(_ bytes: UnsafeRawBufferPointer, to file: OpenFile) throws(FileFailure) {
        var rest = bytes
        while !rest.isEmpty {
            let count = min(rest.count, writeByteCount)
            var written = 0
            try perform(.write(file.path, byteCount: count)) {
                repeat {
                    written = systemWrite(file.descriptor, rest.baseAddress, count)
                } while written < 0 && errno == EINTR
                return written >= 0
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    fileprivate func truncate(_ file: OpenFile, to byteCount: Int) throws(FileFailure) {
        try perform(.truncate(file.path, byteCount: byteCount)) { ftruncate(file.descriptor, off_t(byteCount)) == 0 }
    }

    fileprivate func flush(_ file: OpenFile) throws(FileFailure) {
        try perform(.flush(file.path)) {
            #if canImport(Darwin)
                // There, fsync leaves the bytes in the drive's own cache.
                if fcntl(file.descriptor, F_FULLFSYNC) == 0 { return true }
            #endif
            // A pipe or a terminal cannot be flushed and needs none.
            return fsync(file.descriptor) == 0 || errno == EINVAL
        }
    }
}

/// A file open for writing; closed at the end of its life.
final class OpenFile {
    let path: String
    fileprivate let descriptor: Int32
    private let calls: FileCalls

    fileprivate init(path: String, descriptor: Int32, calls: FileCalls) {
        self.path = path
        self.descriptor = descriptor
        self.calls = calls
    }

    deinit { close(descriptor) }

    /// Adds bytes at the end.
    func write(_ bytes: UnsafeRawBufferPointer) throws(FileFailure) { try calls.write(bytes, to: self) }

    func write(_ bytes: [UInt8]) throws(FileFailure) {
        // Standard functions that take closures rethrow without the type, so the failure travels as a value.
        let failure: FileFailure? = bytes.withUnsafeBytes { buffer in
            do throws(FileFailure) {
                try write(buffer)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// Cuts the file off behind its first `byteCount` bytes.
    func truncate(to byteCount: Int) throws(FileFailure) { try calls.truncate(self, to: byteCount) }

    /// Returns once all bytes are on the disk.
    func flush() throws(FileFailure) { try calls.flush(self) }
}

private func systemOpen(_ path: String, _ flags: Int32) -> Int32 { open(path, flags, 0o644) }

private func systemRename(_ path: String, _ destination: String) -> Bool { rename(path, destination) == 0 }

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
