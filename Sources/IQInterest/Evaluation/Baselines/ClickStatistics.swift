// What training people clicked, by day.

/// Shown and clicked counts of articles on each day, of people who are not evaluated.
public struct ClickStatistics: Sendable {
    /// How often an article was shown and clicked.
    public struct Counts: Sendable, Hashable {
        public var shown = 0
        public var clicked = 0
    }

    private var counts: [Int: [NewsArticle.ID: Counts]] = [:]

    /// - Parameters:
    ///   - impressions: what is counted.
    ///   - people: who is evaluated; none of them may be in the impressions.
    /// - Throws: ``EvaluationError/leak(person:impressions:)`` if one of them is.
    public init(_ impressions: [Impression], excluding people: Set<String>) throws(EvaluationError) {
        try EvaluationData.checkNoLeak(of: people, in: impressions)
        for impression in impressions {
            for candidate in impression.slate {
                counts[impression.day, default: [:]][candidate.article, default: Counts()].shown += 1
                if candidate.isClicked { counts[impression.day]?[candidate.article]?.clicked += 1 }
            }
        }
    }

    /// Counts over the training people of the data.
    public init(_ data: EvaluationData) throws(EvaluationError) {
        try self.init(data.training, excluding: Set(data.evaluated.map(\.person)))
    }

    /// The counts of an article on a day (days from 1970-01-01, UTC).
    public func counts(of article: NewsArticle.ID, day: Int) -> Counts { counts[day]?[article] ?? Counts() }
}

/// Same-day popularity: for retrieval by the training people's clicks of the day, for slates by the smoothed click rate
/// (clicks + 1) / (shown + 12), which is the overall rate of about 8 % with the weight of 12 showings.
public struct PopularityRanker: ArticleRanker {
    public let name = "popularity"
    public let statistics: ClickStatistics

    /// Clicks that every article is given on top.
    static let addedClicks = 1.0
    /// Showings that every article is given on top.
    static let addedShowings = 12.0

    public init(_ statistics: ClickStatistics) { self.statistics = statistics }

    public func scores(for requests: [RankingRequest]) -> [[Double]] {
        requests.map { request in
            let day = Impression.day(of: request.person.time)
            return request.candidates.map { article in
                let counts = statistics.counts(of: article.id, day: day)
                switch request.purpose {
                case .retrieval: return Double(counts.clicked)
                case .slate:
                    return (Double(counts.clicked) + Self.addedClicks) / (Double(counts.shown) + Self.addedShowings)
                }
            }
        }
    }
}

/// Newest first: by the time of publication where it is known, else by when the training people first saw the article.
public struct RecencyRanker: ArticleRanker {
    public let name = "recency"
    private let firstSeen: [NewsArticle.ID: Double]

    /// - Parameter training: impressions of people who are not evaluated.
    public init(training: [Impression]) {
        var firstSeen: [NewsArticle.ID: Double] = [:]
        for impression in training {
            let time = impression.time.timeIntervalSince1970
            for candidate in impression.slate {
                firstSeen[candidate.article] = min(firstSeen[candidate.article] ?? .infinity, time)
            }
        }
        self.firstSeen = firstSeen
    }

    /// Whether the data tells times apart at all. Where it does not, this baseline is the order of the file and says nothing.
    public func isInformative(for articles: [NewsArticle]) -> Bool {
        Set(articles.map(\.published)).count > 1 || Set(firstSeen.values).count > 1
    }

    public func scores(for requests: [RankingRequest]) -> [[Double]] {
        requests.map { request in
            // What nobody has seen before is new.
            let now = request.person.time.timeIntervalSince1970
            return request.candidates.map { $0.published?.timeIntervalSince1970 ?? firstSeen[$0.id] ?? now }
        }
    }
}
