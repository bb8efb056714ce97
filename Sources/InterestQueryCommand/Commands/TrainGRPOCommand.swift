// `interest-query train grpo`: a model learns to write better query lists from rewards.

internal import ArgumentParser
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

struct TrainGRPOCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grpo",
        abstract: "Train a model to write query lists by group-relative policy optimisation.",
        discussion: """
            The data are a folder in MIND's layout. People of its training set are learnt from; some of them are held out to judge the \
            policy, and nobody of the set that `evaluate` measures is looked at, but for which articles were shown. The rewards are \
            alignment, coverage, specificity, diversity, structure and later clicks.

            --config names a JSON file with the keys list, weights, people, heldOutPeople, metric and training; \
            Documentation/PolicyOptimization.md lists them all. The folder gets model/ (with adapters also adapter/), checkpoints/, \
            run.json (the full configuration, seed, versions and checksums), metrics.jsonl, an event file for TensorBoard, and \
            report.html. Ctrl-C saves a checkpoint and stops; --resume goes on from the last one, bit for bit.
            """
    )

    /// Configurations that come with the command.
    enum Preset: String, ExpressibleByArgument, CaseIterable {
        case small
    }

    @Option(help: "A JSON file that describes the training.")
    var config: String?

    @Option(help: "A ready configuration: small takes about a quarter of an hour on two cores.")
    var preset: Preset?

    @Option(name: [.short, .long], help: "The model to start from: a GGUF file or a Hugging Face folder.")
    var model: String

    @Option(name: [.short, .long], help: "The encoder of sentence vectors: a Hugging Face folder.")
    var embedder: String

    @Option(name: [.short, .long], help: "A folder in MIND's layout.")
    var data: String

    @Option(name: [.short, .long], help: "The folder to write.")
    var out: String

    @Option(help: "Another seed than the configuration's.")
    var seed: UInt64?

    @Option(help: "Another number of steps than the configuration's.")
    var steps: Int?

    @Flag(help: "Go on from the last checkpoint of the folder.")
    var resume = false

    @Option(help: "Threads to compute with; one for each processor if not given.")
    var threads: Int?

    @Option(help: "Instruction level; the fastest of this processor if not given.")
    var level: InstructionLevel?

    @Flag(name: [.short, .long], help: "Show no progress.")
    var quiet = false

    func validate() throws {
        if (config == nil) == (preset == nil) { throw ValidationError("give either --config or --preset") }
    }

    func run() async throws {
        var configuration: GRPOConfiguration =
            if let config { try ConfigurationFile.read(config) } else { try GRPOConfiguration.small() }
        if let seed { configuration.training = configuration.training.with(seed: seed) }
        if let steps { configuration.training = try configuration.training.with(steps: steps) }
        let folder = URL(fileURLWithPath: out)
        let collective = try MPICollective.launched()
        let compute = try ComputeOptions(threads: threads, level: level)
        let progress = GRPOProgressLine(isQuiet: quiet || !collective.isFirst)
        if collective.isFirst {
            try describe(configuration, compute, processes: collective.count, progress: progress)
        }
        let listOptions = try configuration.list.options(maximumTokens: configuration.training.rollout.maximumTokens)
        let task = try InterestTask(modelAt: URL(fileURLWithPath: model), options: listOptions)
        let people = try TrainingPeople(configuration.deal, data: data)
        progress.note("embedding \(people.shown.count) titles")
        let reward = try await InterestRewards.standard(
            articles: people.shown,
            embedder: try await TextEmbedder(modelAt: URL(fileURLWithPath: embedder), compute: compute),
            weights: configuration.weights,
            fusion: configuration.fusion.fusion
        )
        var grammar: (@Sendable (Tokenizer) throws -> TokenGrammar)?
        if configuration.list.usesGrammar { grammar = { try task.grammar(for: $0) } }
        let trainer = try await GRPOTrainer(
            modelAt: URL(fileURLWithPath: model),
            task: task,
            reward: reward,
            options: configuration.training,
            grammar: grammar,
            compute: compute,
            collective: collective
        )
        var summary: GRPOSummary?
        for try await event in trainer.train(
            on: people.samples,
            holdOut: HoldOut(people.heldOut, reward: reward, metric: configuration.metric),
            in: folder,
            resuming: resume
        ) {
            progress.show(event)
            if case .finished(let last) = event { summary = last }
        }
        if collective.isFirst { try RunReport(folders: [out]).write(to: folder.appending(path: "report.html").path) }
        if summary?.reason == .cancelled {
            try collective.finish()
            throw CommandFailure.interrupted
        }
        try await trainer.saveAdapters(to: folder.appending(path: "adapter"))
        try await trainer.save(to: folder.appending(path: "model"))
        try collective.finish()
    }

    /// Writes `run.json`; a run that is resumed says what is not as it was.
    private func describe(
        _ configuration: GRPOConfiguration,
        _ compute: ComputeOptions,
        processes: Int,
        progress: GRPOProgressLine
    ) throws {
        let manifest = try RunManifest(
            kind: "grpo",
            arguments: Array(CommandLine.arguments.dropFirst()),
            seed: configuration.training.seed,
            configuration: configuration,
            compute: .init(level: compute.level ?? .best, threads: compute.threads, processes: processes),
            model: model,
            data: [data + "/news.tsv", data + "/train/behaviors.tsv", data + "/dev/behaviors.tsv", embedder]
        )
        try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
        if resume, let earlier = try? RunManifest<GRPOConfiguration>.read(from: out) {
            for change in try manifest.changes(since: earlier) { progress.note("since the last start, \(change)") }
        }
        try manifest.write(to: out)
    }
}
