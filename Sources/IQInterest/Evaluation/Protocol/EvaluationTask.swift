// The questions of an evaluation: which articles could be found, and which were clicked.

/// One question: a person, candidates, and what was clicked.
struct EvaluationCase: Sendable {
    let request: RankingRequest
    /// The person; cases of one person are drawn together in the bootstrap.
    let person: String
    /// Places among the candidates that do not count: what the person had read already.
    let excluded: Set<Int>
    /// Places of the clicked candidates, ascending, none of them excluded.
    let relevant: [Int]
    let historyLength: Int
}

/// A set of questions.
///
/// - retrieval: find the clicked articles in the same-day pool, which is every article that was shown to anybody of the data
///   (training or evaluated) on the day. What the person had read already is neither a candidate nor a click, unless
///   ``EvaluationRules`` say otherwise. Impressions without another click are left out.
/// - slate: order what was shown. Impressions in which nothing, or everything, was clicked are left out.
/// - cross-category: as retrieval, for each family of categories in which the person clicked: the history without that family
///   predicts the clicks in it, among that family's articles of the day.
/// - rewards: the questions of retrieval, but the lists themselves are judged: see ``ListRewards``. Only systems that write lists
///   can be asked.
public enum EvaluationTask: String, Sendable, Hashable, CaseIterable, Codable {
    case retrieval, slate
    case crossCategory = "cross-category"
    case rewards

    /// What every system can be asked: the rankings.
    public static var rankings: [EvaluationTask] { [.retrieval, .slate, .crossCategory] }

    /// The names of what is measured, in the order of the table; of rewards, that depends on the rewards.
    public var metricNames: [String] {
        switch self {
        case .retrieval, .crossCategory: RankingMetric.retrieval.map(\.description)
        case .slate: ["AUC", "MRR", "nDCG@5", "nDCG@10"]
        case .rewards: []
        }
    }

    func cases(_ data: EvaluationData, rules: EvaluationRules = EvaluationRules()) -> [EvaluationCase] {
        let context = TaskContext(data, rules: rules)
        return data.evaluated.enumerated().flatMap { index, impression -> [EvaluationCase] in
            switch self {
            case .retrieval, .rewards: context.retrieval(impression, index: index).map { [$0] } ?? []
            case .slate: context.slate(impression, index: index).map { [$0] } ?? []
            case .crossCategory: context.crossCategory(impression, index: index)
            }
        }
    }
}

/// Families of MIND's categories, which stand for domains where the data has one kind of signal only.
public enum CategoryFamily {
    /// The family of a category; nil for one that belongs to none.
    public static func family(of category: String) -> String? {
        switch category {
        case "news", "northamerica", "middleeast", "weather": "news"
        case "entertainment", "movies", "music", "tv", "video", "kids", "games": "entertainment"
        case "sports", "finance", "autos", "travel", "health", "lifestyle": category
        case "foodanddrink": "food"
        default: nil
        }
    }
}

/// Look-ups that the cases share.
private struct TaskContext {
    private let articles: [NewsArticle.ID: NewsArticle]
    /// For each day, the articles shown that day in the order of the data.
    private let pools: [Int: [NewsArticle]]
    /// The pools by family.
    private let familyPools: [Int: [String: [NewsArticle]]]
    private let rules: EvaluationRules

    init(_ data: EvaluationData, rules: EvaluationRules) {
        self.rules = rules
        articles = Dictionary(data.articles.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var shown: [Int: Set<NewsArticle.ID>] = [:]
        for impression in data.training + data.evaluated {
            shown[impression.day, default: []].formUnion(impression.slate.lazy.map(\.article))
        }
        let days = Set(data.evaluated.map(\.day))
        let pools = shown.filter { days.contains($0.key) }.mapValues { ids in
            // Of equal scores the earlier candidate stands first, so the order of the pool is the rule.
            let pool = data.articles.filter { ids.contains($0.id) }
            return rules.equalScores == .fileOrder ? pool : pool.reversed()
        }
        self.pools = pools
        familyPools = pools.mapValues { pool in
            let known = pool.compactMap { article in
                article.category.flatMap(CategoryFamily.family).map { (family: $0, article: article) }
            }
            return Dictionary(grouping: known, by: \.family).mapValues { $0.map(\.article) }
        }
    }

    private func person(_ impression: Impression, index: Int, suffix: String = "") -> EvaluatedPerson {
        EvaluatedPerson(
            caseID: "\(index) \(impression.person)\(suffix)",
            person: impression.person,
            time: impression.time,
            history: impression.history.compactMap { articles[$0] }
        )
    }

    /// What the person had read before and does not count now.
    private func read(_ impression: Impression) -> Set<NewsArticle.ID> {
        rules.readArticles == .leftOut ? Set(impression.history) : []
    }

    func retrieval(_ impression: Impression, index: Int) -> EvaluationCase? {
        let read = read(impression)
        return found(
            among: pools[impression.day] ?? [],
            clicks: Set(impression.clicks).subtracting(read),
            read: read,
            person: person(impression, index: index)
        )
    }

    func crossCategory(_ impression: Impression, index: Int) -> [EvaluationCase] {
        let read = read(impression)
        let clicks = Set(impression.clicks).subtracting(read)
        func family(_ id: NewsArticle.ID) -> String? { articles[id]?.category.flatMap(CategoryFamily.family) }
        return Set(clicks.compactMap(family)).sorted().compactMap { target -> EvaluationCase? in
            let whole = person(impression, index: index, suffix: " \(target)")
            // What belongs to no family may be of the target's: it is not shown.
            let rest = whole.history.filter { article in
                article.category.flatMap(CategoryFamily.family).map { $0 != target } ?? false
            }
            guard !rest.isEmpty else { return nil }
            return found(
                among: familyPools[impression.day]?[target] ?? [],
                clicks: clicks.filter { family($0) == target },
                read: read,
                person: EvaluatedPerson(
                    caseID: whole.caseID,
                    person: whole.person,
                    time: whole.time,
                    history: rest
                )
            )
        }
    }

    func slate(_ impression: Impression, index: Int) -> EvaluationCase? {
        let relevant = impression.slate.indices.filter { impression.slate[$0].isClicked }
        guard !relevant.isEmpty, relevant.count < impression.slate.count else { return nil }
        let person = person(impression, index: index)
        return EvaluationCase(
            request: RankingRequest(
                person: person,
                candidates: impression.slate.compactMap { articles[$0.article] },
                purpose: .slate
            ),
            person: impression.person,
            excluded: [],
            relevant: relevant,
            historyLength: impression.history.count
        )
    }

    private func found(
        among pool: [NewsArticle],
        clicks: Set<NewsArticle.ID>,
        read: Set<NewsArticle.ID>,
        person: EvaluatedPerson
    ) -> EvaluationCase? {
        guard !clicks.isEmpty else { return nil }
        return EvaluationCase(
            request: RankingRequest(person: person, candidates: pool, purpose: .retrieval),
            person: person.person,
            excluded: Set(pool.indices.filter { read.contains(pool[$0].id) }),
            relevant: pool.indices.filter { clicks.contains(pool[$0].id) },
            historyLength: person.history.count
        )
    }
}
