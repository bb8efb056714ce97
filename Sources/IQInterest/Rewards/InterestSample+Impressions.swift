// Samples for training out of impressions.

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension InterestSample {
    /// One sample for each impression with a history and a click on something that was not read before: what the person read is
    /// seen, the clicks are later clicks, and the pool is what was shown to anybody that day without what the person had read,
    /// as ``EvaluationTask/retrieval`` has it.
    ///
    /// - Parameters:
    ///   - impressions: of people who train.
    ///   - articles: with the titles of histories and slates.
    ///   - shown: impressions whose slates make up the pools; of evaluated people too, for only what was shown counts.
    /// - Throws: ``SignalError`` if a title cannot be a signal's text.
    public static func samples(
        of impressions: [Impression],
        articles: [NewsArticle],
        shown: [Impression]
    ) throws -> [InterestSample] {
        let known = Dictionary(articles.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var pools: [Int: Set<NewsArticle.ID>] = [:]
        for impression in shown { pools[impression.day, default: []].formUnion(impression.slate.lazy.map(\.article)) }
        return try impressions.enumerated().compactMap { index, impression -> InterestSample? in
            let read = Set(impression.history)
            let clicks = Set(impression.clicks).subtracting(read)
            let person = EvaluatedPerson(
                caseID: Self.id(of: impression, index: index),
                person: impression.person,
                time: impression.time,
                history: impression.history.compactMap { known[$0] }
            )
            guard !clicks.isEmpty, !person.history.isEmpty else { return nil }
            return InterestSample(
                id: person.caseID,
                signals: try person.signals(),
                pool: .articles((pools[impression.day] ?? []).subtracting(read)),
                laterClicks: clicks
            )
        }
    }

    /// The sample's name for the impression at a place of those that samples were made of.
    public static func id(of impression: Impression, index: Int) -> String { "\(index) \(impression.person)" }
}
