// How the processes of one training run agree: each takes its share of the data, and they sum what they found.
//
// Data-parallel training needs little: a sum of the gradients, a sum of a few numbers (losses, counts, flags), the same
// weights everywhere at the start, and somebody to write files. A trainer is written against this protocol and does not
// know how many processes there are.

/// The processes ("ranks") of one training run.
///
/// Every rank makes the same calls in the same order, with the same sizes. A call returns when its result is there, and
/// afterwards all ranks hold the same bits. A rank that cannot go on must end its process with a status other than 0 (or call
/// ``MPICollective/abort(status:)``), which ends the others too; one that stays alive but makes no calls leaves them waiting.
public protocol Collective: Sendable {
    /// Which process this is, from 0. Rank 0 writes logs and files.
    var rank: Int { get }

    /// How many processes there are, at least 1.
    var count: Int { get }

    /// Sums floats over all ranks, in place.
    ///
    /// Each sum is taken in the order of the ranks, so it depends on the values and on ``count`` alone.
    func sum(_ values: UnsafeMutableBufferPointer<Float>) throws(CollectiveError)

    /// The sums of a few numbers over all ranks, in the order of the ranks: losses, counts, flags.
    func sum(_ values: [Double]) throws(CollectiveError) -> [Double]

    /// Copies the bytes of rank 0 to all other ranks, in place.
    func broadcast(_ bytes: UnsafeMutableRawBufferPointer) throws(CollectiveError)

    /// The bytes of all ranks, by rank, on rank 0; nil on the others. Ranks may bring different numbers of bytes.
    func gather(_ bytes: [UInt8]) throws(CollectiveError) -> [[UInt8]]?

    /// Waits until all ranks are here.
    func barrier() throws(CollectiveError)

    /// Waits until all ranks have finished, at the end of a run; no other call may follow.
    func finish() throws(CollectiveError)
}

extension Collective where Self == SingleProcess {
    /// One process alone: the standard.
    public static var single: SingleProcess { SingleProcess() }
}

extension Collective {
    /// True for the rank that writes logs and files.
    public var isFirst: Bool { rank == 0 }

    /// Sums the floats of an array over all ranks, in place.
    public func sum(_ values: inout [Float]) throws(CollectiveError) {
        try values.withUnsafeMutableBufferPointer { values in
            Result { () throws(CollectiveError) in try sum(values) }
        }
        .get()
    }

    /// The bytes of rank 0, on every rank; what other ranks give does not matter, nor how much.
    public func broadcast(_ bytes: [UInt8]) throws(CollectiveError) -> [UInt8] {
        let size = try sum(isFirst ? Double(bytes.count) : 0)
        var copy = isFirst ? bytes : [UInt8](repeating: 0, count: Int(size))
        try copy.withUnsafeMutableBytes { copy in
            Result { () throws(CollectiveError) in try broadcast(copy) }
        }
        .get()
        return copy
    }

    /// The sum of one number over all ranks.
    public func sum(_ value: Double) throws(CollectiveError) -> Double { try sum([value])[0] }

    /// True if it is true on any rank: a value that is not finite, a wish to stop.
    ///
    /// What one rank alone notices must go through here before anybody acts on it, or the ranks part.
    public func any(_ flag: Bool) throws(CollectiveError) -> Bool { try sum(flag ? 1 : 0) > 0 }
}

/// A run of one process: every sum is its only summand.
public struct SingleProcess: Collective {
    public init() {}

    public var rank: Int { 0 }
    public var count: Int { 1 }
    public func sum(_ values: UnsafeMutableBufferPointer<Float>) {}
    public func sum(_ values: [Double]) -> [Double] { values }
    public func broadcast(_ bytes: UnsafeMutableRawBufferPointer) {}
    public func gather(_ bytes: [UInt8]) -> [[UInt8]]? { [bytes] }
    public func barrier() {}
    public func finish() {}
}
