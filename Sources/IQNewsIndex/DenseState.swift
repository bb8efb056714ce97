// What dense search holds in memory of one state of the file.

internal import GRDB
internal import IQInterest
internal import IQTensor

/// The vectors of all articles, and the graph where it is wanted, as of one generation of the file.
struct DenseState {
    let generation: Int
    let exact: ExactVectorIndex
    /// nil where there is none or it is not wanted.
    let graph: GraphState?
    /// The graph was looked for and is not there.
    let lacksGraph: Bool

    /// The graph and what it names.
    struct GraphState {
        let graph: NeighborGraph
        let ids: [Int64: NewsArticle.ID]
        /// Articles with a vector that the graph does not know yet.
        let missing: Set<NewsArticle.ID>
    }

    /// Reads the state within one snapshot of the file.
    static func read(
        _ db: Database,
        path: String,
        dimension: Int,
        includingGraph: Bool,
        compute: ComputeOptions?
    ) throws -> DenseState {
        var numbers: [(id: NewsArticle.ID, number: Int64)] = []
        let rows = try Row.fetchCursor(db, sql: "SELECT id, number FROM articles JOIN vectors USING (number)")
        while let row = try rows.next() {
            numbers.append((try row.decode(String.self, atIndex: 0), try row.decode(Int64.self, atIndex: 1)))
        }
        numbers.sort { $0.id < $1.id }
        let places = Dictionary(uniqueKeysWithValues: numbers.enumerated().map { ($0.element.number, $0.offset) })
        let rowBytes = dimension * MemoryLayout<Float>.stride
        // Vectors of articles that are gone, which the graph still steps over.
        var orphans: [Int64: [Float]] = [:]
        let storage = try TensorStorage.allocate(byteCount: numbers.count * rowBytes) { bytes in
            try VectorRows.forEach(dimension: dimension, path: path, db) { number, vector in
                if let place = places[number] {
                    UnsafeMutableRawBufferPointer(rebasing: bytes[(place * rowBytes)..<((place + 1) * rowBytes)])
                        .copyMemory(from: vector)
                } else if includingGraph {
                    orphans[number] = [Float](unsafeUninitializedCapacity: dimension) { floats, count in
                        UnsafeMutableRawBufferPointer(floats).copyMemory(from: vector)
                        count = dimension
                    }
                }
            }
        }
        let vectors = WeightMatrix(format: .f32, rows: numbers.count, columns: dimension, storage: storage)
        let graph =
            includingGraph
            ? try readGraph(db, path: path, numbers: numbers, places: places, vectors: vectors, orphans: orphans) : nil
        return DenseState(
            generation: try Facts.readGeneration(db),
            exact: try ExactVectorIndex(sortedIDs: numbers.map(\.id), vectors: vectors, compute: compute),
            graph: graph,
            lacksGraph: includingGraph && graph == nil
        )
    }

    private static func readGraph(
        _ db: Database,
        path: String,
        numbers: [(id: NewsArticle.ID, number: Int64)],
        places: [Int64: Int],
        vectors: WeightMatrix,
        orphans: [Int64: [Float]]
    ) throws -> GraphState? {
        guard let saved = try GraphRows.read(path: path, db) else { return nil }
        let graph = try NeighborGraph.load(saved, path: path, dimension: vectors.columns) { number, destination in
            if let place = places[number] {
                vectors.rows(place..<place + 1).withBytes {
                    UnsafeMutableRawBufferPointer(destination).copyMemory(from: $0)
                }
                return true
            }
            guard let vector = orphans[number] else { return false }
            vector.withUnsafeBytes { UnsafeMutableRawBufferPointer(destination).copyMemory(from: $0) }
            return true
        }
        var ids: [Int64: NewsArticle.ID] = [:]
        var missing: Set<NewsArticle.ID> = []
        let known = Set(graph.numbers)
        for (id, number) in numbers {
            if known.contains(number) { ids[number] = id } else { missing.insert(id) }
        }
        for number in known where ids[number] == nil { try graph.graph.remove(number) }
        return GraphState(graph: graph.graph, ids: ids, missing: missing)
    }
}

extension NeighborGraph {
    /// A saved graph with vectors that `vector` writes; it says false where there is none.
    package static func load(
        _ saved: [UInt8],
        path: String,
        dimension: Int,
        vector: (_ number: Int64, _ destination: UnsafeMutableBufferPointer<Float>) -> Bool
    ) throws -> (graph: NeighborGraph, numbers: [Int64]) {
        let numbers = try savedNumbers(saved)
        var isComplete = true
        let vectors = [Float](unsafeUninitializedCapacity: numbers.count * dimension) { floats, count in
            for (row, number) in numbers.enumerated() {
                let place = UnsafeMutableBufferPointer(rebasing: floats[(row * dimension)..<((row + 1) * dimension)])
                if !vector(number, place) {
                    isComplete = false
                    place.initialize(repeating: 0)
                }
            }
            count = numbers.count * dimension
        }
        guard isComplete else {
            throw NewsIndexError.damaged(path: path, reason: "the graph of neighbours names vectors that are not there")
        }
        let graph = try vectors.withUnsafeBufferPointer {
            try NeighborGraph(saved: saved, vectors: $0, dimension: dimension)
        }
        return (graph, numbers)
    }
}
