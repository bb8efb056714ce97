// Baselines that look at the words and categories of a person's history.

/// The share of the history that has the candidate's category. An unknown category has no share.
public struct CategoryShareRanker: ArticleRanker {
    public let name = "category share"

    public init() {}

    public func scores(for requests: [RankingRequest]) -> [[Double]] {
        requests.map { request in
            var counts: [String: Int] = [:]
            for article in request.person.history { if let name = article.category { counts[name, default: 0] += 1 } }
            let total = Double(max(1, request.person.history.count))
            return request.candidates.map { Double($0.category.flatMap { counts[$0] } ?? 0) / total }
        }
    }
}

/// The titles read last as queries, the latest first.
public struct LastTitles: QuerySource {
    public let name: String
    /// How many titles; nil is all.
    public let count: Int?

    public init(_ count: Int?) {
        precondition(count.map { $0 >= 1 } ?? true, "the last \(count ?? 0) titles")
        self.count = count
        name = count.map { "last \($0) titles" } ?? "all titles"
    }

    public func queries(for people: [EvaluatedPerson]) -> [[String]] {
        people.map { $0.history.suffix(count ?? $0.history.count).reversed().map(\.title) }
    }
}

/// BM25 of titles read last against titles: each title is a query, in which a repeated word counts once, and the scores of the
/// queries are merged. For retrieval the last titles are taken, for slates all.
public struct LexicalHistoryRanker: ArticleRanker {
    /// How the scores of several queries become one.
    public enum Merging: String, Sendable, Hashable { case sum, maximum }

    public let name: String
    private let index: BM25Index
    private let analyzer: TextAnalyzer
    private let count: Int
    private let merging: Merging

    /// - Parameters:
    ///   - articles: what term statistics are counted over: all articles, not only the day's.
    ///   - count: how many titles are queries in retrieval.
    ///   - merging: how their scores merge.
    ///   - options: the constants of BM25.
    public init(
        articles: [NewsArticle],
        count: Int = 5,
        merging: Merging,
        options: BM25Options = BM25Options()
    ) {
        let analyzer = TextAnalyzer(stopWords: EnglishFunctionWords.all)
        self.analyzer = analyzer
        index = BM25Index(
            documents: articles.lazy.map { (id: $0.id, tokens: analyzer.tokens($0.title)) },
            options: options
        )
        self.count = count
        self.merging = merging
        name = "last \(count) titles, BM25 \(merging == .sum ? "sum" : "max")"
    }

    public func scores(for requests: [RankingRequest]) -> [[Double]] {
        requests.map { request in
            let history = request.person.history
            let titles = request.purpose == .slate ? history[...] : history.suffix(count)
            let queries = titles.map { Set(analyzer.tokens($0.title)).sorted() }
            let found = index.search(
                queries,
                limit: request.candidates.count,
                among: Set(request.candidates.map(\.id))
            )
            var scores: [NewsArticle.ID: Double] = [:]
            for ranking in found {
                for article in ranking {
                    switch merging {
                    case .sum: scores[article.id, default: 0] += article.score
                    case .maximum: scores[article.id] = max(scores[article.id] ?? 0, article.score)
                    }
                }
            }
            // An article without a common word has the score 0, and is a candidate like the others.
            return request.candidates.map { scores[$0.id] ?? 0 }
        }
    }
}
