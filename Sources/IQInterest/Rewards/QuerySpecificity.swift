// Whether queries say something in particular.

internal import IQTensor
public import IQPolicy

/// In how many documents of a corpus each token occurs.
public struct TermStatistics: Sendable {
    /// Documents of the corpus (N).
    public let documents: Int
    let analyzer: TextAnalyzer
    private let counts: [String: Int]

    /// - Parameters:
    ///   - texts: the corpus, a text for each document, such as titles.
    ///   - analyzer: how text becomes tokens.
    public init(of texts: some Sequence<String>, analyzer: TextAnalyzer = .english) {
        var counts: [String: Int] = [:]
        var documents = 0
        for text in texts {
            documents += 1
            for token in Set(analyzer.tokens(text)) { counts[token, default: 0] += 1 }
        }
        self.counts = counts
        self.documents = documents
        self.analyzer = analyzer
    }

    /// How much a token tells, from 0 for one that every document has to 1 for one that a single document has:
    /// ln(N / n) / ln N, where n documents have it. 0 for a token of no document, for nothing can be found with it.
    public func information(of token: String) -> Double {
        guard documents > 1, let count = counts[token] else { return 0 }
        return naturalLogarithm(Double(documents) / Double(count)) / naturalLogarithm(Double(documents))
    }
}

/// Query specificity without a judge: the mean over the queries of how much their words tell,
///
///     R = mean over queries of min(1, n / full) · mean over the query's n different tokens of ln(N / df) / ln N
///
/// with df of the corpus' N documents holding a token. Function words do not count as tokens, and tokens that no document holds
/// tell nothing. A list without queries scores 0. Each query's own value is the value of its span.
///
/// Worked example: 10,000 titles, `full` 3. "tidal turbine" has n = 2; "tidal" is in 4 titles, (ln 2500)/(ln 10000) = 0.849,
/// "turbine" in 20, 0.675. The value is 2/3 · 0.762 = 0.508. "news" (in 900 titles, 0.261) alone has 1/3 · 0.261 = 0.087.
///
/// Alone it is hacked by strings of rare words that belong to no interest: pair it with alignment and coverage.
public struct QuerySpecificity: Reward {
    public let name = "specificity"
    private let statistics: TermStatistics
    private let fullCount: Int

    /// - Parameters:
    ///   - statistics: of the corpus that the queries search.
    ///   - fullCount: a query of fewer different tokens counts less, in proportion.
    public init(statistics: TermStatistics, fullCount: Int = 3) {
        precondition(fullCount >= 1, "full at \(fullCount) tokens")
        self.statistics = statistics
        self.fullCount = fullCount
    }

    public func scores(
        of completions: [Completion<InterestOutput>],
        for sample: InterestSample
    ) async throws -> [RewardScore?] {
        completions.map { RewardScore(mean: $0.output.list.map(value)) }
    }

    private func value(of query: String) -> Double {
        let tokens = Set(statistics.analyzer.tokens(query))
        guard !tokens.isEmpty else { return 0 }
        // Summed in order, so that the last bit does not depend on the set's.
        let sum = tokens.sorted().reduce(0) { $0 + statistics.information(of: $1) }
        return min(1, Double(tokens.count) / Double(fullCount)) * sum / Double(tokens.count)
    }
}
