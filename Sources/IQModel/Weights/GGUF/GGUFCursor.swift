// Reads GGUF's primitive values from bytes, checking every length against what is left before it allocates.

/// A position in the bytes of a GGUF file. All numbers are little-endian.
struct GGUFCursor {
    let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0

    /// How deep arrays of arrays may nest.
    static let deepestNesting = 8

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var remaining: Int { bytes.count - offset }

    mutating func number<Number: FixedWidthInteger & BitwiseCopyable>(
        _ type: Number.Type,
        _ what: String
    ) throws(GGUFFault) -> Number {
        let size = MemoryLayout<Number>.size
        try require(size, what)
        defer { offset += size }
        return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }

    /// A count of things that take at least `minimumByteCount` bytes each.
    mutating func count(of what: String, minimumByteCount: Int) throws(GGUFFault) -> Int {
        let start = offset
        let count = try number(UInt64.self, "the number of \(what)")
        let limit = remaining / minimumByteCount
        guard count <= UInt64(limit) else {
            throw .countTooLarge(what: what, count: count, limit: limit, offset: start)
        }
        return Int(count)
    }

    /// The bytes of a string.
    mutating func string(_ what: String) throws(GGUFFault) -> [UInt8] {
        let count = try count(of: "bytes of \(what)", minimumByteCount: 1)
        defer { offset += count }
        return Array(bytes[offset..<(offset + count)])
    }

    /// A key or a tensor's name: UTF-8 and not empty.
    mutating func name(_ what: String) throws(GGUFFault) -> String {
        let start = offset
        let text = String(validating: try string(what), as: UTF8.self)
        guard let text, !text.isEmpty else { throw .invalidName(what: what, offset: start) }
        return text
    }

    /// The type number of a value.
    mutating func valueType(_ key: String) throws(GGUFFault) -> GGUFValueType {
        let start = offset
        let number = try number(UInt32.self, "the type of \(key)")
        guard let type = GGUFValueType(rawValue: number) else {
            throw .unknownValueType(key: key, type: number, offset: start)
        }
        return type
    }

    mutating func value(of type: GGUFValueType, key: String) throws(GGUFFault) -> GGUFValue {
        switch type {
        case .uint8, .uint16, .uint32, .uint64: .unsigned(try unsigned(type, key), type)
        case .int8, .int16, .int32, .int64: .signed(try signed(type, key), type)
        case .float32, .float64: .float(try float(type, key), type)
        case .bool: .bool(try boolean(key))
        case .string: .string(try string(key))
        case .array: .array(try array(key, depth: 1))
        }
    }

    private mutating func array(_ key: String, depth: Int) throws(GGUFFault) -> GGUFArray {
        guard depth <= Self.deepestNesting else { throw .nestedTooDeep(key: key, limit: Self.deepestNesting) }
        let type = try valueType(key)
        let count = try count(of: "elements of \(key)", minimumByteCount: type.minimumByteCount)
        switch type {
        case .uint8, .uint16, .uint32, .uint64:
            return .unsigned(
                try list(count) { (cursor) throws(GGUFFault) in try cursor.unsigned(type, key) },
                type
            )
        case .int8, .int16, .int32, .int64:
            return .signed(try list(count) { (cursor) throws(GGUFFault) in try cursor.signed(type, key) }, type)
        case .float32, .float64:
            return .float(try list(count) { (cursor) throws(GGUFFault) in try cursor.float(type, key) }, type)
        case .bool:
            return .bool(try list(count) { (cursor) throws(GGUFFault) in try cursor.boolean(key) })
        case .string:
            return .string(try list(count) { (cursor) throws(GGUFFault) in try cursor.string(key) })
        case .array:
            return .array(try list(count) { (cursor) throws(GGUFFault) in try cursor.array(key, depth: depth + 1) })
        }
    }

    private mutating func list<Element>(
        _ count: Int,
        _ next: (inout GGUFCursor) throws(GGUFFault) -> Element
    ) throws(GGUFFault) -> [Element] {
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try next(&self)) }
        return elements
    }

    private mutating func unsigned(_ type: GGUFValueType, _ what: String) throws(GGUFFault) -> UInt64 {
        switch type {
        case .uint8: UInt64(try number(UInt8.self, what))
        case .uint16: UInt64(try number(UInt16.self, what))
        case .uint32: UInt64(try number(UInt32.self, what))
        default: try number(UInt64.self, what)
        }
    }

    private mutating func signed(_ type: GGUFValueType, _ what: String) throws(GGUFFault) -> Int64 {
        switch type {
        case .int8: Int64(try number(Int8.self, what))
        case .int16: Int64(try number(Int16.self, what))
        case .int32: Int64(try number(Int32.self, what))
        default: try number(Int64.self, what)
        }
    }

    private mutating func float(_ type: GGUFValueType, _ what: String) throws(GGUFFault) -> Double {
        switch type {
        case .float32: Double(Float(bitPattern: try number(UInt32.self, what)))
        default: Double(bitPattern: try number(UInt64.self, what))
        }
    }

    private mutating func boolean(_ key: String) throws(GGUFFault) -> Bool {
        let start = offset
        let value = try number(UInt8.self, key)
        guard value <= 1 else { throw .invalidBoolean(key: key, value: value, offset: start) }
        return value == 1
    }

    private func require(_ count: Int, _ what: String) throws(GGUFFault) {
        guard count <= remaining else {
            throw .truncated(reading: what, offset: offset, needed: count, available: remaining)
        }
    }
}
