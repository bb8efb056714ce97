// Keeps two processes from writing to one folder. The system lets go of the lock however the process ends.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Holds a folder for this process; let go at the end of its life.
final class FolderLock {
    private let descriptor: Int32

    private static let fileName = ".lock"

    /// - Throws: ``CheckpointError/inUse(folder:)`` if another one holds the folder.
    init(folder: String) throws(CheckpointError) {
        let path = joinedPath(folder, Self.fileName)
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw CheckpointError(writing: FileFailure(path: path, code: errno)) }
        // A file system without locks has to do without.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
            close(descriptor)
            throw .inUse(folder: folder)
        }
    }

    deinit { close(descriptor) }
}
