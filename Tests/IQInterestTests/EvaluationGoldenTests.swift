import IQInterest
import IQModel
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

/// all-MiniLM-L6-v2, where it has been fetched.
private enum SentenceModel {
    static let folder: URL? = {
        let models = ProcessInfo.processInfo.environment["INTEREST_QUERY_MODELS"] ?? ""
        let path = models + "/all-MiniLM-L6-v2"
        return !models.isEmpty && FileManager.default.fileExists(atPath: path) ? URL(fileURLWithPath: path) : nil
    }()
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

    /// As the command averages.
    private func meansOverPeople(_ result: TaskResult) -> [String: Double] {
        let people = Dictionary(grouping: result.values.indices) { result.people[$0] }
        var means: [String: Double] = [:]
        for (index, name) in result.metrics.enumerated() {
            let sum = people.values.reduce(0) { sum, cases in
                sum + cases.reduce(0) { $0 + result.values[$1][index] } / Double(cases.count)
            }
            means[name] = sum / Double(people.count)
        }
        return means
    }

    private func expect(
        _ results: [TaskResult],
        _ task: EvaluationTask,
        _ expected: KeyValuePairs<String, Double>,
        overPeople: Bool = false,
        lastDigit: Double = 0.0001,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let result = try #require(results.first { $0.task == task })
        let means = overPeople ? meansOverPeople(result) : means(result)
        for (metric, value) in expected {
            let found = try #require(means[metric], sourceLocation: sourceLocation)
            // Half a unit of the reference's last digit, or one per cent.
            #expect(
                abs(found - value) <= max(lastDigit / 2 + 1e-9, 0.01 * value),
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

    /// The reference figures, which have three digits, are met over people if what was read before is kept and the 41 titles that
    /// the pool has under two ids rank from the end. Those with four digits are NumPy's over impressions, with vectors of
    /// sentence-transformers under the same rules.
    @Test(
        "are the reference figures of dense baselines under rules that meet them",
        .enabled(if: SentenceModel.folder != nil, "INTEREST_QUERY_MODELS has no all-MiniLM-L6-v2")
    )
    func denseBaselines() async throws {
        let data = try EvaluationData.mind(folder: try #require(DataFolder.mind))
        let evaluator = Evaluator(
            data,
            tasks: [.retrieval, .slate],
            rules: EvaluationRules(readArticles: .kept, equalScores: .reverseFileOrder)
        )
        #expect(evaluator.caseCount(.retrieval) == 503)
        let embedder = try await TextEmbedder(modelAt: try #require(SentenceModel.folder))
        let vectors = try await TitleVectors(evaluator.usedArticles, embedder: embedder)

        let mean = try await evaluator.evaluate(.ranker(MeanVectorRanker(vectors)))
        try expect(mean, .retrieval, ["Recall@10": 0.036, "Recall@100": 0.233], overPeople: true, lastDigit: 0.001)
        try expect(mean, .retrieval, ["Recall@10": 0.0355, "Recall@50": 0.127, "Recall@100": 0.2331])
        try expect(mean, .slate, ["AUC": 0.649], overPeople: true, lastDigit: 0.001)
        let last = try await evaluator.evaluate(.ranker(DenseHistoryRanker(vectors)))
        try expect(last, .retrieval, ["Recall@10": 0.022, "Recall@100": 0.172], overPeople: true, lastDigit: 0.001)
        try expect(last, .retrieval, ["Recall@10": 0.0222, "Recall@50": 0.0896, "Recall@100": 0.1716])

        // Under our own rules, computed by the same independent code.
        let ours = Evaluator(data, tasks: [.retrieval])
        let meanOfUnread = try await ours.evaluate(.ranker(MeanVectorRanker(vectors)))
        try expect(meanOfUnread, .retrieval, ["Recall@10": 0.0345, "Recall@50": 0.1252, "Recall@100": 0.2306])
        let lastOfUnread = try await ours.evaluate(.ranker(DenseHistoryRanker(vectors)))
        try expect(lastOfUnread, .retrieval, ["Recall@10": 0.0242, "Recall@50": 0.0938, "Recall@100": 0.1704])
    }
}
