import IQInterest
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct TitleQueryTests {
    @Test(arguments: [
        ("Opinion: Colin Kaepernick is about to get what he deserves: a chance", "Colin Kaepernick deserves chance"),
        ("Police find 26 children behind false wall at Colorado day care", "Police 26 children false wall Colorado"),
        ("THEN AND NOW: What all your favorite '90s stars are doing today", "favorite 90s stars doing today"),
        // Nothing but function words: better those than nothing.
        ("What to do", "What to do"),
        ("  ", ""), ("!!! ...", ""),
        // A short title keeps its first word, colon or not.
        ("Update: rain", "Update rain"),
        ("北京 天气 预报", "北京 天气 预报"),
    ])
    func `the telling words of a title, at most six`(title: String, query: String) {
        #expect(TitleQuery().text(of: title) == query)
    }

    @Test func `never more words than asked for, and normalised`() {
        for words in 1...8 {
            let query = TitleQuery(maximumWords: words).text(
                of: "\"Cows swept away by Hurricane Dorian found alive – but how?\""
            )
            #expect(query.split(separator: " ").count <= words)
            #expect(QueryNormalization.normalized(query) == query)
        }
    }
}

struct ClickTargetsTests {
    private static let noon = Date(timeIntervalSince1970: 1_573_819_200)

    /// Two directions of interest: football to the right, markets up.
    private static let rows: [(id: String, title: String, vector: [Float])] = [
        ("f0", "Football season begins", [1, 0]), ("m0", "Markets wait", [0, 1]),
        ("f1", "Football final tonight", [1, 0]), ("f2", "Football transfer rumours", [0.8, 0.6]),
        ("m1", "Markets rally", [0, 1]), ("m2", "Markets tumble", [0.6, 0.8]), ("x", "Nobody clicked", [1, 0]),
    ]

    private static func targets(_ training: [Impression], queries: Int = 5, affinity: Double = 3) throws -> ClickTargets
    {
        ClickTargets(
            training: training,
            articles: try rows.map { try NewsArticle(id: $0.id, title: $0.title) },
            vectors: TitleVectors(rows.map { ($0.id, $0.vector) }),
            options: .init(queries: queries, affinity: affinity)
        )
    }

    private static func impression(_ person: String, history: [String], clicks: [String], day: Double = 0) throws
        -> Impression
    {
        try Impression(
            person: person,
            time: noon.addingTimeInterval(day * 86400),
            history: history,
            slate: (clicks + ["x"]).map { .init(article: $0, isClicked: $0 != "x") }
        )
    }

    private static func crowd() throws -> [Impression] {
        try [
            impression("a", history: ["f0"], clicks: ["f1"]), impression("b", history: ["f0"], clicks: ["f1", "f2"]),
            impression("c", history: ["m0"], clicks: ["m1"]), impression("d", history: ["m0"], clicks: ["m2"]),
        ]
    }

    private static func stranger(_ history: [String], day: Double = 0) throws -> EvaluatedPerson {
        EvaluatedPerson(
            caseID: "s",
            person: "s",
            time: noon.addingTimeInterval(day * 86400),
            history: try history.map { try NewsArticle(id: $0, title: "title of \($0)") }
        )
    }

    @Test func `own clicks come first, then what others clicked, nearest to the history first`() throws {
        let targets = try Self.targets(Self.crowd())
        let list = targets.queries(for: try Self.impression("d", history: ["m0"], clicks: ["m2"]))
        #expect(list == ["Markets tumble", "Markets rally", "Football transfer rumours", "Football final tonight"])
    }

    @Test func `without affinity the order is that of the clicks, equal ones as in the list of articles`() throws {
        let list = try Self.targets(Self.crowd(), affinity: 0).queries(for: Self.stranger(["m0"]))
        #expect(list == ["Football final tonight", "Football transfer rumours", "Markets rally", "Markets tumble"])
    }

    @Test func `the score is the logarithm of the clicks and a half, and affinity times the cosine`() throws {
        // f1 has ln 2.5 = 0.92, m1 ln 1.5 + a = 0.41 + a for a reader of markets: they change places at a = 0.51.
        let reader = try Self.stranger(["m0"])
        #expect(
            try Self.targets(Self.crowd(), queries: 1, affinity: 0.50).queries(for: reader) == [
                "Football final tonight"
            ]
        )
        #expect(try Self.targets(Self.crowd(), queries: 1, affinity: 0.52).queries(for: reader) == ["Markets rally"])
    }

    @Test func `what was read is not asked for again, nor what nobody clicked`() throws {
        let list = try Self.targets(Self.crowd()).queries(for: Self.stranger(["f1", "m1"]))
        #expect(Set(list) == ["Football transfer rumours", "Markets tumble"])
    }

    @Test func `a click on what had been read is no click`() throws {
        let targets = try Self.targets([Self.impression("a", history: ["f1"], clicks: ["f1", "m1"])])
        #expect(targets.queries(for: try Self.stranger(["f0"])) == ["Markets rally"])
    }

    @Test func `another day's clicks do not count`() throws {
        #expect(try Self.targets(Self.crowd()).queries(for: Self.stranger(["f0"], day: 1)).isEmpty)
    }

    @Test func `the number of queries is kept, and no query stands twice`() throws {
        let targets = try Self.targets(Self.crowd(), queries: 2)
        let list = targets.queries(for: try Self.impression("b", history: ["f0"], clicks: ["f1", "f2"]))
        #expect(list == ["Football final tonight", "Football transfer rumours"])
    }

    @Test func `somebody without history gets what is clicked most`() throws {
        #expect(
            try Self.targets(Self.crowd(), queries: 1).queries(for: Self.stranger([])) == ["Football final tonight"]
        )
    }

    @Test func `as a source of lists it sees no clicks`() throws {
        let targets = try Self.targets(Self.crowd())
        let people = try [Self.stranger(["m0"]), Self.stranger([])]
        #expect(PopularTitleQueries(targets).queries(for: people) == people.map { targets.queries(for: $0) })
    }
}
