// What the tests of files share: folders that go away, a context, and builders of small files.

import IQTensor

import IQModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A folder that is removed when the value goes out of use.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "iq-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ bytes: [UInt8], _ name: String) throws -> URL {
        let file = url.appending(path: name)
        try Data(bytes).write(to: file)
        return file
    }
}

func testContext() throws -> ComputeContext { try ComputeContext(threads: 1) }

/// Every parameter's values in f32, by name.
func values(
    of weights: DecoderWeights,
    in configuration: DecoderConfiguration,
    _ context: ComputeContext
) throws -> [String: [Float]] {
    var result: [String: [Float]] = [:]
    for (name, _, value) in weights.parameters(in: configuration) {
        switch value {
        case .vector(let vector): result[name] = vector.values
        case .matrix(let matrix):
            result[name] = try context.dequantized(matrix).withBytes { bytes in
                Array(bytes.bindMemory(to: Float.self))
            }
        }
    }
    return result
}

/// Builds GGUF files byte by byte, right or wrong.
struct GGUFBuilder {
    var magic = Array("GGUF".utf8)
    var version: UInt32 = 3
    var tensorCount: UInt64?
    var entryCount: UInt64?
    var entries: [[UInt8]] = []
    var infos: [[UInt8]] = []
    var data: [UInt8] = []
    var alignment = 32

    static func string(_ text: [UInt8]) -> [UInt8] { number(UInt64(text.count)) + text }
    static func string(_ text: String) -> [UInt8] { string(Array(text.utf8)) }
    static func number<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    mutating func entry(_ key: String, type: UInt32, _ value: [UInt8]) {
        entries.append(Self.string(key) + Self.number(type) + value)
    }

    mutating func tensor(_ name: String, _ shape: [UInt64], type: UInt32 = 0, offset: UInt64) {
        infos.append(
            Self.string(name) + Self.number(UInt32(shape.count)) + shape.flatMap { Self.number($0) }
                + Self.number(type) + Self.number(offset)
        )
    }

    var bytes: [UInt8] {
        var bytes = magic + Self.number(version)
        bytes += Self.number(tensorCount ?? UInt64(infos.count))
        bytes += Self.number(entryCount ?? UInt64(entries.count))
        bytes += entries.flatMap { $0 } + infos.flatMap { $0 }
        while bytes.count % alignment != 0 { bytes.append(0) }
        return bytes + data
    }
}
