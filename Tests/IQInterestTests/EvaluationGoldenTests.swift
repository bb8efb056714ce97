import IQInterest
import Testing
import _IQTestSupport

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The folder of real data that `INTEREST_QUERY_DATA` names.
private enum DataFolder {
    static var mind: String? {
        let folder = ProcessInfo.processInfo.environment["INTEREST_QUERY_DATA"] ?? ""
        let path = folder + "/mind"
        return !folder.isEmpty && FileManager.default.fileExists(atPath: path + "/dev/behaviors.tsv") ? path : nil
    }
}

/// Figures computed by independent code (NumPy, scikit-learn) on the slice of MIND. The slice is licensed for research and not
/// in this repository: without `INTEREST_QUERY_DATA` the suite is skipped.
@Suite("Baselines on real data", .enabled(if: DataFolder.mind != nil, "INTEREST_QUERY_DATA is not set"))
struct EvaluationGoldenTests {
    private func means(_ result: TaskResult) -> [String: Double] {
        // Over cases, as the reference averages; three people of 500 have two cases.
        Dictionary(
            result.metrics.enumerated().map { index, name in
                (name, result.values.reduce(0) { $0 + $1[index] } / Double(result.values.count))
            },
            uniquingKeysWith: { first, _ in first }
        )
    }

    private func expect(
        _ results: [TaskResult],
        _ task: EvaluationTask,
        _ expected: KeyValuePairs<String, Double>,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let means = means(try #require(results.first { $0.task == task }))
        for (metric, value) in expected {
            let found = try #require(means[metric], sourceLocation: sourceLocation)
            // Half a unit of the reference's last digit, or one per cent.
            #expect(
                abs(found - value) <= max(0.00005 + 1e-9, 0.01 * value),
                "\(metric): \(found) instead of \(value)",
                sourceLocation: sourceLocation
            )
        }
    }

    @Test("are the reference figures within one per cent")
    func baselines() async throws {
        let data = try EvaluationData.mind(folder: try #require(DataFolder.mind))
        #expect(data.articles.count == 17_016 && data.evaluated.count == 503 && data.training.count == 2004)
        let evaluator = Evaluator(data, tasks: [.retrieval, .slate])
        #expect(evaluator.poolSize(.retrieval) == 1523)
        #expect(evaluator.caseCount(.retrieval) == 502 && evaluator.caseCount(.slate) == 503)

        let chance = try await evaluator.evaluate(.chance)
        try expect(chance, .retrieval, ["Recall@100": 0.0657])
        let popularity = try await evaluator.evaluate(.ranker(PopularityRanker(try ClickStatistics(data))))
        try expect(
            popularity,
            .retrieval,
            ["Recall@5": 0.063, "Recall@10": 0.194, "Recall@100": 0.6211, "Hit@100": 0.6793]
        )
        try expect(popularity, .slate, ["AUC": 0.643, "MRR": 0.3097, "nDCG@5": 0.3332, "nDCG@10": 0.4053])
        let category = try await evaluator.evaluate(.ranker(CategoryShareRanker()))
        try expect(category, .slate, ["AUC": 0.6054, "MRR": 0.2877, "nDCG@5": 0.3123, "nDCG@10": 0.3779])
        let sum = try await evaluator.evaluate(.ranker(LexicalHistoryRanker(articles: data.articles, merging: .sum)))
        try expect(
            sum,
            .retrieval,
            ["Recall@10": 0.0287, "Recall@50": 0.0656, "Recall@100": 0.1061, "MRR@100": 0.0153]
        )
        try expect(sum, .slate, ["AUC": 0.5172])
    }
}
