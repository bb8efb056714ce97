// The Swift face of the graph of neighbours.

internal import CIQHNSW

/// A graph over vectors named by numbers. Not Sendable: one owner.
package final class NeighborGraph {
    private let graph: OpaquePointer
    package let dimension: Int

    private init(_ graph: OpaquePointer, dimension: Int) {
        self.graph = graph
        self.dimension = dimension
    }

    /// An empty graph.
    package convenience init(dimension: Int, capacity: Int, links: Int, width: Int, seed: UInt64 = 1) throws {
        var graph: OpaquePointer?
        try Self.check(iqh_create(Int64(dimension), Int64(capacity), Int32(links), Int32(width), seed, &graph))
        guard let graph else { throw NewsIndexError.graph(reason: "it was not made") }
        self.init(graph, dimension: dimension)
    }

    /// A saved graph with the vectors of its nodes, in the order of ``savedNumbers(_:)``.
    package convenience init(saved: [UInt8], vectors: UnsafeBufferPointer<Float>, dimension: Int) throws {
        var graph: OpaquePointer?
        let status = saved.withUnsafeBufferPointer { bytes -> iqh_status in
            guard let start = bytes.baseAddress, let first = vectors.baseAddress, dimension > 0 else {
                return IQH_CORRUPT
            }
            return iqh_load(
                start,
                Int64(bytes.count),
                first,
                Int64(vectors.count / dimension),
                Int64(dimension),
                &graph
            )
        }
        try Self.check(status)
        guard let graph else { throw NewsIndexError.graph(reason: "it was not loaded") }
        self.init(graph, dimension: dimension)
    }

    deinit { iqh_destroy(graph) }

    /// Nodes, removed ones included.
    package var count: Int { Int(iqh_count(graph)) }
    package var removedCount: Int { Int(iqh_removed_count(graph)) }

    /// Adds vectors row after row; the numbers must be new.
    package func add(_ numbers: [Int64], vectors: UnsafeBufferPointer<Float>) throws {
        precondition(vectors.count == numbers.count * dimension, "\(numbers.count) numbers, \(vectors.count) floats")
        guard let start = vectors.baseAddress else { return }
        try Self.check(
            numbers.map { UInt64(bitPattern: $0) }.withUnsafeBufferPointer { labels in
                guard let first = labels.baseAddress else { return IQH_OK }
                return iqh_add(graph, first, start, Int64(labels.count))
            }
        )
    }

    /// Searches pass the number over from now on.
    package func remove(_ number: Int64) throws { try Self.check(iqh_remove(graph, UInt64(bitPattern: number))) }

    /// The nearest numbers to each query with their scalar products, best first.
    package func search(
        _ queries: [[Float]],
        limit: Int,
        width: Int,
        threads: Int
    ) throws -> [[(number: Int64, score: Float)]] {
        guard !queries.isEmpty, limit > 0 else { return queries.map { _ in [] } }
        let flat = Array(queries.joined())
        precondition(flat.count == queries.count * dimension, "\(flat.count) floats of \(queries.count) queries")
        var labels = [UInt64](repeating: 0, count: queries.count * limit)
        var scores = [Float](repeating: 0, count: queries.count * limit)
        var found = [Int32](repeating: 0, count: queries.count)
        try Self.check(
            iqh_search(
                graph,
                flat,
                Int64(queries.count),
                Int32(limit),
                Int32(width),
                Int32(threads),
                &labels,
                &scores,
                &found
            )
        )
        return queries.indices.map { query in
            (0..<Int(found[query])).map { place in
                let index = query * limit + place
                return (Int64(bitPattern: labels[index]), scores[index])
            }
        }
    }

    /// Links and numbers as bytes, without the vectors.
    package func saved() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(iqh_saved_size(graph)))
        try Self.check(iqh_save(graph, &bytes, Int64(bytes.count)))
        return bytes
    }

    /// The numbers of a saved graph's nodes.
    package static func savedNumbers(_ saved: [UInt8]) throws -> [Int64] {
        var count: Int64 = 0
        var dimension: Int64 = 0
        try check(iqh_saved_count(saved, Int64(saved.count), &count, &dimension))
        var labels = [UInt64](repeating: 0, count: Int(count))
        try check(iqh_saved_labels(saved, Int64(saved.count), &labels, count))
        return labels.map { Int64(bitPattern: $0) }
    }

    private static func check(_ status: iqh_status) throws {
        switch status {
        case IQH_OK: return
        case IQH_OUT_OF_MEMORY: throw NewsIndexError.graph(reason: "there is not enough memory")
        case IQH_INVALID_ARGUMENT: throw NewsIndexError.graph(reason: "an argument is out of range")
        case IQH_CORRUPT: throw NewsIndexError.graph(reason: "its bytes are damaged")
        case IQH_DUPLICATE: throw NewsIndexError.graph(reason: "a number is there already")
        case IQH_BROKEN: throw NewsIndexError.graph(reason: "an earlier failure left it half changed")
        case IQH_THREAD_FAILURE: throw NewsIndexError.graph(reason: "the system gave no thread")
        default: throw NewsIndexError.graph(reason: "it failed inside")
        }
    }
}
