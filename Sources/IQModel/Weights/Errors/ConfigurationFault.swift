// What can be wrong with the description of a model: config.json, or the metadata of a GGUF file.

/// A fault in the description of a model. Keys are written as the file has them, nested ones with dots.
public enum ConfigurationFault: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file is not JSON.
    case notJSON(offset: Int, reason: String)
    /// A key that the architecture needs is absent.
    case missing(key: String)
    /// A value is of another kind than the key's.
    case wrongType(key: String, expected: String, found: String)
    /// A value that no model can have: negative, zero, infinite, or in conflict with another.
    case invalid(key: String, value: String, expected: String)
    /// A value with a meaning that this library does not implement.
    case unsupported(key: String, value: String, supported: String)
    /// An architecture that this library does not run.
    case unknownArchitecture(String, supported: [String])

    public var description: String {
        switch self {
        case .notJSON(let offset, let reason): "not JSON at byte \(offset): \(reason)"
        case .missing(let key): "\(key) is missing; the file is incomplete or of an unknown kind"
        case .wrongType(let key, let expected, let found): "\(key) should be \(expected) and is \(found)"
        case .invalid(let key, let value, let expected): "\(key) is \(value); it should be \(expected)"
        case .unsupported(let key, let value, let supported):
            "\(key) is \(value), which is not implemented; implemented: \(supported)"
        case .unknownArchitecture(let name, let supported):
            "the architecture \(name) is not implemented; implemented: \(supported.joined(separator: ", "))"
        }
    }
}
