// Writes a GGUF file, version 3: metadata, tensor descriptions, data.

internal import IQTensor

package enum GGUFWriter {
    static let version: UInt32 = 3
    /// Tensors begin at multiples of this; the format's default, so no key says it.
    static let alignment = 32

    /// Writes one file, atomically. Entries and tensors keep their order.
    package static func write(
        metadata: GGUFMetadata,
        tensors: [WritableTensor],
        to path: String
    ) throws(ModelError) {
        let file = try AtomicFile(path: path)
        var header = GGUFBytes()
        header.append(Array("GGUF".utf8))
        header.append(version)
        header.append(UInt64(tensors.count))
        header.append(UInt64(metadata.entries.count))
        for (key, value) in metadata.entries {
            header.appendString(Array(key.utf8))
            header.append(value.type.rawValue)
            header.append(value)
        }
        var offset = 0
        for tensor in tensors {
            guard let type = GGUFTensorType.number(of: tensor.format) else {
                throw .unsupportedConversion(
                    tensor: tensor.name,
                    format: tensor.format,
                    reason: "GGUF has no such type"
                )
            }
            header.appendString(Array(tensor.name.utf8))
            header.append(UInt32(tensor.shape.count))
            for dimension in tensor.shape.reversed() { header.append(UInt64(dimension)) }
            header.append(type)
            header.append(UInt64(offset))
            offset += (tensor.byteCount + alignment - 1) / alignment * alignment
        }
        try file.write(header.bytes)
        try file.pad(to: alignment)
        for tensor in tensors {
            try tensor.write(to: file)
            try file.pad(to: alignment)
        }
        try file.commit()
    }
}

/// Little-endian bytes of GGUF's primitive values.
struct GGUFBytes {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ raw: [UInt8]) { bytes += raw }

    mutating func append<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
    }

    mutating func appendString(_ text: [UInt8]) {
        append(UInt64(text.count))
        bytes += text
    }

    mutating func append(_ value: GGUFValue) {
        switch value {
        case .unsigned(let number, let type): append(number, type)
        case .signed(let number, let type): append(UInt64(bitPattern: number), type)
        case .float(let number, let type): append(float: number, type)
        case .bool(let flag): bytes.append(flag ? 1 : 0)
        case .string(let text): appendString(text)
        case .array(let array): append(array)
        }
    }

    private mutating func append(_ array: GGUFArray) {
        append(array.elementType.rawValue)
        append(UInt64(array.count))
        switch array {
        case .unsigned(let numbers, let type): for number in numbers { append(number, type) }
        case .signed(let numbers, let type): for number in numbers { append(UInt64(bitPattern: number), type) }
        case .float(let numbers, let type): for number in numbers { append(float: number, type) }
        case .bool(let flags): bytes += flags.map { $0 ? 1 : 0 }
        case .string(let texts): for text in texts { appendString(text) }
        case .array(let arrays): for array in arrays { append(array) }
        }
    }

    /// The low bytes of a number, as many as its type has.
    private mutating func append(_ number: UInt64, _ type: GGUFValueType) {
        switch type.minimumByteCount {
        case 1: append(UInt8(truncatingIfNeeded: number))
        case 2: append(UInt16(truncatingIfNeeded: number))
        case 4: append(UInt32(truncatingIfNeeded: number))
        default: append(number)
        }
    }

    private mutating func append(float number: Double, _ type: GGUFValueType) {
        if type == .float32 { append(Float(number).bitPattern) } else { append(number.bitPattern) }
    }
}
