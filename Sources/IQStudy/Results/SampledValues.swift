// What several lists for each person are worth, one by one: what the N-curve is made of.

package import IQInterest

/// Lists that were sampled for people, how a reward that needs no label values each, and how well each finds what was clicked.
package struct SampledValues: Sendable, Hashable, Codable {
    /// What was measured, in the order of the values.
    package var metrics: [String]
    /// The person of each case.
    package var people: [String]
    /// [case][list]: by which one is chosen.
    package var scores: [[Double]]
    /// [case][list][metric].
    package var values: [[[Double]]]
    /// Of how many lists each merged one is made.
    package var mergedCounts: [Int]
    /// [case][count][metric]: of the list that the first so many agree on.
    package var merged: [[[Double]]]

    package init(
        metrics: [String],
        people: [String],
        scores: [[Double]],
        values: [[[Double]]],
        mergedCounts: [Int],
        merged: [[[Double]]]
    ) {
        self.metrics = metrics
        self.people = people
        self.scores = scores
        self.values = values
        self.mergedCounts = mergedCounts
        self.merged = merged
    }

    /// How many lists each person has.
    package var lists: Int { scores.first?.count ?? 0 }

    /// What the best of k lists by score is worth on average over all ways of taking k of them, as a mean over people with
    /// intervals: see ``ExpectedBest``.
    ///
    /// - Parameters:
    ///   - metric: one of ``metrics``; nil for the score itself.
    ///   - counts: the k, each 1 to ``lists``.
    /// - Throws: ``SelectionError`` for scores that are not finite.
    package func curve(_ metric: String?, at counts: [Int], bootstrap: Bootstrap) throws -> [ConfidenceInterval?] {
        let column = metric.flatMap { metrics.firstIndex(of: $0) }
        if metric != nil, column == nil { return counts.map { _ in nil } }
        var columns = counts.map { _ in [Double]() }
        for (index, scores) in scores.enumerated() {
            let curve = try ExpectedBest.curve(
                of: scores,
                measuring: column.map { column in values[index].map { $0[column] } }
            )
            for (place, count) in counts.enumerated() { columns[place].append(curve[count - 1]) }
        }
        return intervals(columns, bootstrap)
    }

    /// What merged lists are worth, for each of ``mergedCounts``.
    package func mergedCurve(_ metric: String, bootstrap: Bootstrap) -> [ConfidenceInterval?] {
        guard let column = metrics.firstIndex(of: metric) else { return mergedCounts.map { _ in nil } }
        return intervals(mergedCounts.indices.map { count in merged.map { $0[count][column] } }, bootstrap)
    }

    private func intervals(_ columns: [[Double]], _ bootstrap: Bootstrap) -> [ConfidenceInterval?] {
        bootstrap.means(columns.map { PersonValues(people: people, values: $0).values.map(Optional.some) })
    }
}
