// `interest-query evaluate`: how well baselines, models and other systems' lists find what people clicked.

internal import ArgumentParser
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure baselines, a model or another system's query lists on impressions in MIND's layout.",
        discussion: """
            The folder holds news.tsv, train/behaviors.tsv and dev/behaviors.tsv, as MIND is distributed. Three tasks are \
            measured: finding clicked articles in the same-day pool, ordering the shown slate, and predicting clicks of one \
            family of categories from the history of the others. Figures are means over people with bootstrap intervals. The \
            hits of a list's queries are merged by their best rank unless --fusion says otherwise. --rewards also judges the lists \
            themselves by the rewards that policies are trained with, later clicks apart. No click of an \
            evaluated person is in any statistic; a folder that would leak is refused.
            """
    )

    enum Baseline: String, ExpressibleByArgument, CaseIterable {
        case all, chance, popularity, recency
        case bm25Sum = "bm25-sum"
        case bm25Max = "bm25-max"
        case denseLast = "dense-last"
        case denseMean = "dense-mean"
        case category
        case union
        case popularTitles = "popular-titles"
    }

    enum Search: String, ExpressibleByArgument, CaseIterable { case dense, bm25 }

    @Option(help: "The folder of the data.")
    var data: String

    @Option(help: "The subfolder that is measured.")
    var split = "dev"

    @Option(help: "retrieval, slate or cross-category; may be given several times; these three if not given.")
    var task: [EvaluationTask] = []

    @Flag(help: "Judge lists by the rewards of `train grpo` too.")
    var rewards = false

    @Option(help: "With --rewards, how much a reward counts in the sums, as name=number; 1 if not given.")
    var weight: [WeightArgument] = []

    @Option(name: [.short, .long], help: "A baseline, or all; may be given several times.")
    var baseline: [Baseline] = []

    @Option(name: [.short, .long], help: "A GGUF file or a Hugging Face folder of a model that writes queries.")
    var model: String?

    @Option(help: "The form in which the model writes; may be given several times.")
    var format: [QueryListFormat] = []

    @OptionGroup(title: "Lists (with --model)") var list: QueryListArguments

    @Option(help: "What the model is called in tables; its file's name and the format if not given.")
    var name: String?

    @Option(help: "How the model draws: 0, the most probable token with a light penalty on repetition, if not given.")
    var temperature: Float = 0

    @Option(help: "JSON Lines of another system's lists, as generate --output json writes them; several times too.")
    var queries: [String] = []

    @Option(help: "What searches with the queries.")
    var search = Search.dense

    @Option(help: "How the hits of a list's queries merge.")
    var fusion = FusionArgument.bestRank

    @Option(help: "Whether articles that a person had read before are left out of the person's pool, or kept.")
    var readArticles = EvaluationRules.ReadArticles.leftOut

    @Option(help: "Which of two articles of a pool with equal scores stands first.")
    var ties = EvaluationRules.EqualScores.fileOrder

    @Option(help: "A folder of all-MiniLM-L6-v2; if not given, where Scripts/fetch-model puts it.")
    var embedder: String?

    @Option(help: "Measure on the first so many people only.")
    var people: Int?

    @Option(help: "Fixes the draws of the intervals and of the model.")
    var seed: UInt64 = 0

    @Option(help: "How often people are drawn anew for the intervals.")
    var resamples = 10_000

    @Option(help: "A folder that keeps the model's lists, so that an interrupted run goes on.")
    var cache: String?

    @Option(help: "People whom the model writes for together.")
    var batch = 32

    @Option(help: "Threads to compute with; one for each processor if not given.")
    var threads: Int?

    @Option(help: "Number format of the model's weights in memory.")
    var precision = PrecisionArgument(.stored)

    @Option(help: "How products with quantised weights are computed.")
    var product = QuantizedProduct.exact

    @Flag(help: "Leave people of the measured split out of the training set instead of refusing the folder.")
    var dropSharedPeople = false

    @Flag(help: "Print one JSON object instead of tables.")
    var json = false

    @Option(help: "Write a page with tables and plots here.")
    var report: String?

    @Option(help: "Write every person's values and lists here, as JSON, to compare systems that are measured apart.")
    var values: String?

    @Flag(name: [.short, .long], help: "No progress.")
    var quiet = false

    func validate() throws {
        if baseline.isEmpty && model == nil && queries.isEmpty {
            throw ValidationError("nothing to measure: give --baseline, --model or --queries")
        }
        if let people, people < 1 { throw ValidationError("--people is \(people); give 1 or more") }
        if resamples < 1 || resamples > 1_000_000 {
            throw ValidationError("--resamples is \(resamples); give 1 to 1000000")
        }
        if !weight.isEmpty, !measuresRewards { throw ValidationError("--weight is for --rewards") }
        if name != nil, format.count > 1 { throw ValidationError("--name is for one --format") }
        if batch < 1 || batch > 1024 { throw ValidationError("--batch is \(batch); give 1 to 1024") }
    }

    func run() async throws {
        let evaluator = Evaluator(
            try EvaluationData.mind(
                folder: data,
                split: split,
                sharedPeople: dropSharedPeople ? .dropFromTraining : .refuse
            ),
            tasks: EvaluationTask.allCases.filter { wants($0) },
            people: people,
            rules: EvaluationRules(readArticles: readArticles, equalScores: ties)
        )
        let systems = try await EvaluatedSystems(command: self, evaluator: evaluator)
        var results: [[TaskResult]] = []
        for system in systems.systems {
            say("measuring \(system.name)")
            results.append(try await evaluator.evaluate(system))
            try Task.checkCancellation()
        }
        var judged: [TaskResult] = []
        if measuresRewards {
            let rewards = try await listRewards(evaluator)
            for source in systems.sources {
                say("judging the lists of \(source.name)")
                judged.append(try await rewards.measure(source, on: evaluator))
                try Task.checkCancellation()
            }
        }
        let notes = try await notes(evaluator) + systems.notes + referenceNotes(systems, evaluator)
        let result = EvaluationReport(
            results,
            rewards: judged,
            bootstrap: Bootstrap(resamples: resamples, seed: seed),
            notes: notes
        )
        if let report { try write(result.html, to: report) }
        if let values {
            var lists: [SystemLists] = []
            for source in systems.sources {
                lists.append(try await SystemLists(source, for: evaluator.askedPeople))
            }
            let all = EvaluationValues(notes: notes, results: results.flatMap(\.self) + judged, lists: lists)
            try write(try JSONText.encoded(all), to: values)
        }
        try StandardOutput.write(json ? result.json + "\n" : result.text)
    }

    func say(_ text: String) {
        if !quiet { StandardError.write(text + "\n") }
    }

    private var measuresRewards: Bool { rewards || task.contains(.rewards) }

    private func wants(_ other: EvaluationTask) -> Bool {
        if other == .rewards { return measuresRewards }
        return task.isEmpty ? true : task.contains(other)
    }

    private func notes(_ evaluator: Evaluator) -> [String] {
        let pool = evaluator.poolSize(.retrieval)
        let readNote = readArticles == .leftOut ? "read ones are left out" : "read ones are kept"
        let poolNote = "Pool: \(pool) articles shown that day to anybody of the data; \(readNote)."
        let tieNote = ties == .fileOrder ? "in the order of news.tsv" : "in the reverse order of news.tsv"
        let weights = weight.map { "\($0.name) \($0.weight)" }.joined(separator: ", ")
        let weightNote = weights.isEmpty ? "" : " (\(weights))"
        let rewardNote = "Rewards sum up by weight\(weightNote); \"\(ListRewards.sumName)\" leaves later clicks out."
        return (pool > 0 ? [poolNote] : []) + (measuresRewards ? [rewardNote] : []) + [
            "Intervals: 95 %, percentile bootstrap over people, \(resamples) resamples, seed \(seed).",
            "Hits of several queries merge by \(fusion.rawValue); scores that are equal rank \(tieNote).",
            "SASRec and GRU trained on the same clicks: not done yet.",
        ]
    }

    /// Dense baselines under the other rules too, where all baselines are asked for: the reference figures that come with the data
    /// were computed under these, and a reader compares.
    private func referenceNotes(_ systems: EvaluatedSystems, _ evaluator: Evaluator) async throws -> [String] {
        let rules = EvaluationRules(readArticles: .kept, equalScores: .reverseFileOrder)
        guard baseline.contains(.all), evaluator.rules != rules, wants(.retrieval) else { return [] }
        let other = Evaluator(evaluator.data, tasks: [.retrieval], people: people, rules: rules)
        var notes: [String] = []
        for system in systems.denseHistory {
            say("measuring \(system.name) under the rules of the reference figures")
            let report = EvaluationReport(
                [try await other.evaluate(system)],
                bootstrap: Bootstrap(resamples: 1, seed: seed)
            )
            let cells = report.rows.first { $0.slice == .all }?.cells ?? []
            let figures = cells.filter { ["Recall@10", "Recall@100"].contains($0.metric) }
                .map { "\($0.metric) \(($0.mean.estimate * 10_000).rounded() / 10_000)" }
            notes.append(
                "\(system.name) with --read-articles kept --ties reverse-file-order: \(figures.joined(separator: ", "))."
            )
        }
        return notes
    }

    private func write(_ text: String, to path: String) throws {
        do { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw CommandFailure(message: "\(path) cannot be written: \(error)", code: CommandFailure.cannotCreate)
        }
    }
}
