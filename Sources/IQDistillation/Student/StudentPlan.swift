// What of a teacher a student keeps.

/// Which of the teacher's layers a student has.
public enum StudentLayers: Sendable, Hashable, Codable {
    /// The first ones.
    case first(Int)
    /// So many, as evenly spaced as they can be, the first and the last among them.
    case spaced(Int)
    /// These, in rising order.
    case chosen([Int])

    /// The numbers of the layers, in order.
    ///
    /// - Throws: ``DistillationError/impossibleStudent(_:)``.
    public func numbers(of count: Int) throws(DistillationError) -> [Int] {
        switch self {
        case .first(let kept):
            try Self.require(kept, of: count)
            return Array(0..<kept)
        case .spaced(let kept):
            try Self.require(kept, of: count)
            // The first stays, for it reads the embeddings; of several also the last, for it feeds the output head.
            guard kept > 1 else { return [0] }
            return (0..<kept).map { (2 * $0 * (count - 1) + kept - 1) / (2 * (kept - 1)) }
        case .chosen(let numbers):
            let isRising = zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
            guard isRising, let first = numbers.first, let last = numbers.last, first >= 0, last < count else {
                throw .impossibleStudent(
                    "layers \(numbers) of a teacher with \(count); give different numbers from 0 to \(count - 1) in rising order"
                )
            }
            return numbers
        }
    }

    private static func require(_ kept: Int, of count: Int) throws(DistillationError) {
        guard (1...count).contains(kept) else {
            throw .impossibleStudent("\(kept) layers of a teacher with \(count); give 1 to \(count)")
        }
    }
}

/// A student cut from its teacher: some of the layers, and of each layer's feed-forward all or the strongest units.
public struct StudentPlan: Sendable, Hashable, Codable {
    public let layers: StudentLayers
    /// Units that each feed-forward keeps; nil keeps all.
    public let feedForwardWidth: Int?

    public init(layers: StudentLayers, feedForwardWidth: Int? = nil) {
        self.layers = layers
        self.feedForwardWidth = feedForwardWidth
    }
}
