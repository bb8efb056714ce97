// Asks every system every question and measures the answers.

/// A system in an evaluation.
public enum EvaluatedSystem: Sendable {
    /// The expected value over all orders: exact, without drawing any.
    case chance
    case ranker(any ArticleRanker)

    public var name: String {
        switch self {
        case .chance: "chance"
        case .ranker(let ranker): ranker.name
        }
    }
}

/// One system's values on one task, case by case.
public struct TaskResult: Sendable, Hashable, Codable {
    public let system: String
    public let task: EvaluationTask
    public let metrics: [String]
    /// The person of each case.
    public let people: [String]
    /// How many articles the person had read before each case.
    public let historyLengths: [Int]
    /// [case][metric].
    public let values: [[Double]]

    public init(
        system: String,
        task: EvaluationTask,
        metrics: [String],
        people: [String],
        historyLengths: [Int],
        values: [[Double]]
    ) {
        self.system = system
        self.task = task
        self.metrics = metrics
        self.people = people
        self.historyLengths = historyLengths
        self.values = values
    }
}

/// Runs systems over the tasks of an evaluation.
public struct Evaluator: Sendable {
    public let data: EvaluationData
    public let tasks: [EvaluationTask]
    public let rules: EvaluationRules
    let cases: [EvaluationTask: [EvaluationCase]]

    /// - Parameters:
    ///   - data: articles and impressions.
    ///   - tasks: what is asked.
    ///   - people: ask about the first so many people only; nil is all. Pools and statistics stay as they are.
    ///   - rules: what counts in pools.
    public init(
        _ data: EvaluationData,
        tasks: [EvaluationTask] = EvaluationTask.rankings,
        people: Int? = nil,
        rules: EvaluationRules = EvaluationRules()
    ) {
        self.data = data
        self.tasks = tasks
        self.rules = rules
        var chosen: Set<String> = []
        for impression in data.evaluated where people.map({ chosen.count < $0 }) ?? true {
            chosen.insert(impression.person)
        }
        var cases: [EvaluationTask: [EvaluationCase]] = [:]
        for task in tasks { cases[task] = task.cases(data, rules: rules).filter { chosen.contains($0.person) } }
        self.cases = cases
    }

    /// How many questions a task has.
    public func caseCount(_ task: EvaluationTask) -> Int { cases[task]?.count ?? 0 }

    /// How many articles the pool of a task's first question has.
    public func poolSize(_ task: EvaluationTask) -> Int { cases[task]?.first?.request.candidates.count ?? 0 }

    /// Everyone who is asked about, once for each different question: what a source of queries is asked to write for.
    public var askedPeople: [EvaluatedPerson] {
        var seen: Set<String> = []
        return tasks.flatMap { cases[$0] ?? [] }.map(\.request.person).filter { seen.insert($0.caseID).inserted }
    }

    /// Every article that some question could be answered with. In the order of the data.
    public var candidateArticles: [NewsArticle] {
        var ids: Set<NewsArticle.ID> = []
        for request in tasks.flatMap({ cases[$0] ?? [] }).map(\.request) {
            ids.formUnion(request.candidates.lazy.map(\.id))
        }
        return data.articles.filter { ids.contains($0.id) }
    }

    /// Every article that some question shows or that someone has read: what vectors are needed for. In the order of the data.
    public var usedArticles: [NewsArticle] {
        var ids: Set<NewsArticle.ID> = []
        for request in tasks.flatMap({ cases[$0] ?? [] }).map(\.request) {
            ids.formUnion(request.person.history.lazy.map(\.id))
            ids.formUnion(request.candidates.lazy.map(\.id))
        }
        return data.articles.filter { ids.contains($0.id) }
    }

    /// Measures a system on every task but ``EvaluationTask/rewards``, which ``ListRewards`` measures.
    ///
    /// - Throws: ``EvaluationError/wrongScoreCount(ranker:found:expected:)``, and what the ranker throws.
    public func evaluate(_ system: EvaluatedSystem) async throws -> [TaskResult] {
        var results: [TaskResult] = []
        for task in tasks where task != .rewards {
            let cases = cases[task] ?? []
            let values: [[Double]]
            switch system {
            case .chance: values = cases.map { Self.chance($0, task: task) }
            case .ranker(let ranker): values = try await measure(ranker, cases: cases, task: task)
            }
            results.append(
                TaskResult(
                    system: system.name,
                    task: task,
                    metrics: task.metricNames,
                    people: cases.map(\.person),
                    historyLengths: cases.map(\.historyLength),
                    values: values
                )
            )
        }
        return results
    }

    private func measure(
        _ ranker: any ArticleRanker,
        cases: [EvaluationCase],
        task: EvaluationTask
    ) async throws -> [[Double]] {
        let scores = try await ranker.scores(for: cases.map(\.request))
        guard scores.count == cases.count else {
            throw EvaluationError.wrongScoreCount(ranker: ranker.name, found: scores.count, expected: cases.count)
        }
        var values: [[Double]] = []
        for (question, scores) in zip(cases, scores) {
            let count = question.request.candidates.count
            guard scores.count == count else {
                throw EvaluationError.wrongScoreCount(ranker: ranker.name, found: scores.count, expected: count)
            }
            let numbers = scores.map { $0.isNaN ? -.infinity : $0 }
            values.append(
                task == .slate ? Self.slate(question, scores: numbers) : Self.retrieval(question, scores: numbers)
            )
        }
        return values
    }

    private static func retrieval(_ question: EvaluationCase, scores: [Double]) -> [Double] {
        let ranks = question.relevant.compactMap { place -> Int? in
            let score = scores[place]
            // What was not found has no rank.
            guard score > -.infinity else { return nil }
            var rank = 1
            for (other, value) in scores.enumerated() where value > score || (value == score && other < place) {
                if !question.excluded.contains(other) { rank += 1 }
            }
            return rank
        }
        .sorted()
        return RankingMetric.retrieval.map { $0.value(ranks: ranks, relevantCount: question.relevant.count) }
    }

    private static func slate(_ question: EvaluationCase, scores: [Double]) -> [Double] {
        var clicks = [Bool](repeating: false, count: scores.count)
        for place in question.relevant { clicks[place] = true }
        guard let metrics = SlateMetrics(scores: scores, clicks: clicks), let auc = metrics.auc else {
            preconditionFailure("a slate with \(question.relevant.count) clicks of \(scores.count) became a question")
        }
        return [auc, metrics.meanReciprocalRank, metrics.ndcg5, metrics.ndcg10]
    }

    private static func chance(_ question: EvaluationCase, task: EvaluationTask) -> [Double] {
        let candidates = question.request.candidates.count - question.excluded.count
        if task == .slate {
            return SlateMetrics.expectedValuesOfRandomOrder(
                clickCount: question.relevant.count,
                candidateCount: candidates
            )
        }
        return RankingMetric.retrieval.map {
            $0.expectedValueOfRandomOrder(relevantCount: question.relevant.count, candidateCount: candidates)
        }
    }
}
