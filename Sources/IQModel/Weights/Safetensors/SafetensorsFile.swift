// Reads the structure of a safetensors file: the JSON header, and where each tensor's bytes lie.
//
// Layout: the header's length in 8 little-endian bytes, the header, the data. Source: the format's documentation. The file
// is mapped, and nothing in it is believed.

package import IQTensor
internal import IQText

/// A safetensors file: its tensors, in the order of their bytes.
package struct SafetensorsFile: Sendable {
    package let tensors: [StoredTensor]

    /// The format's own limit on the header.
    static let longestHeader = 100_000_000
    private static let lengthBytes = 8

    package static func open(path: String) throws(ModelError) -> SafetensorsFile {
        let storage: TensorStorage
        do {
            storage = try TensorStorage.map(path: path)
        } catch {
            if case .emptyFile = error {
                throw .safetensors(path: path, .truncated(needed: lengthBytes, available: 0))
            }
            throw ModelError(reading: path, error)
        }
        do {
            return try SafetensorsFile(storage)
        } catch {
            throw .safetensors(path: path, error)
        }
    }

    package init(_ storage: TensorStorage) throws(SafetensorsFault) {
        let available = storage.byteCount
        guard available >= Self.lengthBytes else { throw .truncated(needed: Self.lengthBytes, available: available) }
        let length = storage.withBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard length >= 2, length <= UInt64(Self.longestHeader) else {
            throw .headerLength(length, limit: Self.longestHeader)
        }
        let dataStart = Self.lengthBytes + Int(length)
        guard dataStart <= available else { throw .truncated(needed: dataStart, available: available) }
        let header = storage.withBytes { Array($0[Self.lengthBytes..<dataStart]) }
        let entries = try Self.entries(of: header)
        var tensors: [StoredTensor] = []
        tensors.reserveCapacity(entries.count)
        for (name, value) in entries where name != "__metadata__" {
            tensors.append(try Self.tensor(name, value, dataStart: dataStart, storage: storage))
        }
        tensors.sort { ($0.byteOffset, $0.byteCount) < ($1.byteOffset, $1.byteCount) }
        try Self.checkCoverage(tensors, dataStart: dataStart, available: available)
        self.tensors = tensors
    }

    private static func entries(of header: [UInt8]) throws(SafetensorsFault) -> [(name: String, value: JSONValue)] {
        let document: JSONDocument
        do {
            document = try JSONDocument(header)
        } catch {
            if case .duplicateKey(let key) = error.reason { throw .duplicateName(key) }
            throw .headerNotJSON(offset: lengthBytes + error.byteOffset, reason: error.explanation)
        }
        guard let members = document.root.members else {
            throw .headerNotJSON(offset: lengthBytes, reason: "it is \(document.root.kindName)")
        }
        return members.map { ($0.key.string ?? "", $0.value) }
    }

    private static func tensor(
        _ name: String,
        _ entry: JSONValue,
        dataStart: Int,
        storage: TensorStorage
    ) throws(SafetensorsFault) -> StoredTensor {
        guard let type = entry["dtype"]?.string else { throw .malformedEntry(tensor: name, reason: "no dtype") }
        guard let bits = SafetensorsType.bits[type] else {
            throw .unsupportedType(tensor: name, found: type, supported: SafetensorsType.supportedNames)
        }
        guard let dimensions = entry["shape"]?.elements else {
            throw .malformedEntry(tensor: name, reason: "no shape")
        }
        var shape: [Int] = []
        for dimension in dimensions {
            guard let dimension = dimension.integer else {
                throw .malformedEntry(tensor: name, reason: "a dimension is not an integer")
            }
            shape.append(dimension)
        }
        guard let offsets = entry["data_offsets"]?.elements?.map(\.integer), offsets.count == 2, let begin = offsets[0],
            let end = offsets[1]
        else { throw .malformedEntry(tensor: name, reason: "data_offsets are not two integers") }
        let expected = try byteCount(of: name, shape: shape, bits: bits)
        let dataBytes = storage.byteCount - dataStart
        guard begin >= 0, begin <= end, end <= dataBytes else {
            throw .outOfBounds(tensor: name, begin: begin, end: end, available: dataBytes)
        }
        guard end - begin == expected else {
            throw .wrongLength(tensor: name, expected: expected, found: end - begin)
        }
        return StoredTensor(
            name: name,
            kind: SafetensorsType.format(of: type).map { .number($0) } ?? .other(type),
            shape: shape,
            storage: storage,
            byteOffset: dataStart + begin,
            byteCount: expected
        )
    }

    private static func byteCount(of name: String, shape: [Int], bits: Int) throws(SafetensorsFault) -> Int {
        var total = bits
        for dimension in shape {
            let (product, overflow) = total.multipliedReportingOverflow(by: dimension)
            guard dimension >= 0, !overflow else { throw .invalidShape(tensor: name, shape: shape) }
            total = product
        }
        guard total % 8 == 0 else { throw .invalidShape(tensor: name, shape: shape) }
        return total / 8
    }

    /// The format asks that tensors cover the data from its first byte to its last, without holes.
    private static func checkCoverage(
        _ tensors: [StoredTensor],
        dataStart: Int,
        available: Int
    ) throws(SafetensorsFault) {
        var covered = dataStart
        var previous = ""
        for tensor in tensors {
            guard tensor.byteOffset >= covered else { throw .overlap(previous, tensor.name) }
            guard tensor.byteOffset == covered else { throw .gap(begin: covered, end: tensor.byteOffset) }
            covered = tensor.byteOffset + tensor.byteCount
            previous = tensor.name
        }
        guard covered == available else { throw .gap(begin: covered, end: available) }
    }
}
