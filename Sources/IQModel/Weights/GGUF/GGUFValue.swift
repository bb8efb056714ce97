// The values that GGUF metadata can hold. Source: the GGUF specification in ggml's documentation.

/// The type number of a metadata value.
package enum GGUFValueType: UInt32, Sendable, Hashable, CaseIterable {
    case uint8 = 0
    case int8 = 1
    case uint16 = 2
    case int16 = 3
    case uint32 = 4
    case int32 = 5
    case float32 = 6
    case bool = 7
    case string = 8
    case array = 9
    case uint64 = 10
    case int64 = 11
    case float64 = 12

    /// The fewest bytes that one value of this type takes in an array.
    var minimumByteCount: Int {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64, .string: 8
        case .array: 12
        }
    }
}

/// One metadata value; numbers are widened and remember their type. Strings are bytes: tokens need not be UTF-8.
package enum GGUFValue: Sendable, Equatable {
    case unsigned(UInt64, GGUFValueType)
    case signed(Int64, GGUFValueType)
    case float(Double, GGUFValueType)
    case bool(Bool)
    case string([UInt8])
    case array(GGUFArray)

    package static func uint32(_ value: UInt32) -> GGUFValue { .unsigned(UInt64(value), .uint32) }
    package static func float32(_ value: Float) -> GGUFValue { .float(Double(value), .float32) }
    package static func text(_ value: String) -> GGUFValue { .string(Array(value.utf8)) }

    var type: GGUFValueType {
        switch self {
        case .unsigned(_, let type), .signed(_, let type), .float(_, let type): type
        case .bool: .bool
        case .string: .string
        case .array: .array
        }
    }

    /// What an error says of the value.
    var kind: String {
        if case .array(let array) = self { return "an array of \(array.elementType)" }
        return "of type \(type)"
    }
}

/// The elements of a metadata array, all of one type.
package enum GGUFArray: Sendable, Equatable {
    case unsigned([UInt64], GGUFValueType)
    case signed([Int64], GGUFValueType)
    case float([Double], GGUFValueType)
    case bool([Bool])
    case string([[UInt8]])
    case array([GGUFArray])

    var elementType: GGUFValueType {
        switch self {
        case .unsigned(_, let type), .signed(_, let type), .float(_, let type): type
        case .bool: .bool
        case .string: .string
        case .array: .array
        }
    }

    var count: Int {
        switch self {
        case .unsigned(let values, _): values.count
        case .signed(let values, _): values.count
        case .float(let values, _): values.count
        case .bool(let values): values.count
        case .string(let values): values.count
        case .array(let values): values.count
        }
    }
}
