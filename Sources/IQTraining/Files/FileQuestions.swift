// What is on the disk: questions that change nothing.

internal import IQTensor

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

package func joinedPath(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : folder + "/" + name
}

/// The folder that holds the path; nil for a bare name and for the root.
func parentFolder(of path: String) -> String? {
    var trimmed = Substring(path)
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed = trimmed.dropLast() }
    guard let slash = trimmed.lastIndex(of: "/"), trimmed != "/" else { return nil }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
}

func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Bytes of a regular file; nil if there is none at the path.
func fileByteCount(_ path: String) throws(FileFailure) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0 else {
        let code = errno
        if code == ENOENT || code == ENOTDIR { return nil }
        throw FileFailure(path: path, code: code)
    }
    return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
}

/// Names in a folder, in no order; none if there is no folder.
func names(in folder: String) throws(FileFailure) -> [String] {
    guard let directory = opendir(folder) else {
        let code = errno
        if code == ENOENT { return [] }
        throw FileFailure(path: folder, code: code)
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}

/// A regular file open for reading; closed at the end of its life.
final class FileReader {
    let path: String
    let byteCount: Int
    private let descriptor: Int32

    init(path: String) throws(FileFailure) {
        // Opening a pipe would wait for a writer.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileFailure(path: path, code: errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw FileFailure(path: path, code: EISDIR)
        }
        self.path = path
        byteCount = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// Fills the destination with bytes from `offset` on. Fewer are returned only where the file ends.
    func read(at offset: Int, into destination: UnsafeMutableRawBufferPointer) throws(FileFailure) -> Int {
        var filled = 0
        while filled < destination.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: destination[filled...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + filled))
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileFailure(path: path, code: errno)
            }
            filled += count
        }
        return filled
    }

    /// The file's bytes in pieces of at most `pieceByteCount`, in order.
    func forEachPiece(
        of pieceByteCount: Int = 1 << 20,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(FileFailure) {
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceByteCount, alignment: 64)
        defer { piece.deallocate() }
        var offset = 0
        while true {
            let count = try read(at: offset, into: piece)
            if count == 0 { return }
            body(UnsafeRawBufferPointer(rebasing: piece[..<count]))
            offset += count
        }
    }

    /// Bytes and checksum of the whole file.
    func checksum() throws(FileFailure) -> (byteCount: Int, crc: UInt32) {
        var checksum = CRC32C()
        var count = 0
        try forEachPiece { piece in
            checksum.update(piece)
            count += piece.count
        }
        return (count, checksum.value)
    }

    /// All bytes of a file of moderate size.
    static func contents(_ path: String) throws(FileFailure) -> [UInt8] {
        let reader = try FileReader(path: path)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(reader.byteCount)
        try reader.forEachPiece { bytes += $0 }
        return bytes
    }
}
