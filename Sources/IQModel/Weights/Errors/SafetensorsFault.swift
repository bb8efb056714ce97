// What can be wrong with a safetensors file.

/// A fault in a `*.safetensors` file or its index. Offsets count bytes from the start of the file.
public enum SafetensorsFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file ends before the header does.
    case truncated(needed: Int, available: Int)
    /// The header's length is out of range.
    case headerLength(UInt64, limit: Int)
    /// The header is not a JSON object.
    case headerNotJSON(offset: Int, reason: String)
    /// An entry of the header is not as the format asks.
    case malformedEntry(tensor: String, reason: String)
    /// Two entries have one name.
    case duplicateName(String)
    /// The entry's type is not in the format, or not one that weights can have here.
    case unsupportedType(tensor: String, found: String, supported: [String])
    /// A dimension is negative, or the number of elements does not fit.
    case invalidShape(tensor: String, shape: [Int])
    /// The entry's bytes do not lie within the file.
    case outOfBounds(tensor: String, begin: Int, end: Int, available: Int)
    /// The entry's length is not what type and shape take.
    case wrongLength(tensor: String, expected: Int, found: Int)
    /// Two entries share bytes.
    case overlap(String, String)
    /// Bytes that belong to no entry; the format allows none.
    case gap(begin: Int, end: Int)
    /// The index names a file outside the folder, or not a safetensors file.
    case invalidShardName(String)
    /// The index places a tensor in a file that does not hold it, or does not list one that is there.
    case indexMismatch(tensor: String, file: String)

    public var description: String {
        switch self {
        case .truncated(let needed, let available):
            "the file has \(available) bytes and needs \(needed); it was cut short, fetch it again"
        case .headerLength(let length, let limit):
            "the header would have \(length) bytes and at most \(limit) are permitted; this is not a safetensors file"
        case .headerNotJSON(let offset, let reason): "the header is not a JSON object at byte \(offset): \(reason)"
        case .malformedEntry(let tensor, let reason): "the entry of \(tensor) is malformed: \(reason)"
        case .duplicateName(let name): "\(name) occurs twice in the header"
        case .unsupportedType(let tensor, let found, let supported):
            "\(tensor) is stored as \(found); convert it to one of \(supported.joined(separator: ", "))"
        case .invalidShape(let tensor, let shape): "\(tensor) has the impossible shape \(shape)"
        case .outOfBounds(let tensor, let begin, let end, let available):
            "\(tensor) lies at bytes \(begin) to \(end) of \(available); the file was cut short or is damaged"
        case .wrongLength(let tensor, let expected, let found):
            "\(tensor) has \(found) bytes and its type and shape take \(expected)"
        case .overlap(let first, let second): "\(first) and \(second) share bytes"
        case .gap(let begin, let end): "bytes \(begin) to \(end) belong to no tensor"
        case .invalidShardName(let name): "the index names the file \(name); shards lie beside the index"
        case .indexMismatch(let tensor, let file): "the index and \(file) disagree about \(tensor)"
        }
    }
}
