// What can be wrong with the settings of policy optimisation.

/// A setting or an input of policy optimisation that cannot be.
public enum PolicyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// An option is outside what it can be.
    case invalidOption(name: String, value: String, permitted: String)
    /// Two lists that belong together differ in length.
    case mismatchedCounts(String, expected: Int, found: Int)

    public var description: String {
        switch self {
        case .invalidOption(let name, let value, let permitted): "\(name) is \(value); give \(permitted)"
        case .mismatchedCounts(let what, let expected, let found): "\(what): expected \(expected), found \(found)"
        }
    }
}

extension PolicyError {
    static func require(
        _ condition: Bool,
        _ name: String,
        _ value: some CustomStringConvertible,
        _ permitted: String
    ) throws(PolicyError) {
        if !condition { throw .invalidOption(name: name, value: value.description, permitted: permitted) }
    }
}
