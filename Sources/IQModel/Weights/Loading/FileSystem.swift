// The few questions that loading asks of the file system.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif
internal import IQTensor

enum FileKind: Equatable {
    case file, folder, other
}

enum FileSystem {
    /// What is at the path; nil if nothing is.
    static func kind(_ path: String) throws(ModelError) -> FileKind? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            let code = errno
            if code == ENOENT || code == ENOTDIR { return nil }
            throw .notReadable(path: path, code: code)
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFDIR: return .folder
        default: return .other
        }
    }

    /// Names in a folder, sorted.
    static func names(in folder: String) throws(ModelError) -> [String] {
        guard let directory = opendir(folder) else { throw .notReadable(path: folder, code: errno) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The contents of a file of moderate size.
    static func contents(_ path: String) throws(ModelError) -> [UInt8] {
        do {
            return try TensorStorage.map(path: path).withBytes { Array($0) }
        } catch {
            if case .emptyFile = error { return [] }
            throw ModelError(reading: path, error)
        }
    }

    static func join(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : folder + "/" + name
    }
}

extension FileSystem {
    /// Makes a folder; one that is there already is fine.
    static func makeFolder(_ path: String) throws(ModelError) {
        if try kind(path) == .folder { return }
        guard mkdir(path, 0o755) == 0 else { throw .notWritable(path: path, code: errno) }
    }
}

extension FileSystem {
    /// Removes a file if it is there.
    static func remove(_ path: String) throws(ModelError) {
        guard unlink(path) != 0, errno != ENOENT else { return }
        throw .notWritable(path: path, code: errno)
    }
}
