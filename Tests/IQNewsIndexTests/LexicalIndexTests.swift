import Foundation
import IQInterest
import IQNewsIndex
import Testing

@Suite("The news index by words")
struct LexicalIndexTests {
    private let scratch: ScratchIndex

    init() throws { scratch = try ScratchIndex() }

    private func built(_ articles: [NewsArticle]) async throws -> NewsIndex {
        let writer = try NewsIndexWriter(path: scratch.path)
        try await writer.add(articles)
        try await writer.close()
        return try NewsIndex(path: scratch.path)
    }

    @Test("ranks and scores as BM25 in memory does")
    func agreement() async throws {
        let articles = try Sample.articles(300)
        let index = try await built(articles)
        let memory = LexicalRetriever(articles: articles)
        let queries = [
            "comet", "comet comet delights", "the harbour and the village", "Sourdough 42th", "nothing-of-this", "",
            "striker wins over fans in Madrid for the 10th time",
        ]
        let pools: [CandidatePool] = [
            .everything, .categories(["sports"]), .articles(["n1", "n2", "n8", "n16", "none"]),
            .published(Date(timeIntervalSince1970: 1_773_000_000)..<Date(timeIntervalSince1970: 1_773_100_000)),
            .intersection([.categories(["sports", "news"]), .complement(.articles(["n0"]))]),
        ]
        for pool in pools {
            let found = try await index.retrieve(queries, limit: 10, pool: pool)
            let expected = await memory.retrieve(queries, limit: 10, pool: pool)
            for (found, expected) in zip(found, expected) {
                #expect(found.map(\.id) == expected.map(\.id))
                for (a, b) in zip(found, expected) { #expect(abs(a.score - b.score) < 1e-9) }
            }
        }
    }

    @Test(
        "never fails for what a query contains",
        arguments: [
            "\"", "\"\"", "a\" OR \"b", "comet AND", "NOT", "NEAR(comet volcano, 2)", "title:comet", "comet*", "^comet",
            "(", "-",
            "{title abstract}: comet", "'; DROP TABLE articles; --", "🎉🎊", "\u{0}comet\u{0}", "%_\\", "東京", "  ", "",
            String(repeating: "comet \"volcano\" OR ( ", count: 500), String(repeating: "é", count: 10_240),
            (0..<2000).map { "word\($0)" }.joined(separator: " "),
        ]
    )
    func hostileQueries(query: String) async throws {
        let index = try await built(try Sample.articles(20))
        let found = try await index.retrieve(query, limit: 5)
        #expect(found.count <= 5)
        let mentions = TextAnalyzer.english.tokens(query).prefix(256).contains { $0 == "comet" }
        #expect(found.isEmpty != mentions || !mentions)
    }

    @Test("after changes answers as an index built anew")
    func incremental() async throws {
        let writer = try NewsIndexWriter(path: scratch.path)
        let articles = try Sample.articles(120)
        #expect(try await writer.add(articles).added == 120)
        #expect(try await writer.add(articles).unchanged == 120)
        let rewritten = try NewsArticle(id: "n5", title: "A glacier calves", category: "news")
        let updated = try NewsArticle(
            id: "n7",
            title: articles[7].title,
            abstract: articles[7].abstract,
            category: "moved"
        )
        let changes = try await writer.add([rewritten, updated] + Sample.articles(10, from: 120))
        #expect(changes.added == 10 && changes.rewritten == 1 && changes.updated == 1)
        #expect(try await writer.remove(["n1", "n2", "none"]) == 2)
        let deadline = Date(timeIntervalSince1970: 1_773_000_000 + 20 * 3600)
        // 0...19 but 1, 2 (gone), 5, 7 (without a time now), 9 and 19 (without a time).
        #expect(try await writer.expire(publishedBefore: deadline) == 14)
        try await writer.compact()
        try await writer.close()

        let index = try NewsIndex(path: scratch.path)
        try await index.check()
        var remaining = articles + (try Sample.articles(10, from: 120))
        remaining[5] = rewritten
        remaining[7] = updated
        remaining.removeAll { ["n1", "n2"].contains($0.id) || ($0.published.map { $0 < deadline } ?? false) }
        #expect(try await index.statistics().articles == remaining.count)
        let other = try ScratchIndex()
        let anew = try NewsIndexWriter(path: other.path)
        try await anew.add(remaining.reversed())
        try await anew.close()
        let queries = ["glacier", "comet astronomers", "sourdough", "the jury and bakers", "cello 126th"]
        let found = try await index.retrieve(queries, limit: 20, pool: .everything)
        #expect(try await NewsIndex(path: other.path).retrieve(queries, limit: 20, pool: .everything) == found)
        #expect(found[0].map(\.id) == ["n5"])
        #expect(try await index.article("n7") == updated)
        #expect(try await index.article("n1") == nil)
        #expect(try await index.retrieve("volcano", limit: 50, pool: .categories(["moved"])).isEmpty)
    }

    @Test("shows changes to readers that have it open, each of which sees one state")
    func concurrentReaders() async throws {
        let path = scratch.path
        let writer = try NewsIndexWriter(path: path)
        try await writer.add(try Sample.articles(64))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let index = try NewsIndex(path: path)
                    for _ in 0..<20 {
                        // Articles come in transactions of 64, and each holds the word.
                        let count = try await index.retrieve("time", limit: 1000).count
                        #expect(count % 64 == 0 && count > 0)
                    }
                }
            }
            group.addTask {
                for step in 1...10 { try await writer.add(try Sample.articles(64, from: step * 64)) }
            }
            try await group.waitForAll()
        }
        #expect(try await NewsIndex(path: path).retrieve("time", limit: 1000).count == 704)
        try await writer.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path).contains("news.iqni"))
    }

    @Test("refuses limits that make no sense, and dense search without a model")
    func refusals() async throws {
        let index = try await built(try Sample.articles(3))
        await #expect(throws: NewsIndexError.invalidLimit(0)) { try await index.retrieve("a", limit: 0) }
        await #expect(throws: NewsIndexError.noEmbedder) {
            try await index.search(["a"], limit: 1, mode: .dense)
        }
        #expect(throws: NewsIndexError.settingsMismatch(path: scratch.path, setting: "set of options")) {
            try NewsIndexWriter(path: scratch.path, options: NewsIndexOptions(titleWeight: 2))
        }
        // Nothing was embedded, so vectors find nothing.
        #expect(try await index.search(vectors: [[1, 0]], limit: 3) == [[]])
    }
}
