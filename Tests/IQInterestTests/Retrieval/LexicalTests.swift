import IQInterest
import Testing

@Suite("The analyser")
struct TextAnalyzerTests {
    @Test(
        "cuts text into words of letters, marks and digits in lower case",
        arguments: [
            ("Comet 2026-A1: brighter!", ["comet", "2026", "a1", "brighter"]),
            ("don't", ["don", "t"]),
            ("", []),
            ("… — 🎉👩‍👩‍👧", []),
            ("ÉCOLE straße İstanbul", ["école", "straße", "i̇stanbul"]),
            ("cafe\u{301} au lait", ["cafe\u{301}", "au", "lait"]),
            ("東京 tower", ["東", "京", "tower"]),
            ("がんばれNHK", ["が", "ん", "ば", "れ", "nhk"]),
            ("हिन्दी समाचार", ["हिन्दी", "समाचार"]),
            ("a\u{0}b", ["a", "b"]),
        ] as [(String, [String])]
    )
    func tokens(text: String, expected: [String]) {
        #expect(TextAnalyzer().tokens(text) == expected)
    }

    @Test("leaves stop words out where asked to")
    func stopWords() {
        #expect(TextAnalyzer.english.tokens("The state of the Union") == ["state", "union"])
        #expect(TextAnalyzer.englishStopWords.count == 33)
    }
}

@Suite("BM25 in memory")
struct BM25IndexTests {
    // Worked by hand: N = 3, mean length 3; "cat" is in 2 documents, "dog" in 1.
    private let index = BM25Index(documents: [
        (id: "1", tokens: ["cat", "cat", "sat", "mat"]), (id: "2", tokens: ["cat", "dog"]),
        (id: "3", tokens: ["sun", "moon", "star"]),
    ])

    @Test("scores as Lucene's formula says")
    func formula() {
        let found = index.search(["cat"], limit: 10)
        let rarity = 0.470_003_629_245_735_5  // ln(1 + 1.5 / 2.5)
        // Document 1: 2 / (2 + 1.2 · (0.25 + 0.75 · 4/3)) = 2 / 3.5; document 2: 1 / (1 + 1.2 · 0.75) = 1 / 1.9.
        #expect(found.map(\.id) == ["1", "2"])
        #expect(abs(found[0].score - rarity * 2 / 3.5) < 1e-12)
        #expect(abs(found[1].score - rarity / 1.9) < 1e-12)
        let twice = index.search(["cat", "cat"], limit: 1)
        #expect(abs(twice[0].score - 2 * found[0].score) < 1e-12)
    }

    @Test("finds only what holds a token, in the pool alone, at most as many as asked for")
    func limits() {
        #expect(index.search(["zebra"], limit: 10).isEmpty)
        #expect(index.search([String](), limit: 10).isEmpty)
        #expect(index.search(["cat"], limit: 0).isEmpty)
        #expect(index.search(["cat"], limit: 10, among: ["2", "3", "none"]).map(\.id) == ["2"])
        #expect(index.search(["cat"], limit: 10, among: []).isEmpty)
        #expect(BM25Index(documents: []).search(["cat"], limit: 10).isEmpty)
    }

    @Test("with a pool's statistics scores as if nothing else were indexed")
    func poolStatistics() {
        let alone = BM25Index(documents: [
            (id: "2", tokens: ["cat", "dog"]), (id: "3", tokens: ["sun", "moon", "star"]),
        ])
        for query in [["cat"], ["dog", "sun"], ["star", "star", "cat"]] {
            let restricted = index.search(query, limit: 10, among: ["2", "3"], statistics: .pool)
            #expect(restricted == alone.search(query, limit: 10))
        }
    }

    @Test("breaks ties by id")
    func ties() {
        let same = BM25Index(documents: ["b", "a", "c"].map { (id: $0, tokens: ["x"]) })
        #expect(same.search(["x"], limit: 2).map(\.id) == ["a", "b"])
    }
}
