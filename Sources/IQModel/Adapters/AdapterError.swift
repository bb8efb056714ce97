// What can be wrong with the options of an adapter. What is wrong with its files is a ``ModelError``.

/// An adapter that cannot be made.
public enum AdapterError: Error, Equatable, Sendable, CustomStringConvertible {
    /// An option that no adapter can have, or not for this model.
    case invalidOption(name: String, value: String, expected: String)

    public var description: String {
        switch self {
        case .invalidOption(let name, let value, let expected):
            "the adapter's \(name) is \(value); it should be \(expected)"
        }
    }
}
