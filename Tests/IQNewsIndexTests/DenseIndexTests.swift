import Foundation
import IQInterest
import IQModel
import IQNewsIndex
import Testing

@Suite(
    "The news index by vectors",
    .enabled(if: SentenceModel.path != nil, "no all-MiniLM-L6-v2: run Scripts/fetch-model minilm")
)
struct DenseIndexTests {
    private let scratch: ScratchIndex

    init() throws { scratch = try ScratchIndex() }

    @Test("finds what exact search in memory finds, by graph and after changes, without building anything anew")
    func agreement() async throws {
        let embedder = try await SentenceModel.embedder()
        let articles = try Sample.articles(400)
        let writer = try NewsIndexWriter(path: scratch.path)
        try await writer.add(articles[..<300])
        let seen = Counter()
        let embedded = try await writer.embed(with: embedder) { progress in
            _ = seen.next()
            #expect(progress.done <= progress.total)
        }
        #expect(embedded == 300)
        #expect(seen.next() == 4)  // at the start and after two batches
        #expect(try await writer.embed(with: embedder) == 0)
        try await writer.buildGraph()

        let index = try NewsIndex(path: scratch.path, embedder: embedder)
        let queries = ["night sky observation", "bread and cakes", "football transfer", "eruption"]
        func compare(_ remaining: [NewsArticle], least: Int) async throws {
            let memory = try await DenseRetriever(articles: remaining, embedder: embedder)
            let expected = try await memory.retrieve(queries, limit: 10, pool: .everything)
            let exact = try await index.search(queries, limit: 10, mode: .dense(.exact))
            for (found, expected) in zip(exact, expected) {
                // Vectors of other batches differ in their last bits, so that equal neighbours may change places.
                for (a, b) in zip(found, expected) { #expect(abs(a.score - b.score) < 1e-5) }
            }
            let byGraph = try await index.search(queries, limit: 10, mode: .dense(.graph(width: 100)))
            let hits = zip(byGraph, expected).map { Set($0.map(\.id)).intersection($1.map(\.id)).count }
            #expect(hits.reduce(0, +) >= least)
            let pool = CandidatePool.categories(["food"])
            let inPool = try await index.search(queries, limit: 7, pool: pool, mode: .dense)
            for (found, expected) in zip(inPool, try await memory.retrieve(queries, limit: 7, pool: pool)) {
                for (a, b) in zip(found, expected) { #expect(abs(a.score - b.score) < 1e-5) }
            }
        }
        try await compare(Array(articles[..<300]), least: 38)
        // New articles without a new graph, removed ones, and one with another title.
        try await writer.add(articles[300...])
        try await writer.remove(articles[..<40].map(\.id))
        let renamed = try NewsArticle(id: "n50", title: "Meteor shower tonight")
        try await writer.add([renamed])
        #expect(try await writer.embed(with: embedder) == 101)
        var remaining = Array(articles[40...])
        remaining[10] = renamed
        try await compare(remaining, least: 38)
        try await writer.buildGraph()
        try await compare(remaining, least: 38)
        // Over a quarter of the nodes gone: built anew, and vectors that nobody needs are deleted.
        try await writer.remove(articles[40..<200].map(\.id))
        remaining = Array(articles[200...])
        try await writer.buildGraph()
        try await compare(remaining, least: 38)
        try await index.check()
        #expect(try await index.statistics().inGraph == 200)
        #expect(try await index.vector("n399")?.count == 384)
        #expect(try await index.retrieve(queries, limit: 3, pool: .everything).allSatisfy { $0.count == 3 })
        try await writer.close()
    }

    @Test("goes on embedding where it was stopped")
    func resuming() async throws {
        let embedder = try await SentenceModel.embedder()
        struct Stop: Error, Equatable {}
        let counter = Counter()
        let writer = try NewsIndexWriter(path: scratch.path, options: nil) {
            // Three transactions of articles, one for the probe, and the first batch of vectors.
            if counter.next() > 5 { throw Stop() }
        }
        try await writer.add(try Sample.articles(600))
        await #expect(throws: Stop()) { try await writer.embed(with: embedder) }
        let next = try NewsIndexWriter(path: scratch.path)
        #expect(try await next.statistics().embedded == 256)
        #expect(try await next.embed(with: embedder) == 344)
        try await NewsIndex(path: scratch.path).check()
    }

    @Test("with a vector changed behind its back says so")
    func damage() async throws {
        let embedder = try await SentenceModel.embedder()
        let writer = try NewsIndexWriter(path: scratch.path)
        try await writer.add(try Sample.articles(30))
        try await writer.embed(with: embedder)
        let vector = try #require(try await NewsIndex(path: scratch.path).vector("n11"))
        try await writer.close()
        var bytes = try scratch.bytes
        let pattern = Array(VectorRows.blob(Array(vector.prefix(8))))
        let place = try #require(bytes.indices.dropLast(32).first { bytes[$0..<$0 + 32].elementsEqual(pattern) })
        bytes[place + 2] ^= 1
        try scratch.write(bytes)
        await #expect(
            throws: NewsIndexError.damaged(path: scratch.path, reason: "the vector of row 12 is not what was stored")
        ) {
            try await NewsIndex(path: scratch.path, embedder: embedder).search(["a"], limit: 3, mode: .dense)
        }
    }
}
