// `interest-query train pairs`: what a supervised warm-up learns.

internal import ArgumentParser
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

struct TrainPairsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pairs",
        abstract: "Write the pairs of a supervised warm-up: prompts, and lists made from later clicks.",
        discussion: """
            For every training person of a folder in MIND's layout, a prompt as `train grpo` asks it and a list that begins with what \
            the person clicked later and goes on with what others clicked that day, nearest to the person's history first. \
            `train supervised --data` learns them. The configuration is that of the `train grpo` that follows: the \
            people whom it holds out are left out here, and go to --held-out. Nobody of the set that `evaluate` measures is looked at.

            With --lists the lists are a teacher's, as `generate --output json` wrote them for the people of `study people --split \
            train`: the pairs of a supervised distillation. People without a list are left out.
            """
    )

    @Option(help: "A JSON file that describes the training that follows.")
    var config: String?

    @Option(help: "A ready configuration.")
    var preset: TrainGRPOCommand.Preset?

    @Option(name: [.short, .long], help: "The model that will learn: only its tokenizer is read.")
    var model: String

    @Option(
        name: [.short, .long],
        help: "The encoder of sentence vectors: a Hugging Face folder; if not given, where Scripts/fetch-model puts it."
    )
    var embedder: String?

    @Option(name: [.short, .long], help: "A folder in MIND's layout.")
    var data: String

    @Option(name: [.short, .long], help: "The file of pairs to write, JSON Lines; - is the standard output.")
    var out: String

    @Option(help: "A file for the pairs of the people who are held out.")
    var heldOut: String?

    @Option(help: "Learn these lists instead, JSON Lines by the people's ids.")
    var lists: String?

    @Option(help: "The most words of a query.")
    var words = 6

    @Option(help: "How much likeness to the history counts beside the logarithm of the clicks.")
    var affinity = 3.0

    @Option(help: "Threads to compute with; one for each processor if not given.")
    var threads: Int?

    func validate() throws {
        if (config == nil) == (preset == nil) { throw ValidationError("give either --config or --preset") }
        if words < 1 || words > 100 { throw ValidationError("--words is \(words); give 1 to 100") }
        if !affinity.isFinite { throw ValidationError("--affinity is \(affinity); give a finite number") }
    }

    func run() async throws {
        let configuration: GRPOConfiguration =
            if let config { try ConfigurationFile.read(config) } else { try GRPOConfiguration.small() }
        let list = configuration.list
        let maximumTokens = configuration.training.rollout.maximumTokens
        let task = try InterestTask(
            modelAt: URL(fileURLWithPath: model),
            options: try list.options(maximumTokens: maximumTokens)
        )
        let people = try TrainingPeople(configuration.deal, data: data)
        let queries: (InterestSample) throws -> [String]
        if let lists {
            let teacher = try QueryListFile(path: lists)
            queries = { teacher.list(of: $0.id) ?? [] }
        } else {
            let targets = try await targets(people, list: list)
            queries = { people.impression(of: $0).map { targets.queries(for: $0) } ?? [] }
        }
        try write(people.samples, to: out, task, queries)
        if let heldOut { try write(people.heldOut, to: heldOut, task, queries) }
    }

    /// What lists are made of.
    private func targets(_ people: TrainingPeople, list: ListConfiguration) async throws -> ClickTargets {
        guard let folder = EmbedderFolder.path(given: embedder) else {
            throw CommandFailure(
                message: "lists from clicks need all-MiniLM-L6-v2: give --embedder, or run Scripts/fetch-model minilm",
                code: CommandFailure.missingInput
            )
        }
        let needed = Set(people.data.training.flatMap { $0.history + $0.clicks })
        let articles = people.data.articles.filter { needed.contains($0.id) }
        let embedder = try await TextEmbedder(
            modelAt: URL(fileURLWithPath: folder),
            compute: try ComputeOptions(threads: threads)
        )
        let vectors = try await TitleVectors(articles, embedder: embedder)
        // Those who judge give no clicks either.
        let judges = Set(people.heldOut.map(\.id))
        let training = people.data.training.enumerated()
            .filter { !judges.contains(InterestSample.id(of: $1, index: $0)) }.map(\.element)
        return ClickTargets(
            training: training,
            articles: articles,
            vectors: vectors,
            options: .init(queries: list.maximumQueries, words: words, affinity: affinity, signals: list.maximumSignals)
        )
    }

    private func write(
        _ samples: [InterestSample],
        to path: String,
        _ task: InterestTask,
        _ queries: (InterestSample) throws -> [String]
    ) throws {
        let file = try OutputFile(path: path)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for sample in samples {
            guard let line = try task.line(for: sample, queries: try queries(sample), encoder) else { continue }
            try file.write(line: line)
        }
        try file.finish()
    }
}

extension InterestTask {
    /// A line of a file of pairs: the prompt's turns and the list as the assistant's.
    fileprivate func line(for sample: InterestSample, queries: [String], _ encoder: JSONEncoder) throws -> String? {
        struct Turn: Encodable {
            let role: String
            let content: String
        }
        guard case .chat(let messages) = try prompt(for: sample), !queries.isEmpty else { return nil }
        let turns = messages.map { Turn(role: $0.role, content: $0.content) }
        let list = Turn(role: "assistant", content: options.format.text(of: queries))
        return String(decoding: try encoder.encode(["messages": turns + [list]]), as: UTF8.self)
    }
}
