// Whether a list reflects all of a person's interests.

public import IQPolicy

/// Interest coverage without a judge: the share of the person's interests that some query reaches.
///
/// Interests are clusters of the signals' vectors. Signals are taken from the newest to the oldest; each joins the cluster with
/// the nearest centre if the cosine is at least `joining`, else it begins one. The largest `maximumInterests` clusters count, of
/// equal ones the newer. A query reaches a cluster by its cosine c with the centre, from not at all below `reach.lowerBound` to
/// fully at `reach.upperBound`, straight between:
///
///     R = mean over clusters of max over queries of clamp((c − lower) / (upper − lower))
///
/// Adding a query never lowers it, and the order of queries does not matter. nil for a person without signals.
///
/// Worked example: two interests; the best query for the first has cosine 0.5, the best for the second 0.3; with a reach of
/// 0.2 ... 0.5 the reward is (1 + 1/3) / 2 = 0.667.
///
/// Alone it is hacked by copying titles of signals into the list; alignment with today's news and specificity do not stop that,
/// later clicks do.
public struct InterestCoverage: Reward {
    public let name = "coverage"
    private let vectorizer: any TextVectorizer
    private let joining: Double
    private let reach: ClosedRange<Double>
    private let maximumInterests: Int

    /// - Parameters:
    ///   - vectorizer: of signals and queries.
    ///   - joining: the least cosine of a signal to the centre of its cluster.
    ///   - reach: cosines from which a query begins to reach, and fully reaches, an interest.
    ///   - maximumInterests: a list of a few queries cannot cover more.
    public init(
        vectorizer: any TextVectorizer,
        joining: Double = 0.35,
        reach: ClosedRange<Double> = 0.2...0.5,
        maximumInterests: Int = 5
    ) {
        precondition(reach.lowerBound < reach.upperBound && maximumInterests >= 1, "\(reach), \(maximumInterests)")
        self.vectorizer = vectorizer
        self.joining = joining
        self.reach = reach
        self.maximumInterests = maximumInterests
    }

    public func scores(
        of completions: [Completion<InterestOutput>],
        for sample: InterestSample
    ) async throws -> [RewardScore?] {
        let texts = sample.signals.reversed().map(\.text)
        let interests = Self.centres(
            of: try await vectorizer.vectors(of: texts),
            joining: joining,
            maximum: maximumInterests
        )
        guard !interests.isEmpty else { return completions.map { _ in nil } }
        let queries = Set(completions.flatMap(\.output.list.queries)).sorted()
        let vectors = Dictionary(
            zip(queries, try await vectorizer.vectors(of: queries)),
            uniquingKeysWith: { first, _ in first }
        )
        return completions.map { completion in
            let found = completion.output.list.compactMap { vectors[$0] }
            let sum = interests.reduce(0.0) { sum, centre in
                sum + (found.map { reached(similarity($0, centre)) }.max() ?? 0)
            }
            return RewardScore(sum / Double(interests.count))
        }
    }

    private func reached(_ cosine: Double) -> Double {
        min(1, max(0, (cosine - reach.lowerBound) / (reach.upperBound - reach.lowerBound)))
    }

    /// Centres, of length 1, of the largest clusters; a vector without length belongs to none.
    static func centres(of vectors: [[Float]], joining: Double, maximum: Int) -> [[Float]] {
        struct Cluster {
            var sum: [Float]
            var centre: [Float]
            var count: Int
        }
        var clusters: [Cluster] = []
        for vector in vectors where vector.contains(where: { $0 != 0 }) {
            let cosines = clusters.map { similarity($0.centre, vector) }
            if let best = cosines.indices.max(by: { cosines[$0] < cosines[$1] }), cosines[best] >= joining {
                for index in vector.indices { clusters[best].sum[index] += vector[index] }
                clusters[best].count += 1
                clusters[best].centre = normalized(clusters[best].sum)
            } else {
                clusters.append(Cluster(sum: vector, centre: normalized(vector), count: 1))
            }
        }
        return clusters.enumerated()
            .sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }
            .prefix(maximum).map(\.element.centre)
    }

    private static func normalized(_ vector: [Float]) -> [Float] {
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return length > 0 ? vector.map { $0 / length } : vector
    }
}
