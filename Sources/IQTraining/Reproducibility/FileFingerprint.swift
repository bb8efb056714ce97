// What a file was, in a few bytes: enough to notice that it is another one now.

internal import IQTensor

/// Name, size and CRC-32C of a file. The checksum notices accidents, not forgery.
package struct FileFingerprint: Codable, Sendable, Hashable {
    package var path: String
    package var byteCount: Int
    /// Eight hexadecimal digits.
    package var crc32c: String

    /// Of a file, or of the files in a folder in the order of their names; hidden ones and folders are left out.
    package static func all(at path: String) throws(RunLogError) -> [FileFingerprint] {
        do {
            guard isFolder(path) else { return [try FileFingerprint(path: path)] }
            var fingerprints: [FileFingerprint] = []
            for name in try names(in: path).sorted() where !name.hasPrefix(".") {
                let file = joinedPath(path, name)
                if try fileByteCount(file) != nil { fingerprints.append(try FileFingerprint(path: file)) }
            }
            return fingerprints
        } catch {
            throw RunLogError(reading: error)
        }
    }

    private init(path: String) throws(FileFailure) {
        let (byteCount, crc) = try FileReader(path: path).checksum()
        self.path = path
        self.byteCount = byteCount
        crc32c = CRC32C.hexadecimal(crc)
    }
}
