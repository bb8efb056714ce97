import IQNewsIndex
import IQInterest
import IQTensor
import Testing

@Suite("The graph of neighbours")
struct NeighborGraphTests {
    private let dimension = 48

    /// Vectors of length 1 around some centres.
    private func vectors(_ count: Int, seed: UInt64) -> [[Float]] {
        var centres = RandomStream(seed: 77)
        let heads = (0..<40).map { _ in (0..<dimension).map { _ in centres.uniformFloat() - 0.5 } }
        var random = RandomStream(seed: seed)
        return (0..<count).map { _ in
            let head = heads[Int(random.next() % 40)]
            let vector = head.map { $0 + 0.8 * (random.uniformFloat() - 0.5) }
            let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return vector.map { $0 / length }
        }
    }

    private func graph(_ vectors: [[Float]]) throws -> NeighborGraph {
        let graph = try NeighborGraph(dimension: dimension, capacity: 0, links: 16, width: 100)
        try vectors.joined().map { $0 }.withUnsafeBufferPointer {
            try graph.add(vectors.indices.map { Int64($0 + 1) }, vectors: $0)
        }
        return graph
    }

    private func loaded(_ saved: [UInt8], _ vectors: [[Float]]) throws -> NeighborGraph {
        try NeighborGraph.load(saved, path: "memory", dimension: dimension) { number, destination in
            guard vectors.indices.contains(Int(number) - 1) else { return false }
            _ = destination.initialize(from: vectors[Int(number) - 1])
            return true
        }
        .graph
    }

    @Test("finds at least 98 of 100 of what an exact search finds")
    func recall() async throws {
        let stored = vectors(3000, seed: 1)
        let queries = vectors(100, seed: 2)
        let graph = try graph(stored)
        let exact = try await ExactVectorIndex(
            dimension: dimension,
            ids: stored.indices.map { "\($0 + 1)" },
            vectors: stored
        )
        .search(queries, limit: 10)
        for threads in [1, 2] {
            let found = try graph.search(queries, limit: 10, width: 100, threads: threads)
            let hits = zip(found, exact).map { found, exact in
                Set(found.map { "\($0.number)" }).intersection(exact.map(\.id)).count
            }
            #expect(hits.reduce(0, +) >= 980)
        }
    }

    @Test("saved and loaded answers the same, and goes on growing")
    func saving() throws {
        let stored = vectors(600, seed: 3)
        let queries = vectors(20, seed: 4)
        let first = try graph(Array(stored[..<500]))
        let second = try loaded(first.saved(), Array(stored[..<500]))
        func numbers(_ graph: NeighborGraph) throws -> [[Int64]] {
            try graph.search(queries, limit: 10, width: 60, threads: 1).map { $0.map(\.number) }
        }
        #expect(try numbers(first) == numbers(second))
        #expect(try second.saved() == first.saved())
        for place in 500..<600 {
            try stored[place].withUnsafeBufferPointer { try second.add([Int64(place + 1)], vectors: $0) }
        }
        #expect(second.count == 600)
        let found = try second.search([stored[550]], limit: 1, width: 60, threads: 1)
        #expect(found[0].first?.number == 551)
    }

    @Test("passes removed numbers over, even if that leaves none")
    func removal() throws {
        let stored = vectors(200, seed: 5)
        let graph = try graph(stored)
        for number in 1...100 { try graph.remove(Int64(number)) }
        try graph.remove(9999)
        #expect(graph.removedCount == 100)
        let found = try graph.search(Array(stored[..<10]), limit: 20, width: 20, threads: 1)
        #expect(found.allSatisfy { $0.count == 20 && $0.allSatisfy { $0.number > 100 } })
        for number in 101...200 { try graph.remove(Int64(number)) }
        #expect(try graph.search([stored[0]], limit: 5, width: 5, threads: 1)[0].isEmpty)
        // And it takes new ones all the same.
        try stored[0].withUnsafeBufferPointer { try graph.add([777], vectors: $0) }
        #expect(try graph.search([stored[0]], limit: 5, width: 5, threads: 1)[0].map(\.number) == [777])
    }

    @Test("refuses a number twice, and answers nothing while it is empty")
    func refusals() throws {
        let graph = try NeighborGraph(dimension: dimension, capacity: 4, links: 4, width: 10)
        let vector = vectors(1, seed: 6)[0]
        #expect(try graph.search([vector], limit: 3, width: 3, threads: 2)[0].isEmpty)
        try vector.withUnsafeBufferPointer { try graph.add([1], vectors: $0) }
        #expect(throws: NewsIndexError.graph(reason: "a number is there already")) {
            try vector.withUnsafeBufferPointer { try graph.add([1], vectors: $0) }
        }
        #expect(throws: NewsIndexError.self) {
            try NeighborGraph(dimension: 0, capacity: 4, links: 4, width: 10)
        }
    }

    @Test("of damaged bytes is refused or safe to search")
    func damage() throws {
        let stored = vectors(300, seed: 7)
        let saved = try graph(stored).saved()
        var random = RandomStream(seed: 8)
        for attempt in 0..<300 {
            var bytes = saved
            if attempt % 5 == 0 { bytes.removeLast(1 + Int(random.next() % UInt64(bytes.count))) }
            for _ in 0..<3 where !bytes.isEmpty {
                // Half of the changes hit the front, where the counts stand.
                let range = attempt % 2 == 0 ? min(200, bytes.count) : bytes.count
                bytes[Int(random.next() % UInt64(range))] ^= 1 << UInt8(random.next() % 8)
            }
            guard let graph = try? loaded(bytes, stored) else { continue }
            _ = try graph.search(Array(stored[..<3]), limit: 5, width: 20, threads: 1)
        }
    }
}
