// What can be wrong with a GGUF file, apart from the meaning of its metadata.

/// A fault in a GGUF file. Offsets count bytes from the start of the file.
public enum GGUFFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file ends within a value.
    case truncated(reading: String, offset: Int, needed: Int, available: Int)
    /// The file does not start with "GGUF".
    case wrongMagic([UInt8])
    /// The file is written for big-endian processors.
    case bigEndian
    case unsupportedVersion(UInt32, supported: [UInt32])
    /// A count that the file's length cannot hold.
    case countTooLarge(what: String, count: UInt64, limit: Int, offset: Int)
    /// A key or name that is not UTF-8 or is empty.
    case invalidName(what: String, offset: Int)
    case duplicateKey(String)
    case duplicateTensor(String)
    /// A type number that the format does not define.
    case unknownValueType(key: String, type: UInt32, offset: Int)
    /// Arrays of arrays beyond the permitted depth.
    case nestedTooDeep(key: String, limit: Int)
    /// A boolean that is neither 0 nor 1.
    case invalidBoolean(key: String, value: UInt8, offset: Int)
    /// `general.alignment` is not a power of two, multiple of 8, or of the wrong type.
    case invalidAlignment(String)
    /// A number format of ggml's that this library does not read.
    case unsupportedTensorType(tensor: String, type: String, supported: [String])
    /// A dimension is 0, there are too many, the elements overflow, or a row is not a whole number of blocks.
    case invalidShape(tensor: String, shape: [UInt64], reason: String)
    case misaligned(tensor: String, offset: UInt64, alignment: Int)
    case outOfBounds(tensor: String, offset: UInt64, byteCount: Int, available: Int)
    case overlap(String, String)
    /// The model is split over several files.
    case split(parts: Int)

    public var description: String {
        switch self {
        case .truncated(let reading, let offset, let needed, let available):
            "the file ends within \(reading) at byte \(offset): \(needed) bytes needed, \(available) left; fetch it again"
        case .wrongMagic(let bytes): "the file starts with \(bytes) and not with \"GGUF\"; it is of another kind"
        case .bigEndian: "the file is big-endian, which is not supported; convert it again for little-endian processors"
        case .unsupportedVersion(let version, let supported):
            "version \(version) is not supported; convert the model again to one of \(supported)"
        case .countTooLarge(let what, let count, let limit, let offset):
            "\(count) \(what) at byte \(offset), and the file has room for \(limit) at most; it is damaged"
        case .invalidName(let what, let offset): "the \(what) at byte \(offset) is empty or not UTF-8"
        case .duplicateKey(let key): "the metadata key \(key) occurs twice"
        case .duplicateTensor(let name): "the tensor \(name) occurs twice"
        case .unknownValueType(let key, let type, let offset):
            "\(key) has the unknown value type \(type) at byte \(offset)"
        case .nestedTooDeep(let key, let limit): "\(key) nests arrays more than \(limit) deep"
        case .invalidBoolean(let key, let value, let offset): "\(key) has the boolean \(value) at byte \(offset)"
        case .invalidAlignment(let value):
            "general.alignment is \(value); it should be an unsigned 32-bit power of two, 8 or more"
        case .unsupportedTensorType(let tensor, let type, let supported):
            "\(tensor) is stored as \(type); convert the model to one of \(supported.joined(separator: ", "))"
        case .invalidShape(let tensor, let shape, let reason): "\(tensor) has the shape \(shape): \(reason)"
        case .misaligned(let tensor, let offset, let alignment):
            "\(tensor) begins at byte \(offset) of the data, which is not a multiple of \(alignment)"
        case .outOfBounds(let tensor, let offset, let byteCount, let available):
            "\(tensor) has \(byteCount) bytes from byte \(offset) of the data, which has \(available); fetch the file again"
        case .overlap(let first, let second): "\(first) and \(second) share bytes"
        case .split(let parts): "the model is split over \(parts) files; merge them into one first"
        }
    }
}
