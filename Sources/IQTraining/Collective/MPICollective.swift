// The processes that mpirun started, talking MPI.

internal import CIQMPI
internal import Synchronization

/// The processes of one `mpirun`; without `mpirun` a run of one process.
///
/// Needs a build with the package trait `MPI`. Sums of floats go through MPI as plain copies and are added here, in double
/// and in the order of the ranks, so they are the same bits with every MPI library. Before each exchange the ranks compare
/// what they are about to do, so that ranks that have parted get an error and not each other's numbers.
///
/// When a process ends with an exit status other than 0, all others are stopped with it. At the end of a good run
/// ``finish()`` waits for all; where the system does not tell a process its exit status at its end (everywhere but glibc),
/// leaving without it counts as a failure.
public final class MPICollective: Collective {
    public let rank: Int
    public let count: Int
    private let chunk: Int
    /// MPI is called by one thread at a time.
    private let gate = Mutex(())

    /// Floats that are exchanged at once, unless told otherwise: 4 MB, small beside the gradients of any model.
    public static let standardChunk = 1 << 20

    /// True if this build speaks MPI.
    public static var isAvailable: Bool { iq_mpi_is_available() }

    /// Joins the processes that `mpirun` started. MPI starts with the first call in a process.
    ///
    /// - Parameter chunk: the floats that are exchanged at once, which is also the size of the buffer for it. It does not
    ///   change the sums.
    public init(chunk: Int = MPICollective.standardChunk) throws(CollectiveError) {
        precondition(chunk > 0, "a chunk of \(chunk) floats")
        guard iq_mpi_is_available() else { throw .notCompiledIn }
        try Self.check(iq_mpi_initialize(), "start of MPI")
        rank = Int(iq_mpi_rank())
        count = Int(iq_mpi_size())
        self.chunk = chunk
    }

    public func sum(_ values: UnsafeMutableBufferPointer<Float>) throws(CollectiveError) {
        guard count > 1 else { return }
        try exchange(.sumOfFloats, values.count) { () throws(CollectiveError) in
            guard let base = values.baseAddress else { return }
            try Self.check(iq_mpi_allreduce_sum_f32(base, values.count, chunk), Operation.sumOfFloats.name)
        }
    }

    public func sum(_ values: [Double]) throws(CollectiveError) -> [Double] {
        guard count > 1 else { return values }
        var sums = values
        try exchange(.sumOfDoubles, values.count) { () throws(CollectiveError) in
            let code = sums.withUnsafeMutableBufferPointer { sums in
                sums.baseAddress.map { iq_mpi_allreduce_sum_f64($0, sums.count) } ?? success
            }
            try Self.check(code, Operation.sumOfDoubles.name)
        }
        return sums
    }

    public func broadcast(_ bytes: UnsafeMutableRawBufferPointer) throws(CollectiveError) {
        guard count > 1 else { return }
        try exchange(.broadcast, bytes.count) { () throws(CollectiveError) in
            guard let base = bytes.baseAddress else { return }
            try Self.check(iq_mpi_broadcast(base, bytes.count), Operation.broadcast.name)
        }
    }

    public func gather(_ bytes: [UInt8]) throws(CollectiveError) -> [[UInt8]]? {
        guard count > 1 else { return [bytes] }
        var parts: [[UInt8]]?
        try exchange(.gather, bytes.count, sameCount: false) { (sizes: [Int64]) throws(CollectiveError) in
            let total = Int(sizes.reduce(0, +))
            var all = [UInt8](repeating: 0, count: rank == 0 ? max(1, total) : 1)
            // An empty array may have no address, and MPI wants one.
            let mine = bytes.isEmpty ? [0] : bytes
            try Self.check(iq_mpi_gather(mine, sizes, &all), Operation.gather.name)
            guard rank == 0 else { return }
            var start = 0
            parts = sizes.map { size in
                defer { start += Int(size) }
                return Array(all[start..<start + Int(size)])
            }
        }
        return parts
    }

    public func barrier() throws(CollectiveError) {
        guard count > 1 else { return }
        try exchange(.barrier, 0) { () throws(CollectiveError) in
            try Self.check(iq_mpi_barrier(), Operation.barrier.name)
        }
    }

    public func finish() throws(CollectiveError) {
        try exchange(.finish, 0) { () throws(CollectiveError) in
            try Self.check(iq_mpi_finalize(), Operation.finish.name)
        }
    }

    /// Stops all processes of the run with an exit status; mpirun reports which one it was.
    ///
    /// For a rank that cannot go on but does not end its process. Say the reason first, on the standard error.
    public func abort(status: Int32) {
        iq_mpi_abort(status)
    }
}

// MARK: - Comparing before exchanging

private let success = Int32(IQ_MPI_SUCCESS)

extension MPICollective {
    /// What the ranks compare; the numbers travel between them.
    private enum Operation: Int64, CaseIterable {
        case sumOfFloats = 1
        case sumOfDoubles, broadcast, gather, barrier, finish

        var name: String {
            switch self {
            case .sumOfFloats: "sum of floats"
            case .sumOfDoubles: "sum of doubles"
            case .broadcast: "broadcast"
            case .gather: "gather"
            case .barrier: "barrier"
            case .finish: "finish"
            }
        }
    }

    private func exchange(
        _ operation: Operation,
        _ count: Int,
        _ body: () throws(CollectiveError) -> Void
    ) throws(CollectiveError) {
        try exchange(operation, count, sameCount: true) { (_: [Int64]) throws(CollectiveError) in try body() }
    }

    /// Runs an exchange behind the gate once all ranks have said the same; `body` receives the count of each rank.
    private func exchange(
        _ operation: Operation,
        _ count: Int,
        sameCount: Bool,
        _ body: ([Int64]) throws(CollectiveError) -> Void
    ) throws(CollectiveError) {
        try gate.withLock { _ throws(CollectiveError) in
            let mine = iq_mpi_intent(operation: operation.rawValue, count: Int64(count))
            var all = [iq_mpi_intent](repeating: mine, count: self.count)
            let code = iq_mpi_compare(mine, sameCount, &all)
            if code == Int32(IQ_MPI_MISMATCH) { throw Self.mismatch(all) }
            try Self.check(code, operation.name)
            try body(all.map(\.count))
        }
    }

    private static func mismatch(_ intents: [iq_mpi_intent]) -> CollectiveError {
        let names = intents.map { Operation(rawValue: $0.operation)?.name ?? "unknown operation \($0.operation)" }
        guard let first = names.first, names.allSatisfy({ $0 == first }) else { return .differentOperations(names) }
        return .differentSizes(operation: first, counts: intents.map { Int($0.count) })
    }

    private static func check(_ code: Int32, _ operation: String) throws(CollectiveError) {
        guard code != success else { return }
        var text = [CChar](repeating: 0, count: 512)
        iq_mpi_error_text(code, &text, text.count)
        let end = text.firstIndex(of: 0) ?? text.count
        throw .failed(
            operation: operation,
            code: Int(code),
            text: String(decoding: text[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        )
    }
}
