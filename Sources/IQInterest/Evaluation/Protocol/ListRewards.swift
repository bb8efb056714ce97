// What lists are worth by themselves: the rewards that policies are trained with, on people who are evaluated.

public import IQPolicy
internal import IQModel

/// Measures the lists of a source by the members of a composite reward.
///
/// The questions are those of ``EvaluationTask/retrieval``: what the person read is seen by the source, the pool is what queries may
/// find, and the clicks are seen by the reward for later clicks alone. Two sums are reported, for the other rewards need no label and
/// the clicks do: ``sumName`` leaves the later clicks out, as a service must, and ``sumWithClicksName`` has them in. A reward that does
/// not apply to a person, such as the coverage of one without a history, counts 0 there.
public struct ListRewards: Sendable {
    /// The weighted sum of the rewards that need no label.
    public static let sumName = "reward"
    /// The weighted sum of all rewards.
    public static let sumWithClicksName = "reward with clicks"
    /// The reward that sees what the person clicked.
    static let labelName = "clicks"

    private let reward: CompositeReward<InterestSample, InterestOutput>
    private let options: InterestQueryOptions

    /// - Parameters:
    ///   - reward: such as ``InterestRewards/standard(articles:embedder:weights:clicks:fusion:)``.
    ///   - options: how many queries a list must have, and how long they may be, where a source does not tell whether its
    ///     lists have the form that was asked for.
    public init(reward: CompositeReward<InterestSample, InterestOutput>, options: InterestQueryOptions = .default) {
        self.reward = reward
        self.options = options
    }

    /// The sums and then each reward, in the order of the values.
    public var metricNames: [String] { [Self.sumName, Self.sumWithClicksName] + reward.names }

    /// Judges the lists of a source, case by case.
    ///
    /// - Parameters:
    ///   - source: its lists are asked for once more, so it should keep them.
    ///   - evaluator: with the task ``EvaluationTask/rewards``.
    /// - Throws: what the source and the rewards throw.
    public func measure(_ source: any QuerySource, on evaluator: Evaluator) async throws -> TaskResult {
        let cases = evaluator.cases[.rewards] ?? []
        let lists = try await source.lists(for: cases.map(\.request.person))
        let limits = try options.limits()
        let groups = try zip(cases, lists).map { question, list in
            (sample: try question.sample, completions: [completion(list, limits: limits)])
        }
        let reports = try await reward.reports(of: groups)
        return TaskResult(
            system: source.name,
            task: .rewards,
            metrics: metricNames,
            people: cases.map(\.person),
            historyLengths: cases.map(\.historyLength),
            values: reports.map(values)
        )
    }

    /// The sums and the values of a report of one completion.
    func values(_ report: RewardReport) -> [Double] {
        let values = report.scores.map { $0.first.flatMap { $0?.value } ?? 0 }
        var (sum, sumWithClicks) = (0.0, 0.0)
        for (index, value) in values.enumerated() {
            sumWithClicks += report.weights[index] * value
            if report.names[index] != Self.labelName { sum += report.weights[index] * value }
        }
        return [sum, sumWithClicks] + values
    }

    /// The list as a model's completion.
    private func completion(_ list: WrittenList, limits: QueryListLimits) -> Completion<InterestOutput> {
        let text = QueryListFormat.lines.text(of: list.queries)
        let found = QuerySpans(of: text, format: .lines, limits: limits, examples: [], isCut: false)
        var asLines = options
        asLines.format = .lines
        let isValid = list.isValid ?? asLines.isValid(text, queries: list.queries, limits: limits)
        return Completion(
            text: text,
            reason: .endOfText,
            tokenCount: 0,
            output: TaskOutput(InterestOutput(list: found.list, isValid: isValid), spans: found.spans)
        )
    }
}

extension EvaluationCase {
    /// The question as rewards see it, its clicks as later clicks.
    var sample: InterestSample {
        get throws {
            let candidates = request.candidates
            return InterestSample(
                id: request.person.caseID,
                signals: try request.person.signals(),
                pool: .articles(
                    Set(candidates.indices.lazy.filter { !excluded.contains($0) }.map { candidates[$0].id })
                ),
                laterClicks: Set(relevant.map { candidates[$0].id })
            )
        }
    }
}
