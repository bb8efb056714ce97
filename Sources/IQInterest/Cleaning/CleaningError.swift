// What can be wrong with a learned judge, its options and its data.

/// A learned judge that cannot be made, read or used.
public enum CleaningError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A classifier has no classes of these names.
    case unknownLabels([String], available: [String])
    /// An option is out of its range.
    case invalidOption(name: String, value: String, expected: String)
    /// There are too few different lines of a kind to learn from and to measure on.
    case notEnoughLines(label: String, found: Int, needed: Int)
    /// A folder does not hold a head that this version can read.
    case notAHead(path: String, reason: String)
    /// The head was trained on vectors of another encoder; this one gives a vector of such a similarity to the recorded one.
    case encoderMismatch(path: String, similarity: Double)
    /// The encoder's vectors have another length than those that the head was trained on.
    case dimensionMismatch(path: String, found: Int, head: Int)
    /// Training did not come to numbers; the data hold what no feature can be made of.
    case notFinite

    public var description: String {
        switch self {
        case .unknownLabels(let names, let available):
            "the classifier has no class \(Self.list(names)); its classes are \(Self.list(available))"
        case .invalidOption(let name, let value, let expected): "\(name) is \(value); give \(expected)"
        case .notEnoughLines(let label, let found, let needed):
            "there are \(found) different lines of '\(label)' and at least \(needed) are needed; add more"
        case .notAHead(let path, let reason): "\(path) holds no cleaner that can be read: \(reason)"
        case .encoderMismatch(let path, let similarity):
            "the cleaner in \(path) was trained on vectors of another encoder (similarity of the probe \(similarity)); "
                + "give that encoder, or train the cleaner anew"
        case .dimensionMismatch(let path, let found, let head):
            "the encoder's vectors have \(found) numbers and the cleaner in \(path) was trained on \(head); "
                + "give that encoder, or train the cleaner anew"
        case .notFinite: "training did not come to finite numbers"
        }
    }

    private static func list(_ names: [String]) -> String { names.map { "'\($0)'" }.joined(separator: ", ") }
}
