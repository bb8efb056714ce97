import IQInterest
import IQTensor
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Articles and pools")
struct NewsArticleTests {
    @Test("trim their texts and take empty ones as none")
    func trimming() throws {
        let article = try NewsArticle(id: "n1", title: " A title\n", abstract: "  ", category: "", subcategory: " x ")
        #expect(article.title == "A title")
        #expect(article.abstract == nil && article.category == nil && article.subcategory == "x")
    }

    @Test("refuse what no article has, with the value")
    func refusal() {
        #expect(throws: NewsArticleError.invalidID("")) { try NewsArticle(id: "", title: "t") }
        #expect(throws: NewsArticleError.emptyTitle) { try NewsArticle(id: "n", title: " \u{200B}") }
        #expect(throws: NewsArticleError.tooLong(.category, bytes: 129, maximum: 128)) {
            try NewsArticle(id: "n", title: "t", category: String(repeating: "c", count: 129))
        }
        #expect(throws: NewsArticleError.timeOutOfRange(seconds: 1.7e12)) {
            try NewsArticle(id: "n", title: "t", published: Date(timeIntervalSince1970: 1.7e12))
        }
        #expect(throws: NewsArticleError.invalidURL("page.html")) {
            try NewsArticle(id: "n", title: "t", url: URL(string: "page.html"))
        }
    }

    @Test("are read as they are written, and from seconds")
    func coding() throws {
        let article = try NewsArticle(
            id: "n1",
            title: "A \"title\"",
            abstract: "b",
            category: "c",
            url: URL(string: "https://example.org/a"),
            published: Date(timeIntervalSince1970: 1_773_000_000.25)
        )
        #expect(try JSONDecoder().decode(NewsArticle.self, from: JSONEncoder().encode(article)) == article)
        let text = #"{"id":"n","title":"t","published":12.5,"unknown":1}"#
        #expect(
            try JSONDecoder().decode(NewsArticle.self, from: Data(text.utf8)).published
                == Date(timeIntervalSince1970: 12.5)
        )
        #expect(throws: NewsArticleError.emptyTitle) {
            try JSONDecoder().decode(NewsArticle.self, from: Data(#"{"id":"n","title":""}"#.utf8))
        }
    }

    @Test("are in the pools that they fit")
    func pools() throws {
        let time = Date(timeIntervalSince1970: 100)
        let article = try NewsArticle(id: "n", title: "t", category: "sports", published: time)
        let bare = try NewsArticle(id: "m", title: "t")
        #expect(CandidatePool.everything.contains(bare))
        #expect(CandidatePool.articles(["n"]).contains(article) && !CandidatePool.articles(["n"]).contains(bare))
        let interval = CandidatePool.published(time..<time.addingTimeInterval(1))
        #expect(interval.contains(article) && !interval.contains(bare))
        #expect(!CandidatePool.published(Date(timeIntervalSince1970: 0)..<time).contains(article))
        #expect(CandidatePool.complement(.categories(["news"])).contains(bare))
        #expect(!CandidatePool.intersection([interval, .categories(["news"])]).contains(article))
        #expect(CandidatePool.intersection([]).contains(bare))
    }
}

@Suite("Exact dense search")
struct ExactVectorIndexTests {
    /// All scores in Double, sorted.
    private func reference(_ query: [Float], _ vectors: [[Float]], ids: [String], limit: Int) -> [String] {
        zip(ids, vectors)
            .map { id, vector in
                RetrievedArticle(id: id, score: zip(query, vector).reduce(0) { $0 + Double($1.0) * Double($1.1) })
            }
            .ranked(limit: limit).map(\.id)
    }

    @Test("agrees with sorting all scores, whatever the sizes", arguments: [1, 2, 7, 17, 129, 2047, 2049, 5000])
    func agreement(count: Int) async throws {
        var random = RandomStream(seed: UInt64(count))
        let dimension = 33
        func vector() -> [Float] { (0..<dimension).map { _ in random.uniformFloat() - 0.5 } }
        let ids = (0..<count).map { "n\($0)" }
        let vectors = ids.map { _ in vector() }
        let queries = (0..<131).map { _ in vector() }
        let index = try ExactVectorIndex(dimension: dimension, ids: ids, vectors: vectors)
        let found = try await index.search(queries, limit: 10)
        #expect(found.count == queries.count)
        for query in [0, 63, 127, 128, 130] {
            #expect(found[query].map(\.id) == reference(queries[query], vectors, ids: ids, limit: 10))
        }
        let pool = Set(ids.filter { $0.hasSuffix("3") })
        let restricted = try await index.search([queries[0]], limit: 5, among: pool)
        let members = ids.indices.filter { pool.contains(ids[$0]) }
        #expect(
            restricted[0].map(\.id)
                == reference(queries[0], members.map { vectors[$0] }, ids: members.map { ids[$0] }, limit: 5)
        )
    }

    @Test("breaks ties by id, and returns fewer where there are no more")
    func ties() async throws {
        let index = try ExactVectorIndex(
            dimension: 2,
            ids: ["c", "a", "d", "b"],
            vectors: [[1, 0], [1, 0], [0, 1], [1, 0]]
        )
        #expect(try await index.search([[1, 0]], limit: 2)[0].map(\.id) == ["a", "b"])
        #expect(try await index.search([[1, 0]], limit: 9)[0].map(\.id) == ["a", "b", "c", "d"])
        #expect(try await index.search([[1, 0]], limit: 9, among: []) == [[]])
        #expect(try await index.search([], limit: 9).isEmpty)
        #expect(await index.vector(of: "d") == [0, 1])
    }

    @Test("refuses vectors that do not fit")
    func refusal() async throws {
        #expect(throws: VectorIndexError.wrongDimension(found: 1, expected: 2)) {
            try ExactVectorIndex(dimension: 2, ids: ["a"], vectors: [[1]])
        }
        #expect(throws: VectorIndexError.duplicateID("a")) {
            try ExactVectorIndex(dimension: 1, ids: ["a", "a"], vectors: [[1], [2]])
        }
        #expect(throws: VectorIndexError.notFinite(id: "a")) {
            try ExactVectorIndex(dimension: 1, ids: ["a"], vectors: [[.nan]])
        }
        let index = try ExactVectorIndex(dimension: 1, ids: [], vectors: [])
        #expect(try await index.search([[1]], limit: 3) == [[]])
        await #expect(throws: VectorIndexError.notFinite(id: nil)) { try await index.search([[.infinity]], limit: 3) }
    }
}
