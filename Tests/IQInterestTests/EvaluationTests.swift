import IQInterest
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Six articles of a day, and a person who read about football and clicked one article of two families.
private enum SmallWorld {
    static let noon = Date(timeIntervalSince1970: 1_573_819_200)

    static func articles() throws -> [NewsArticle] {
        let rows: [(String, String, String?)] = [
            ("h1", "Football final tonight", "sports"), ("h2", "Markets fall again", "finance"),
            ("s1", "Football transfer news", "sports"), ("s2", "Tennis final", "sports"),
            ("f1", "Markets rally", "finance"), ("n1", "Election results", "news"),
        ]
        return try rows.map { try NewsArticle(id: $0.0, title: $0.1, category: $0.2) }
    }

    static func impression(
        _ person: String,
        history: [String] = [],
        clicked: [String],
        others: [String]
    ) throws -> Impression {
        try Impression(
            person: person,
            time: noon,
            history: history,
            slate: clicked.map { .init(article: $0, isClicked: true) }
                + others.map { .init(article: $0, isClicked: false) }
        )
    }

    static func data(
        training: [Impression]? = nil,
        sharedPeople: EvaluationData.SharedPeople = .refuse
    ) throws -> EvaluationData {
        try EvaluationData(
            articles: try articles(),
            training: try training ?? [impression("t1", clicked: ["f1"], others: ["s1", "s2", "n1"])],
            evaluated: [try impression("p1", history: ["h1", "h2"], clicked: ["s1", "f1"], others: ["s2", "n1"])],
            sharedPeople: sharedPeople
        )
    }
}

/// Scores by a table; what is not in it was not found.
private struct TableRanker: ArticleRanker {
    let name = "table"
    let scores: [String: Double]

    func scores(for requests: [RankingRequest]) -> [[Double]] {
        requests.map { request in request.candidates.map { scores[$0.id] ?? -.infinity } }
    }
}

/// The same list for everyone.
private struct FixedQueries: QuerySource {
    let name = "fixed"
    let list: [String]
    func queries(for people: [EvaluatedPerson]) -> [[String]] { people.map { _ in list } }
}

@Suite("An evaluation")
struct EvaluationTests {
    @Test("refuses clicks of an evaluated person planted in the training set")
    func plantedLeak() throws {
        let planted = [
            try SmallWorld.impression("t1", clicked: ["f1"], others: ["s1"]),
            try SmallWorld.impression("p1", clicked: ["s1"], others: ["s2"]),
        ]
        #expect(throws: EvaluationError.leak(person: "p1", impressions: 1)) { try SmallWorld.data(training: planted) }
        #expect(throws: EvaluationError.leak(person: "p1", impressions: 1)) {
            try ClickStatistics(planted, excluding: ["p1"])
        }
        let cleaned = try SmallWorld.data(training: planted, sharedPeople: .dropFromTraining)
        #expect(cleaned.training.map(\.person) == ["t1"])
    }

    @Test("refuses data that cannot be measured")
    func refusals() throws {
        let articles = try SmallWorld.articles()
        let evaluated = [try SmallWorld.impression("p", clicked: ["s1"], others: ["s2"])]
        #expect(throws: EvaluationError.duplicateArticle("h1")) {
            try EvaluationData(articles: articles + articles, training: [], evaluated: evaluated)
        }
        #expect(throws: EvaluationError.unknownArticle("s2", person: "p")) {
            try EvaluationData(articles: articles.filter { $0.id != "s2" }, training: [], evaluated: evaluated)
        }
        #expect(throws: EvaluationError.noClicks) {
            try EvaluationData(
                articles: articles,
                training: [],
                evaluated: [try SmallWorld.impression("p", clicked: [], others: ["s2"])]
            )
        }
    }

    @Test("keeps what was read, or turns the order of equal scores round, when told to")
    func rules() async throws {
        let evaluated = [
            try SmallWorld.impression("p1", history: ["s1"], clicked: ["s1", "n1"], others: ["s2", "f1"])
        ]
        let data = try EvaluationData(articles: try SmallWorld.articles(), training: [], evaluated: evaluated)
        func hits(_ rules: EvaluationRules) async throws -> [String: Double] {
            let evaluator = Evaluator(data, tasks: [.retrieval], rules: rules)
            let system = EvaluatedSystem.ranker(TableRanker(scores: ["s1": 1, "s2": 1, "f1": 1, "n1": 1]))
            let result = try #require(try await evaluator.evaluate(system).first)
            return Dictionary(zip(result.metrics, try #require(result.values.first)), uniquingKeysWith: { $1 })
        }
        // The pool is s1 s2 f1 n1. Without s1, n1 is the third; kept, s1 is the first.
        let third: Double = 1.0 / 3.0
        #expect(try await hits(EvaluationRules())["MRR@100"] == third)
        #expect(try await hits(EvaluationRules(readArticles: .kept))["MRR@100"] == 1)
        // From the end n1 is the first, and s1 the fourth.
        let reversed = try await hits(EvaluationRules(equalScores: .reverseFileOrder))
        #expect(reversed["MRR@100"] == 1 && reversed["Recall@5"] == 1)
        let both = try await hits(EvaluationRules(readArticles: .kept, equalScores: .reverseFileOrder))
        let ideal: Double = 1 + 0.6309297535714575
        let found: Double = 1 + 0.43067655807339306
        #expect(abs(try #require(both["NDCG@5"]) - found / ideal) < 1e-12)
    }

    @Test("asks for the day's articles, the slate, and each family of categories")
    func questions() throws {
        let evaluator = Evaluator(try SmallWorld.data())
        #expect(evaluator.caseCount(.retrieval) == 1 && evaluator.poolSize(.retrieval) == 4)
        #expect(evaluator.caseCount(.slate) == 1)
        // Clicks in sports and finance: two questions, each with the other family's history.
        #expect(evaluator.caseCount(.crossCategory) == 2)
        let histories = evaluator.askedPeople.map { $0.history.map(\.id) }
        #expect(histories == [["h1", "h2"], ["h1"], ["h2"]])
    }

    @Test("ranks by score, ties in the order of the data, and what was not found has no rank")
    func ranks() async throws {
        let evaluator = Evaluator(try SmallWorld.data(), tasks: [.retrieval, .slate])
        // The pool is s1, s2, f1, n1 in this order; s1 and f1 are clicked.
        let results = try await evaluator.evaluate(.ranker(TableRanker(scores: ["s2": 2, "s1": 1, "n1": 1])))
        let retrieval = results[0]
        let recall5 = try #require(retrieval.metrics.firstIndex(of: "Recall@5"))
        let reciprocal = try #require(retrieval.metrics.firstIndex(of: "MRR@100"))
        // s1 is second, before n1 that has its score; f1 was not found.
        #expect(retrieval.values[0][recall5] == 0.5)
        #expect(retrieval.values[0][reciprocal] == 0.5)
        // Slate s1, f1, s2, n1: of the pairs (s1,s2), (s1,n1), (f1,s2), (f1,n1) only a tie, one half.
        #expect(results[1].values[0][0] == 0.125)
    }

    @Test("leaves out what the person had read, as candidate and as click")
    func readArticles() throws {
        let data = try EvaluationData(
            articles: try SmallWorld.articles(),
            training: [],
            evaluated: [
                try SmallWorld.impression("p1", history: ["s1"], clicked: ["s1"], others: ["s2"]),
                try SmallWorld.impression("p2", history: ["s1"], clicked: ["s2"], others: ["s1"]),
            ]
        )
        let evaluator = Evaluator(data)
        #expect(evaluator.caseCount(.retrieval) == 1)
        #expect(evaluator.caseCount(.slate) == 2)
    }

    @Test("chance finds each of the three candidates that were not read equally often")
    func chance() async throws {
        let evaluator = Evaluator(try SmallWorld.data(), tasks: [.retrieval])
        let result = try #require(try await evaluator.evaluate(.chance).first)
        let reciprocal = try #require(result.metrics.firstIndex(of: "MRR@100"))
        // Two of four: first at rank 1, 2, 3 with 1/2, 1/3, 1/6.
        let expected: Double = 0.5 + 1.0 / 6.0 + 1.0 / 18.0
        #expect(abs(result.values[0][reciprocal] - expected) < 1e-15)
    }

    @Test("popularity counts the training people's clicks, and smooths the rates of a slate")
    func popularity() throws {
        let data = try SmallWorld.data()
        let ranker = PopularityRanker(try ClickStatistics(data))
        let person = EvaluatedPerson(caseID: "0", person: "p1", time: SmallWorld.noon, history: [])
        let candidates = data.articles.filter { ["s1", "f1", "h1"].contains($0.id) }
        let scores = ranker.scores(for: [
            RankingRequest(person: person, candidates: candidates, purpose: .retrieval),
            RankingRequest(person: person, candidates: candidates, purpose: .slate),
        ])
        #expect(scores[0] == [0, 0, 1])
        // (clicks + 1) / (shown + 12) of an article never shown, one shown, one shown and clicked.
        let rates: [Double] = [1.0 / 12.0, 1.0 / 13.0, 2.0 / 13.0]
        #expect(scores[1] == rates)
        let later = EvaluatedPerson(
            caseID: "1",
            person: "p1",
            time: SmallWorld.noon.addingTimeInterval(86400),
            history: []
        )
        let empty = ranker.scores(for: [RankingRequest(person: later, candidates: candidates, purpose: .retrieval)])
        #expect(empty[0] == [0, 0, 0])
    }

    @Test("queries of a list are merged by the stated rule, and a person without queries finds nothing")
    func queryLists() async throws {
        let articles = try SmallWorld.articles()
        let retriever = LexicalRetriever(articles: articles, text: .title)
        let evaluator = Evaluator(try SmallWorld.data(), tasks: [.retrieval])
        let ranker = QueryListRanker(source: FixedQueries(list: ["football", "markets"]), retriever: retriever)
        let found = try #require(try await evaluator.evaluate(.ranker(ranker)).first)
        #expect(found.values[0][0] == 1, "Recall@5: each query finds one of the two clicked articles")
        let silent = QueryListRanker(source: FixedQueries(list: []), retriever: retriever)
        let nothing = try #require(try await evaluator.evaluate(.ranker(silent)).first)
        #expect(nothing.values[0].allSatisfy { $0 == 0 })
    }

    @Test("a union takes places from both rankings in turn")
    func union() async throws {
        let data = try SmallWorld.data()
        let person = EvaluatedPerson(caseID: "0", person: "p", time: SmallWorld.noon, history: [])
        let request = RankingRequest(person: person, candidates: Array(data.articles.suffix(4)), purpose: .retrieval)
        let union = UnionRanker(
            TableRanker(scores: ["s1": 3, "s2": 2, "f1": 1, "n1": 0]),
            TableRanker(scores: ["n1": 1, "s1": 0.5])
        )
        // s1 from the first, n1 from the second, s2 from the first, (s1 is there), f1 from the first.
        let scores = try await union.scores(for: [request])
        let third: Double = 1.0 / 3.0
        let expected: [[Double]] = [[1, third, 0.25, 0.5]]
        #expect(scores == expected)
    }

    @Test("the shares of categories leave out unknown ones")
    func categories() throws {
        let data = try SmallWorld.data()
        let unknown = try NewsArticle(id: "u", title: "No section")
        let person = EvaluatedPerson(
            caseID: "0",
            person: "p",
            time: SmallWorld.noon,
            history: Array(data.articles.prefix(2)) + [unknown, unknown]
        )
        let candidates = Array(data.articles.suffix(2)) + [unknown]
        let scores = CategoryShareRanker().scores(for: [
            RankingRequest(person: person, candidates: candidates, purpose: .slate)
        ])
        #expect(scores == [[0.25, 0, 0]])
    }

    @Test("the report averages a person's cases first, and has tables, JSON and a page")
    func report() async throws {
        let evaluator = Evaluator(try SmallWorld.data())
        var results: [[TaskResult]] = []
        for system in [EvaluatedSystem.chance, .ranker(TableRanker(scores: ["s1": 2, "f1": 1]))] {
            results.append(try await evaluator.evaluate(system))
        }
        let report = EvaluationReport(results, bootstrap: Bootstrap(resamples: 50), notes: ["a <note>"])
        let cross = try #require(report.rows.first { $0.task == .crossCategory && $0.system == "table" })
        #expect(cross.people == 1 && cross.cases == 2)
        #expect(report.mean("Recall@5", of: "table", task: .retrieval)?.estimate == 1)
        #expect(report.mean("AUC", of: "table", task: .slate)?.estimate == 1)
        let difference = try #require(report.rows.first { $0.task == .slate && $0.system == "table" }?.cells.first)
        #expect(difference.differenceToFirst?.estimate == 0.5)
        #expect(report.text.contains("Recall@10") && report.html.contains("a &lt;note>"))
        let decoded = try JSONDecoder().decode(EvaluationReport.self, from: Data(report.json.utf8))
        #expect(decoded == report)
    }

    @Test("lists from a file are found by person, and a missing person is an error")
    func queryFile() throws {
        let file = try TemporaryFile(
            #"{"id": "p1", "queries": ["a", "b"], "stopReason": "x"}"# + "\n"
                + #"{"line": 2, "queries": [], "problem": "line 2: no person"}"# + "\n"
        )
        let source = try QueryListFile(path: file.path, name: "other")
        let known = EvaluatedPerson(caseID: "0", person: "p1", time: SmallWorld.noon, history: [])
        #expect(try source.queries(for: [known]) == [["a", "b"]])
        let unknown = EvaluatedPerson(caseID: "1", person: "p2", time: SmallWorld.noon, history: [])
        #expect(throws: EvaluationError.noQueries(person: "p2", path: file.path)) {
            try source.queries(for: [unknown])
        }
    }

    @Test("a history becomes signals in its order, all before the impression")
    func signals() throws {
        let person = EvaluatedPerson(
            caseID: "0",
            person: "p",
            time: SmallWorld.noon,
            history: try SmallWorld.articles()
        )
        let signals = try person.signals()
        #expect(signals.map(\.text) == person.history.map(\.title))
        #expect(signals.allSatisfy { $0.time < SmallWorld.noon })
        #expect(zip(signals, signals.dropFirst()).allSatisfy { $0.time < $1.time })
    }
}
