// What can go wrong in training.

/// A failure of training that comes from outside the library: options, data, disk, memory.
public enum TrainingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// An option is outside what it can be.
    case invalidOption(name: String, value: String, permitted: String)

    public var description: String {
        switch self {
        case .invalidOption(let name, let value, let permitted): "\(name) is \(value); give \(permitted)"
        }
    }
}
