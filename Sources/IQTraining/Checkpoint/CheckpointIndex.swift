// The list of a checkpoint's files with their sizes and checksums: `checkpoint.json`, written last.

internal import IQModel
internal import IQTensor
internal import IQText

/// What a checkpoint consists of. The text begins with its own checksum, taken with zeros in that place.
struct CheckpointIndex: Equatable {
    struct File: Equatable {
        var name: String
        var byteCount: Int
        var crc: UInt32
    }

    var step: Int
    var isBest: Bool
    var files: [File]

    static let fileName = "checkpoint.json"
    static let format = "interest-query checkpoint"
    static let version = 1
    /// Longest text that is read.
    static let longestText = 1 << 24

    private static let opening = Array("{\n  \"checksum\": \"".utf8)
    private static let digits = 8
    private static let checksumPlace = opening.count..<opening.count + digits

    // MARK: Writing

    var bytes: [UInt8] {
        let list = files.map { file in
            JSONText.object([
                ("name", .string(file.name)),
                ("bytes", .integer(file.byteCount)),
                ("crc32c", .string(CRC32C.hexadecimal(file.crc))),
            ])
        }
        var text = JSONText.object([
            ("checksum", .string(String(repeating: "0", count: Self.digits))),
            ("format", .string(Self.format)),
            ("version", .integer(Self.version)),
            ("step", .integer(step)),
            ("isBest", .bool(isBest)),
            ("files", .array(list)),
        ])
        .bytes
        text.replaceSubrange(Self.checksumPlace, with: Array(CRC32C(text).hexadecimal.utf8))
        return text
    }

    // MARK: Reading

    init(step: Int, isBest: Bool, files: [File]) {
        self.step = step
        self.isBest = isBest
        self.files = files
    }

    enum ReadingFailure: Error, Equatable {
        case malformed(String)
        case version(Int)
    }

    init(_ bytes: [UInt8]) throws(ReadingFailure) {
        guard bytes.starts(with: Self.opening), bytes.count >= Self.checksumPlace.upperBound else {
            throw .malformed("it does not begin with a checksum")
        }
        let written = String(decoding: bytes[Self.checksumPlace], as: UTF8.self)
        var zeroed = bytes
        zeroed.replaceSubrange(Self.checksumPlace, with: repeatElement(UInt8(ascii: "0"), count: Self.digits))
        let found = CRC32C(zeroed).hexadecimal
        guard written == found else { throw .malformed("its checksum is \(found) instead of \(written)") }
        let document: JSONDocument
        do {
            document = try JSONDocument(bytes, maximumDepth: 8)
        } catch {
            throw .malformed(error.description)
        }
        let root = document.root
        guard root["format"]?.string == Self.format, let version = root["version"]?.integer else {
            throw .malformed("it is not a list of a checkpoint's files")
        }
        guard version == Self.version else { throw .version(version) }
        guard let step = root["step"]?.integer, step >= 0 else { throw .malformed("it has no step") }
        guard let isBest = root["isBest"]?.bool else { throw .malformed("it does not say whether it is the best") }
        guard let entries = root["files"]?.elements else { throw .malformed("it lists no files") }
        var files: [File] = []
        for entry in entries {
            guard let name = entry["name"]?.string, Self.isPlainName(name), let byteCount = entry["bytes"]?.integer,
                byteCount >= 0, let text = entry["crc32c"]?.string, let crc = UInt32(text, radix: 16),
                CRC32C.hexadecimal(crc) == text, !files.contains(where: { $0.name == name })
            else { throw .malformed("the entry of file \(files.count + 1) is malformed") }
            files.append(File(name: name, byteCount: byteCount, crc: crc))
        }
        self.init(step: step, isBest: isBest, files: files)
    }

    /// Whether the name is one of a file in the same folder, of letters, digits, `.`, `-` and `_`.
    static func isPlainName(_ name: String) -> Bool {
        guard let first = name.utf8.first, first != UInt8(ascii: "."), name.utf8.count <= 128 else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
