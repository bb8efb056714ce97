// Workloads of the news side: sentence vectors, and the nearest of many.

internal import IQInterest
internal import IQNewsIndex
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension BenchCommand {
    /// Embeds the lines of a text, all of them in a step.
    func measureEmbedding() async throws {
        guard let data = FileManager.default.contents(atPath: text) else {
            throw CommandFailure(message: "\(text) cannot be read", code: CommandFailure.missingInput)
        }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
        guard lines.count >= 2 else {
            throw CommandFailure(message: "\(text) has fewer than two lines", code: CommandFailure.data)
        }
        let embedder = try await TextEmbedder(
            modelAt: URL(fileURLWithPath: model),
            compute: try ComputeOptions(threads: threads, level: level)
        )
        // The sum of what neighbouring lines have in common shows that others do the same work.
        let vectors = try await embedder.embed(lines)
        let likeness = zip(vectors, vectors.dropFirst()).reduce(0.0) { sum, pair in
            sum + zip(pair.0, pair.1).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        }
        for _ in 1..<max(1, warmUp) { _ = try await embedder.embed(lines) }
        for _ in 0..<rounds {
            var rates: [Double] = []
            for _ in 0..<steps {
                try Task.checkCancellation()
                let start = ContinuousClock.now
                _ = try await embedder.embed(lines)
                rates.append(Double(lines.count) / ((ContinuousClock.now - start) / .seconds(1)))
            }
            let round = BenchmarkRound(
                workload: workload.rawValue,
                format: "f32",
                unit: "texts/s",
                values: rates,
                firstLoss: likeness,
                peakResidentBytes: peakResidentBytes()
            )
            try StandardOutput.write(Self.line(round))
        }
    }

    /// Searches for the ten nearest to each query, and counts how many of the ten truly nearest it finds.
    func measureRetrieval() async throws {
        let folder = vectors ?? ""
        let base: [Float] = try numbers(folder + "/base.f32")
        let queries: [Float] = try numbers(folder + "/queries.f32")
        let nearest: [Int32] = try numbers(folder + "/nearest.i32")
        let count = base.count / dimension
        let asked = stride(from: 0, to: queries.count, by: dimension).map { Array(queries[$0..<$0 + dimension]) }
        guard base.count == count * dimension, count >= 10, queries.count == asked.count * dimension,
            nearest.count == 10 * asked.count
        else {
            throw CommandFailure(
                message: "\(folder) holds no rows of \(dimension) numbers with ten neighbours for each query",
                code: CommandFailure.data
            )
        }
        let search = try await nearestTen(base, count: count)
        for _ in 0..<rounds {
            var rates: [Double] = []
            var found: [[Int]] = []
            for step in 0..<warmUp + steps {
                try Task.checkCancellation()
                let start = ContinuousClock.now
                found = try await search(asked)
                if step >= warmUp { rates.append(Double(asked.count) / ((ContinuousClock.now - start) / .seconds(1))) }
            }
            let hits = found.enumerated().reduce(0) { sum, item in
                sum
                    + Set(item.element).intersection(nearest[10 * item.offset..<10 * item.offset + 10].map(Int.init))
                    .count
            }
            let round = BenchmarkRound(
                workload: workload.rawValue,
                format: exact ? "exact" : "graph",
                unit: "queries/s",
                values: rates,
                recall: Double(hits) / Double(nearest.count),
                peakResidentBytes: peakResidentBytes()
            )
            try StandardOutput.write(Self.line(round))
        }
    }

    private func nearestTen(_ base: [Float], count: Int) async throws -> ([[Float]]) async throws -> [[Int]] {
        if exact {
            // Names that sort as numbers do.
            let names = (0..<count).map { String(1_000_000_000 + $0) }
            let index = try ExactVectorIndex(
                dimension: dimension,
                ids: names,
                vectors: (0..<count).map { Array(base[$0 * dimension..<($0 + 1) * dimension]) },
                compute: try ComputeOptions(threads: threads, level: level)
            )
            return { queries in
                try await index.search(queries, limit: 10).map { $0.map { (Int($0.id) ?? 0) - 1_000_000_000 } }
            }
        }
        let graph = try NeighborGraph(dimension: dimension, capacity: count, links: links, width: buildWidth)
        try base.withUnsafeBufferPointer { try graph.add((0..<count).map(Int64.init), vectors: $0) }
        let threads = try ComputeOptions(threads: threads, level: level).threads
        return { queries in
            try graph.search(queries, limit: 10, width: searchWidth, threads: threads).map { $0.map { Int($0.number) } }
        }
    }

    /// A file of numbers of four bytes, as this machine orders them.
    private func numbers<Number: BitwiseCopyable>(_ path: String) throws -> [Number] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(message: "\(path) cannot be read", code: CommandFailure.missingInput)
        }
        return data.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Number.self) }
        }
    }
}
