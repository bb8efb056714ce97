// Reads the structure of a GGUF file, versions 2 and 3: metadata, tensor descriptions, and where each tensor's bytes lie.
//
// Source: the GGUF specification in ggml's documentation. The file is mapped, and nothing in it is believed: counts are
// bounded by the bytes that are left before anything is allocated, and every tensor is checked to lie within the file
// and to share no byte with another.

package import IQTensor

/// A GGUF file: its metadata, and its tensors by name.
package struct GGUFFile: Sendable {
    package let version: UInt32
    package let metadata: GGUFMetadata
    /// In the order of the file.
    package let tensors: [StoredTensor]

    static let supportedVersions: [UInt32] = [2, 3]
    private static let magic: [UInt8] = Array("GGUF".utf8)
    /// ggml's limit.
    private static let mostDimensions = 4
    private static let defaultAlignment = 32

    package static func open(path: String) throws(ModelError) -> GGUFFile {
        let storage: TensorStorage
        do {
            storage = try TensorStorage.map(path: path)
        } catch {
            if case .emptyFile = error {
                throw .gguf(path: path, .truncated(reading: "the magic bytes", offset: 0, needed: 4, available: 0))
            }
            throw ModelError(reading: path, error)
        }
        do {
            return try GGUFFile(storage)
        } catch {
            throw .gguf(path: path, error)
        }
    }

    package init(_ storage: TensorStorage) throws(GGUFFault) {
        self = try storage.withBytes { (bytes) throws(GGUFFault) in
            try GGUFFile(bytes, in: storage)
        }
    }

    private init(_ bytes: UnsafeRawBufferPointer, in storage: TensorStorage) throws(GGUFFault) {
        var cursor = GGUFCursor(bytes)
        let start = Array(bytes.prefix(Self.magic.count))
        guard start.elementsEqual(Self.magic.prefix(start.count)) else { throw .wrongMagic(start) }
        _ = try cursor.number(UInt32.self, "the magic bytes")
        version = try Self.version(&cursor)
        // A tensor's description takes a name, its number of dimensions, one dimension, a type and an offset; a metadata
        // entry a key, a type and a value.
        let tensorCount = try cursor.count(of: "tensors", minimumByteCount: 8 + 1 + 4 + 8 + 4 + 8)
        let entryCount = try cursor.count(of: "metadata entries", minimumByteCount: 8 + 1 + 4 + 1)

        var metadata = GGUFMetadata()
        for _ in 0..<entryCount {
            let key = try cursor.name("metadata key")
            let type = try cursor.valueType(key)
            let value = try cursor.value(of: type, key: key)
            guard metadata.append(key: key, value) else { throw .duplicateKey(key) }
        }
        self.metadata = metadata
        if case .unsigned(let parts, _) = metadata["split.count"], parts > 1 {
            throw .split(parts: Int(clamping: parts))
        }

        let alignment = try Self.alignment(metadata)
        var descriptions: [Description] = []
        descriptions.reserveCapacity(tensorCount)
        for _ in 0..<tensorCount { descriptions.append(try Description(&cursor)) }
        let (dataStart, overflow) = cursor.offset.addingReportingOverflow(alignment - 1)
        guard !overflow else { throw .invalidAlignment("\(alignment)") }
        tensors = try Self.place(
            descriptions,
            dataStart: dataStart / alignment * alignment,
            alignment: alignment,
            storage: storage
        )
    }

    private static func version(_ cursor: inout GGUFCursor) throws(GGUFFault) -> UInt32 {
        let version = try cursor.number(UInt32.self, "the version")
        if supportedVersions.contains(version) { return version }
        if version != 0, version & 0xffff == 0 { throw .bigEndian }
        throw .unsupportedVersion(version, supported: supportedVersions)
    }

    private static func alignment(_ metadata: GGUFMetadata) throws(GGUFFault) -> Int {
        guard let value = metadata["general.alignment"] else { return defaultAlignment }
        guard case .unsigned(let alignment, .uint32) = value else { throw .invalidAlignment(value.kind) }
        guard alignment >= 8, alignment.nonzeroBitCount == 1 else { throw .invalidAlignment("\(alignment)") }
        return Int(alignment)
    }

    /// What the file says of a tensor.
    private struct Description {
        let name: String
        /// Innermost dimension first, as the file has them.
        let dimensions: [UInt64]
        let format: NumberFormat
        let byteCount: Int
        let offset: UInt64

        init(_ cursor: inout GGUFCursor) throws(GGUFFault) {
            name = try cursor.name("tensor name")
            let count = try cursor.number(UInt32.self, "the number of dimensions of \(name)")
            guard (1...UInt32(mostDimensions)).contains(count) else {
                throw .invalidShape(
                    tensor: name,
                    shape: [],
                    reason: "\(count) dimensions; a tensor has 1 to \(mostDimensions)"
                )
            }
            var dimensions: [UInt64] = []
            for _ in 0..<count { dimensions.append(try cursor.number(UInt64.self, "a dimension of \(name)")) }
            self.dimensions = dimensions
            let type = try cursor.number(UInt32.self, "the type of \(name)")
            offset = try cursor.number(UInt64.self, "the offset of \(name)")
            guard let format = GGUFTensorType.format(of: type) else {
                throw .unsupportedTensorType(
                    tensor: name,
                    type: GGUFTensorType.name(of: type),
                    supported: GGUFTensorType.supportedNames
                )
            }
            self.format = format
            var elements = 1
            for dimension in dimensions {
                guard dimension > 0 else {
                    throw .invalidShape(tensor: name, shape: dimensions, reason: "a dimension is 0")
                }
                let (product, overflow) = elements.multipliedReportingOverflow(by: Int(clamping: dimension))
                guard !overflow, dimension <= UInt64(Int.max) else {
                    throw .invalidShape(tensor: name, shape: dimensions, reason: "too many elements")
                }
                elements = product
            }
            guard dimensions[0] % UInt64(format.blockLength) == 0 else {
                throw .invalidShape(
                    tensor: name,
                    shape: dimensions,
                    reason: "a row of \(format.rawValue) is a multiple of \(format.blockLength) long"
                )
            }
            guard let byteCount = format.byteCount(of: elements) else {
                throw .invalidShape(tensor: name, shape: dimensions, reason: "too many elements")
            }
            self.byteCount = byteCount
        }
    }

    private static func place(
        _ descriptions: [Description],
        dataStart: Int,
        alignment: Int,
        storage: TensorStorage
    ) throws(GGUFFault) -> [StoredTensor] {
        let available = max(0, storage.byteCount - dataStart)
        var names: Set<String> = []
        names.reserveCapacity(descriptions.count)
        var tensors: [StoredTensor] = []
        tensors.reserveCapacity(descriptions.count)
        for description in descriptions {
            let name = description.name
            guard names.insert(name).inserted else { throw .duplicateTensor(name) }
            guard description.offset % UInt64(alignment) == 0 else {
                throw .misaligned(tensor: name, offset: description.offset, alignment: alignment)
            }
            guard description.offset <= UInt64(available),
                description.byteCount <= available - Int(description.offset)
            else {
                throw .outOfBounds(
                    tensor: name,
                    offset: description.offset,
                    byteCount: description.byteCount,
                    available: available
                )
            }
            tensors.append(
                StoredTensor(
                    name: name,
                    kind: .number(description.format),
                    shape: description.dimensions.reversed().map { Int($0) },
                    storage: storage,
                    byteOffset: dataStart + Int(description.offset),
                    byteCount: description.byteCount
                )
            )
        }
        let ordered = tensors.sorted { $0.byteOffset < $1.byteOffset }
        for (first, second) in zip(ordered, ordered.dropFirst()) {
            guard first.byteOffset + first.byteCount <= second.byteOffset else {
                throw .overlap(first.name, second.name)
            }
        }
        return tensors
    }
}
