// Whether the queries of a list differ.

public import IQPolicy

/// Intra-list diversity: with m queries,
///
///     R = 2 / (m (m − 1)) · sum over pairs of (1 − cosine) / 2
///
/// (arXiv 2602.15005; the map to 0 ... 1 is ours). Fewer than two queries score 0.
///
/// Worked example: three queries with cosines 0.9, 0.2 and 0.1: (0.05 + 0.4 + 0.45) / 3 = 0.3.
///
/// Alone it is hacked by queries that have nothing to do with the person.
public struct IntraListDiversity: Reward {
    public let name = "diversity"
    private let vectorizer: any TextVectorizer

    public init(vectorizer: any TextVectorizer) { self.vectorizer = vectorizer }

    public func scores(
        of completions: [Completion<InterestOutput>],
        for sample: InterestSample
    ) async throws -> [RewardScore?] {
        let queries = Set(completions.flatMap(\.output.list.queries)).sorted()
        let vectors = Dictionary(
            zip(queries, try await vectorizer.vectors(of: queries)),
            uniquingKeysWith: { first, _ in first }
        )
        return completions.map { completion in
            // Sorted, so that the last bit does not depend on the list's order.
            let found = completion.output.list.sorted().compactMap { vectors[$0] }
            guard found.count > 1 else { return RewardScore(0) }
            var sum = 0.0
            for (index, vector) in found.enumerated() {
                for other in found[(index + 1)...] { sum += unitInterval(cosine: -similarity(vector, other)) }
            }
            return RewardScore(2 * sum / Double(found.count * (found.count - 1)))
        }
    }
}
