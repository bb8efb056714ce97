// Lists that would have found what people clicked: what a supervised warm-up learns.

internal import IQTensor

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Query lists made from the later clicks of people who train.
///
/// A list begins with what the person clicked later. Few people click more than one or two articles, so it is filled up with what
/// other training people clicked that day, ordered by
///
///     log(clicks by others + 1/2) + affinity · cos(article's title, mean of the titles shown in the prompt)
///
/// which is popularity drawn towards the person's interests. Each article becomes the query ``TitleQuery`` makes of its title.
/// Articles that the person had read are left out, and a query that is there already is not repeated.
///
/// The lists teach what is hot on the days of the training people and to whom it matters. They say nothing about other days: train
/// again as the news changes. As a ``QuerySource`` it gives the same lists without the person's own clicks, which is the rule that
/// a policy trained on the lists should at least come near: ``PopularTitleQueries``.
///
/// The form of the score and its weight are this library's; the paper has no warm-up.
public struct ClickTargets: Sendable {
    /// How lists are made.
    public struct Options: Sendable, Hashable, Codable {
        /// Queries of a list.
        public var queries = 5
        /// The most words of a query.
        public var words = 6
        /// How much likeness to the history counts beside the logarithm of the clicks.
        public var affinity = 3.0
        /// The signals read last that stand for the history: as many as a prompt shows.
        public var signals = 12

        public init(queries: Int = 5, words: Int = 6, affinity: Double = 3, signals: Int = 12) {
            self.queries = queries
            self.words = words
            self.affinity = affinity
            self.signals = signals
        }
    }

    public let options: Options
    private let titles: [NewsArticle.ID: String]
    private let vectors: TitleVectors
    /// What was clicked on each day by whom, in the order of the articles.
    private let clicked: [Int: [(article: NewsArticle.ID, clicks: Int)]]
    private let query: TitleQuery

    /// - Parameters:
    ///   - training: impressions of people who are not evaluated.
    ///   - articles: with the titles of histories and slates.
    ///   - vectors: of those titles.
    ///   - options: how lists are made; numbers of at least 1, and a finite affinity.
    public init(training: [Impression], articles: [NewsArticle], vectors: TitleVectors, options: Options = Options()) {
        precondition(
            options.queries >= 1 && options.signals >= 1 && options.affinity.isFinite,
            "lists of \(options.queries) queries after \(options.signals) signals with an affinity of \(options.affinity)"
        )
        self.options = options
        self.vectors = vectors
        query = TitleQuery(maximumWords: options.words)
        titles = Dictionary(articles.map { ($0.id, $0.title) }, uniquingKeysWith: { first, _ in first })
        var counts: [Int: [NewsArticle.ID: Int]] = [:]
        for impression in training {
            for id in Set(impression.clicks).subtracting(impression.history) {
                counts[impression.day, default: [:]][id, default: 0] += 1
            }
        }
        clicked = counts.mapValues { day in
            articles.compactMap { article in day[article.id].map { (article.id, $0) } }
        }
    }

    /// The list for a training person's impression: the person's own clicks in the order of the slate, then those of others.
    ///
    /// Its own clicks do not count as others' clicks.
    public func queries(for impression: Impression) -> [String] {
        let read = Set(impression.history)
        let own = impression.clicks.filter { !read.contains($0) }
        return list(
            first: own,
            history: impression.history,
            day: impression.day,
            own: Set(own)
        )
    }

    /// The list for somebody whose clicks are not known.
    public func queries(for person: EvaluatedPerson) -> [String] {
        list(first: [], history: person.history.map(\.id), day: Impression.day(of: person.time), own: [])
    }

    private func list(first: [String], history: [String], day: Int, own: Set<String>) -> [String] {
        let read = Set(history)
        let recent = history.filter { titles[$0] != nil }.suffix(options.signals)
        let mean = vectors.mean(ofArticles: recent).map(Self.unit)
        var others: [(article: String, score: Double)] = []
        for (article, clicks) in clicked[day] ?? [] where !read.contains(article) && !own.contains(article) {
            let likeness = mean.flatMap { vectors.product(of: article, with: $0) } ?? 0
            others.append((article, naturalLogarithm(Double(clicks) + 0.5) + options.affinity * likeness))
        }
        // Sorting is stable in what it compares: of equal scores the article that is listed first.
        let order = others.indices.sorted { (others[$1].score, $0) < (others[$0].score, $1) }
        var result: [String] = []
        var seen: Set<String> = []
        for article in first + order.map({ others[$0].article }) {
            guard result.count < options.queries else { break }
            guard let title = titles[article] else { continue }
            let text = query.text(of: title)
            if !text.isEmpty, seen.insert(QueryNormalization.key(text)).inserted { result.append(text) }
        }
        return result
    }

    private static func unit(_ vector: [Float]) -> [Float] {
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return length > 0 ? vector.map { $0 / length } : vector
    }
}

/// The rule behind ``ClickTargets`` as a system of its own: titles that training people clicked that day, those most like the
/// history first, as queries. No model writes here, so it tells what the news of the day alone is worth in this protocol.
public struct PopularTitleQueries: QuerySource {
    public let name: String
    private let targets: ClickTargets

    public init(_ targets: ClickTargets, name: String = "popular titles near history, as queries") {
        self.targets = targets
        self.name = name
    }

    public func queries(for people: [EvaluatedPerson]) -> [[String]] { people.map { targets.queries(for: $0) } }
}
