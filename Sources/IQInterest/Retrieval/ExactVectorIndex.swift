// Dense search without approximation: one matrix product, then the best of each row.

internal import IQModel
public import IQTensor

/// What is wrong with vectors or a search over them.
public enum VectorIndexError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A vector has another number of values than the index.
    case wrongDimension(found: Int, expected: Int)
    /// A vector has a value that is infinite or no number.
    case notFinite(id: String?)
    case countMismatch(ids: Int, vectors: Int)
    case duplicateID(String)

    public var description: String {
        switch self {
        case .wrongDimension(let found, let expected):
            "a vector has \(found) numbers and the index holds vectors of \(expected); embed with the index's model"
        case .notFinite(let id):
            "the vector of \(id.map { "'\($0)'" } ?? "a query") has a value that is infinite or no number"
        case .countMismatch(let ids, let vectors): "there are \(ids) ids and \(vectors) vectors; give one for each"
        case .duplicateID(let id): "the id '\(id)' is there twice; give each article once"
        }
    }
}

/// Vectors in memory [N, D] in f32, searched exactly by scalar product; for vectors of length 1 that is their cosine.
///
/// Scores of all N vectors are computed by matrix products over blocks, and of each block only what beats the best so far is
/// kept. A pool is gathered into a matrix of its own first, so that a small pool costs its own size.
public actor ExactVectorIndex {
    /// The ids, in ascending order.
    public nonisolated let ids: [NewsArticle.ID]
    /// Numbers in a vector.
    public nonisolated let dimension: Int

    private nonisolated let executor: EngineExecutor
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let rows: [NewsArticle.ID: Int32]
    private let vectors: WeightMatrix
    private let compute: ComputeOptions
    /// Made at the first search.
    private var searcher: VectorSearcher?

    /// - Parameters:
    ///   - dimension: numbers in a vector, at least 1.
    ///   - ids: one for each vector, no two alike.
    ///   - vectors: of `dimension` numbers each; they are not normalised here.
    ///   - compute: threads and instruction level; nil takes every processor and the fastest level.
    /// - Throws: ``VectorIndexError``, `TensorError`.
    public init(
        dimension: Int,
        ids: [NewsArticle.ID],
        vectors: [[Float]],
        compute: ComputeOptions? = nil
    ) throws {
        guard ids.count == vectors.count else {
            throw VectorIndexError.countMismatch(ids: ids.count, vectors: vectors.count)
        }
        for (id, vector) in zip(ids, vectors) { try Self.check(vector, dimension: dimension, id: id) }
        let order = ids.indices.sorted { ids[$0] < ids[$1] }
        let storage = try TensorStorage.allocate(byteCount: ids.count * dimension * MemoryLayout<Float>.stride) {
            bytes in
            for (row, index) in order.enumerated() {
                vectors[index].withUnsafeBytes { source in
                    UnsafeMutableRawBufferPointer(rebasing: bytes[(row * source.count)...]).copyMemory(from: source)
                }
            }
        }
        try self.init(
            sortedIDs: order.map { ids[$0] },
            vectors: WeightMatrix(format: .f32, rows: ids.count, columns: dimension, storage: storage),
            compute: compute
        )
    }

    /// - Parameters:
    ///   - sortedIDs: in ascending order, no two alike.
    ///   - vectors: f32, a row for each id.
    package init(sortedIDs ids: [NewsArticle.ID], vectors: WeightMatrix, compute: ComputeOptions?) throws {
        precondition(ids.count == vectors.rows && vectors.format == .f32, "\(ids.count) ids, \(vectors.rows) rows")
        var rows: [NewsArticle.ID: Int32] = Dictionary(minimumCapacity: ids.count)
        for (row, id) in ids.enumerated() where rows.updateValue(Int32(row), forKey: id) != nil {
            throw VectorIndexError.duplicateID(id)
        }
        self.ids = ids
        self.rows = rows
        self.vectors = vectors
        self.dimension = vectors.columns
        self.compute = try compute ?? ComputeOptions()
        executor = EngineExecutor(label: "InterestQueryKit.ExactVectorIndex")
    }

    /// The articles with the largest scalar products to each query, best first.
    ///
    /// - Parameters:
    ///   - queries: vectors of ``dimension`` numbers.
    ///   - limit: the most articles for each query.
    ///   - pool: the ids that may be found; nil is all. Ids that are not in the index are passed over.
    /// - Throws: ``VectorIndexError``, `TensorError`, and `CancellationError` between blocks.
    public func search(
        _ queries: [[Float]],
        limit: Int,
        among pool: Set<NewsArticle.ID>? = nil
    ) throws -> [[RetrievedArticle]] {
        for query in queries { try Self.check(query, dimension: dimension, id: nil) }
        let searcher = try self.searcher ?? VectorSearcher(context: ComputeContext(options: compute))
        self.searcher = searcher
        let members = pool.map { pool in pool.compactMap { rows[$0] }.sorted() }
        return try searcher.search(queries, vectors: vectors, among: members, limit: limit).map { matches in
            matches.map { RetrievedArticle(id: ids[Int($0.row)], score: Double($0.score)) }
        }
    }

    /// The vector of an article, if it is in the index.
    public func vector(of id: NewsArticle.ID) -> [Float]? {
        rows[id].map { row in
            vectors.rows(Int(row)..<Int(row) + 1).withBytes { Array($0.bindMemory(to: Float.self)) }
        }
    }

    package static func check(_ vector: [Float], dimension: Int, id: NewsArticle.ID?) throws(VectorIndexError) {
        guard vector.count == dimension else { throw .wrongDimension(found: vector.count, expected: dimension) }
        guard vector.allSatisfy(\.isFinite) else { throw .notFinite(id: id) }
    }
}

/// The plain search under ``ExactVectorIndex``. Not Sendable: one owner.
final class VectorSearcher {
    private let context: ComputeContext
    /// Scores of a block of queries against a block of vectors; small enough for the processor's cache.
    private var scores: FloatMatrix?

    static let queryBlock = 128
    static let vectorBlock = 2048

    init(context: ComputeContext) { self.context = context }

    /// - Parameter members: rows in ascending order; nil is all.
    func search(
        _ queries: [[Float]],
        vectors: WeightMatrix,
        among members: [Int32]?,
        limit: Int
    ) throws -> [[BestMatches.Match]] {
        let candidates = try members.map { try Self.gather(vectors, $0) } ?? vectors
        let limit = min(limit, candidates.rows)
        guard limit > 0, !queries.isEmpty else { return queries.map { _ in [] } }
        let scores = try self.scores ?? FloatMatrix(rows: Self.queryBlock, columns: Self.vectorBlock)
        self.scores = scores
        var result: [[BestMatches.Match]] = []
        for start in stride(from: 0, to: queries.count, by: Self.queryBlock) {
            let part = queries[start..<min(start + Self.queryBlock, queries.count)]
            let block = try FloatMatrix(rows: part.count, columns: vectors.columns, values: Array(part.joined()))
            var best = [BestMatches](repeating: BestMatches(capacity: limit), count: part.count)
            for first in stride(from: 0, to: candidates.rows, by: Self.vectorBlock) {
                try Task.checkCancellation()
                let last = min(first + Self.vectorBlock, candidates.rows)
                let products = scores.rows(0..<part.count).columns(0..<(last - first))
                try context.linear(block, candidates.rows(first..<last), into: products)
                for query in best.indices {
                    products.withRow(query) { Self.offer($0, first: first, to: &best[query]) }
                }
            }
            result += best.map { heap in
                heap.sorted.map { BestMatches.Match(score: $0.score, row: members?[Int($0.row)] ?? $0.row) }
            }
        }
        return result
    }

    /// Rows come in ascending order, so one that only equals the worst kept score cannot enter.
    private static func offer(_ row: UnsafeMutableBufferPointer<Float>, first: Int, to best: inout BestMatches) {
        var worst = best.worst
        for index in row.indices where row[index] > worst {
            best.offer(row[index], row: Int32(first + index))
            worst = best.worst
        }
    }

    private static func gather(_ vectors: WeightMatrix, _ rows: [Int32]) throws -> WeightMatrix {
        let storage = try TensorStorage.allocate(byteCount: rows.count * vectors.bytesPerRow) { bytes in
            vectors.withBytes { source in
                let width = vectors.bytesPerRow
                for (index, row) in rows.enumerated() {
                    UnsafeMutableRawBufferPointer(rebasing: bytes[(index * width)..<((index + 1) * width)])
                        .copyMemory(
                            from: UnsafeRawBufferPointer(
                                rebasing: source[(Int(row) * width)..<((Int(row) + 1) * width)]
                            )
                        )
                }
            }
        }
        return WeightMatrix(format: .f32, rows: rows.count, columns: vectors.columns, storage: storage)
    }
}
