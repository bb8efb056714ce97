// How the tensors of a file differ from those that a model needs.

/// Every difference between the tensors that a configuration asks for and those that are there, in one value.
public struct TensorMismatch: Error, Equatable, Sendable, CustomStringConvertible {
    /// A tensor with its shape as the file's kind writes it.
    public struct Expected: Equatable, Sendable {
        public var name: String
        public var shape: [Int]

        public init(name: String, shape: [Int]) {
            self.name = name
            self.shape = shape
        }
    }

    /// A tensor of the right name and the wrong shape.
    public struct Misshapen: Equatable, Sendable {
        public var name: String
        public var expected: [Int]
        public var found: [Int]

        public init(name: String, expected: [Int], found: [Int]) {
            self.name = name
            self.expected = expected
            self.found = found
        }
    }

    /// Needed and absent.
    public var missing: [Expected]
    /// Present and belonging to no part of the model.
    public var unexpected: [String]
    public var misshapen: [Misshapen]

    public init(missing: [Expected] = [], unexpected: [String] = [], misshapen: [Misshapen] = []) {
        self.missing = missing
        self.unexpected = unexpected
        self.misshapen = misshapen
    }

    package var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && misshapen.isEmpty }

    /// How many names of each kind the description lists before it only counts.
    private static let mostListed = 12

    public var description: String {
        let parts = [
            Self.listing("missing", missing.map { "\($0.name) \($0.shape)" }),
            Self.listing("unexpected", unexpected),
            Self.listing(
                "of the wrong shape",
                misshapen.map { "\($0.name) expected \($0.expected) found \($0.found)" }
            ),
        ]
        return "the tensors do not fit the configuration: " + parts.compactMap { $0 }.joined(separator: "; ")
    }

    private static func listing(_ title: String, _ items: [String]) -> String? {
        guard !items.isEmpty else { return nil }
        let rest = items.count - mostListed
        return "\(title) " + items.prefix(mostListed).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }
}
