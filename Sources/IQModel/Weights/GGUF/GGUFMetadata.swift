// The metadata of a GGUF file: ordered entries, and typed access that names the key in its errors.

/// Metadata entries in the order of the file, found by key.
package struct GGUFMetadata: Sendable {
    package private(set) var entries: [(key: String, value: GGUFValue)] = []
    private var positions: [String: Int] = [:]

    package init() {}

    package subscript(key: String) -> GGUFValue? { positions[key].map { entries[$0].value } }

    /// Adds an entry; false if the key is there already.
    package mutating func append(key: String, _ value: GGUFValue) -> Bool {
        guard positions[key] == nil else { return false }
        positions[key] = entries.count
        entries.append((key, value))
        return true
    }

    /// Adds or replaces an entry.
    package mutating func set(_ key: String, _ value: GGUFValue) {
        if let position = positions[key] {
            entries[position].value = value
        } else {
            _ = append(key: key, value)
        }
    }

    // MARK: Typed access

    func optionalText(_ key: String) throws(ConfigurationFault) -> String? {
        guard let value = self[key] else { return nil }
        guard case .string(let bytes) = value else {
            throw .wrongType(key: key, expected: "a string", found: value.kind)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .invalid(key: key, value: "a string of \(bytes.count) bytes", expected: "UTF-8")
        }
        return text
    }

    func text(_ key: String) throws(ConfigurationFault) -> String {
        guard let value = try optionalText(key) else { throw .missing(key: key) }
        return value
    }

    func optionalInteger(_ key: String) throws(ConfigurationFault) -> Int? {
        guard let value = self[key] else { return nil }
        switch value {
        case .unsigned(let number, _):
            guard let result = Int(exactly: number) else {
                throw .invalid(key: key, value: "\(number)", expected: "at most \(Int.max)")
            }
            return result
        case .signed(let number, _):
            return Int(number)
        default:
            throw .wrongType(key: key, expected: "an integer", found: value.kind)
        }
    }

    /// A positive integer that also fits 32 bits: no dimension of a model is larger.
    func optionalDimension(_ key: String) throws(ConfigurationFault) -> Int? {
        guard let value = try optionalInteger(key) else { return nil }
        return try checkedDimension(value, key)
    }

    func dimension(_ key: String) throws(ConfigurationFault) -> Int {
        guard let value = try optionalDimension(key) else { throw .missing(key: key) }
        return value
    }

    func optionalFloat(_ key: String) throws(ConfigurationFault) -> Float? {
        guard let value = self[key] else { return nil }
        guard case .float(let number, _) = value else {
            throw .wrongType(key: key, expected: "a floating-point number", found: value.kind)
        }
        return Float(number)
    }

    func optionalBool(_ key: String) throws(ConfigurationFault) -> Bool? {
        guard let value = self[key] else { return nil }
        guard case .bool(let result) = value else {
            throw .wrongType(key: key, expected: "a boolean", found: value.kind)
        }
        return result
    }

    func optionalStrings(_ key: String) throws(ConfigurationFault) -> [[UInt8]]? {
        guard let value = self[key] else { return nil }
        guard case .array(.string(let strings)) = value else {
            throw .wrongType(key: key, expected: "an array of strings", found: value.kind)
        }
        return strings
    }

    func optionalFloats(_ key: String) throws(ConfigurationFault) -> [Float]? {
        guard let value = self[key] else { return nil }
        guard case .array(.float(let numbers, _)) = value else {
            throw .wrongType(key: key, expected: "an array of floating-point numbers", found: value.kind)
        }
        return numbers.map { Float($0) }
    }

    func optionalIntegers(_ key: String) throws(ConfigurationFault) -> [Int32]? {
        guard let value = self[key] else { return nil }
        switch value {
        case .array(.signed(let numbers, _)): return numbers.map { Int32(clamping: $0) }
        case .array(.unsigned(let numbers, _)): return numbers.map { Int32(clamping: $0) }
        default: throw .wrongType(key: key, expected: "an array of integers", found: value.kind)
        }
    }
}

/// Checks that a size is positive and fits 32 bits: no dimension of a model is larger.
func checkedDimension(_ value: Int, _ key: String) throws(ConfigurationFault) -> Int {
    guard value >= 1, value <= Int(Int32.max) else {
        throw .invalid(key: key, value: "\(value)", expected: "1 to \(Int32.max)")
    }
    return value
}
