// `interest-query train distill`: a student learns from a teacher on its own samples.

internal import ArgumentParser
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

struct TrainDistillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "distill",
        abstract: "Train a student to write as a teacher does, on what the student writes.",
        discussion: """
            The student writes, the teacher judges every token. Prompts come from --data, a folder in MIND's layout (the training \
            people, asked as `train grpo` asks them), or from --pairs, JSON Lines as `train supervised` reads them, whose completions \
            are used where the configuration mixes data in. Both models need the same vocabulary: `model cut` makes such a student.

            --config names a JSON file; Documentation/Distillation.md lists its keys. The folder gets model/ (with adapters also \
            adapter/), checkpoints/, run.json, metrics.jsonl, an event file for TensorBoard, and report.html. Ctrl-C saves a \
            checkpoint and stops; --resume goes on from the last one, bit for bit.
            """
    )

    @Option(help: "A JSON file that describes the training.")
    var config: String?

    @Option(help: "A ready configuration: small suits a student cut from a model of 135 million weights.")
    var preset: TrainGRPOCommand.Preset?

    @Option(name: [.short, .long], help: "The student to start from: a GGUF file or a Hugging Face folder.")
    var student: String

    @Option(name: [.short, .long], help: "The teacher: a GGUF file or a Hugging Face folder.")
    var teacher: String

    @Option(name: [.short, .long], help: "A folder in MIND's layout.")
    var data: String?

    @Option(help: "Prompts and completions, as JSON Lines.")
    var pairs: String?

    @Option(help: "Held-out prompts, as JSON Lines, with --pairs.")
    var heldOutPairs: String?

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
        if (data == nil) == (pairs == nil) { throw ValidationError("give either --data or --pairs") }
        if heldOutPairs != nil, pairs == nil { throw ValidationError("--held-out-pairs needs --pairs") }
    }

    func run() async throws {
        var configuration: DistillationConfiguration =
            if let config { try ConfigurationFile.read(config) } else { try DistillationConfiguration.small() }
        if let seed { configuration.training = configuration.training.with(seed: seed) }
        if let steps { configuration.training = try configuration.training.with(steps: steps) }
        let folder = URL(fileURLWithPath: out)
        let collective = try MPICollective.launched()
        let compute = try ComputeOptions(threads: threads, level: level)
        let progress = DistillationProgressLine(isQuiet: quiet || !collective.isFirst)
        if collective.isFirst {
            try describe(configuration, compute, processes: collective.count, progress: progress)
        }
        let task = try task(configuration.list, configuration)
        let (samples, heldOut) = try samples(configuration, task)
        var grammar: (@Sendable (Tokenizer) throws -> TokenGrammar)?
        if configuration.list.usesGrammar { grammar = { try task.grammar(for: $0) } }
        let distiller = try await OnPolicyDistiller(
            student: URL(fileURLWithPath: student),
            teacher: URL(fileURLWithPath: teacher),
            options: configuration.training,
            grammar: grammar,
            compute: compute,
            collective: collective
        )
        var summary: DistillationSummary?
        for try await event in distiller.train(on: samples, holdOut: heldOut, in: folder, resuming: resume) {
            progress.show(event)
            if case .finished(let last) = event { summary = last }
        }
        if collective.isFirst { try RunReport(folders: [out]).write(to: folder.appending(path: "report.html").path) }
        if summary?.reason == .cancelled {
            try collective.finish()
            throw CommandFailure.interrupted
        }
        try await distiller.saveAdapters(to: folder.appending(path: "adapter"))
        try await distiller.save(to: folder.appending(path: "model"))
        try collective.finish()
    }

    private func task(_ list: ListConfiguration, _ configuration: DistillationConfiguration) throws -> InterestTask {
        try InterestTask(
            modelAt: URL(fileURLWithPath: student),
            options: try list.options(maximumTokens: configuration.training.rollout.maximumTokens)
        )
    }

    private func samples(
        _ configuration: DistillationConfiguration,
        _ task: InterestTask
    ) throws -> (training: [DistillationSample], heldOut: [DistillationSample]) {
        guard let data else {
            let read = { (path: String?) in
                try path.map { try SupervisedPairFile(path: $0).readAll().map(DistillationSample.init) } ?? []
            }
            return (try read(pairs), try read(heldOutPairs))
        }
        let people = try TrainingPeople(configuration.deal, data: data)
        let teachers = try configuration.teacherList.map { try self.task($0, configuration) }
        func samples(_ people: [InterestSample]) throws -> [DistillationSample] {
            try people.map {
                DistillationSample(try task.prompt(for: $0), teacherPrompt: try teachers?.prompt(for: $0))
            }
        }
        return (try samples(people.samples), try samples(people.heldOut))
    }

    /// Writes `run.json`; a run that is resumed says what is not as it was.
    private func describe(
        _ configuration: DistillationConfiguration,
        _ compute: ComputeOptions,
        processes: Int,
        progress: DistillationProgressLine
    ) throws {
        let files =
            data.map { [$0 + "/news.tsv", $0 + "/train/behaviors.tsv", $0 + "/dev/behaviors.tsv"] }
            ?? [pairs, heldOutPairs].compactMap { $0 }
        let manifest = try RunManifest(
            kind: "distillation",
            arguments: Array(CommandLine.arguments.dropFirst()),
            seed: configuration.training.seed,
            configuration: configuration,
            compute: .init(level: compute.level ?? .best, threads: compute.threads, processes: processes),
            model: student,
            data: [teacher] + files
        )
        try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
        if resume, let earlier = try? RunManifest<DistillationConfiguration>.read(from: out) {
            for change in try manifest.changes(since: earlier) { progress.note("since the last start, \(change)") }
        }
        try manifest.write(to: out)
    }
}

extension DistillationSample {
    /// A pair's prompt; its completion is for steps that learn from data.
    fileprivate init(_ pair: SupervisedPair) {
        switch pair {
        case .text(let prompt, let completion): self.init(.text(prompt), completion: completion)
        case .messages(let messages): self.init(.chat(Array(messages.dropLast())), completion: messages.last?.content)
        case .tokens(let prompt, _): self.init(.tokens(prompt))
        }
    }
}
