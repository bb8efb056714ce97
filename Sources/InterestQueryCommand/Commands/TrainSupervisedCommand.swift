// `interest-query train supervised`: a model learns completions of prompts.

internal import ArgumentParser
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

struct TrainSupervisedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "supervised",
        abstract: "Train a model on prompt / completion pairs; the loss is on the completions.",
        discussion: """
            The data are JSON Lines: {"prompt": "...", "completion": "..."}, or {"messages": [...]} whose last turn is the \
            assistant's, or {"prompt_tokens": [...], "completion_tokens": [...]}. The folder gets model/ (a Hugging Face folder; \
            with --lora adapter/ for PEFT, and model/ with --merge), checkpoints/, run.json (what the run depends on), \
            metrics.jsonl, an event file for TensorBoard, and report.html at the end. Ctrl-C saves a checkpoint and stops; \
            --resume goes on from the last one, bit for bit.
            """
    )

    @OptionGroup var arguments: SupervisedArguments

    @Option(name: [.short, .long], help: "A GGUF file or a Hugging Face folder.")
    var model: String

    @Option(name: [.short, .long], help: "The pairs to learn, as JSON Lines.")
    var data: String

    @Option(name: [.short, .long], help: "The folder to write.")
    var out: String

    @Option(help: "Held-out pairs, as JSON Lines.")
    var validation: String?

    @Option(help: "Hold out this many pairs, the last ones of the data.")
    var heldOut: Int?

    @Flag(help: "Go on from the last checkpoint of the folder.")
    var resume = false

    @Flag(help: "With --lora, write the model with the adapters merged in too.")
    var merge = false

    @Option(help: "Threads to compute with; one for each processor if not given.")
    var threads: Int?

    @Option(help: "Instruction level; the fastest of this processor if not given.")
    var level: InstructionLevel?

    @Option(help: "Write each step's packed batches to this file, as JSON Lines.")
    var dumpBatches: String?

    @Flag(name: [.short, .long], help: "Show no progress.")
    var quiet = false

    func validate() throws {
        if validation != nil, heldOut != nil { throw ValidationError("give --validation or --held-out, not both") }
        if let heldOut, heldOut < 1 { throw ValidationError("--held-out takes a number of at least 1") }
        if merge, !arguments.lora { throw ValidationError("--merge needs --lora") }
    }

    func run() async throws {
        let options = try arguments.options()
        var pairs = try SupervisedPairFile(path: data).readAll()
        var held = try validation.map { try SupervisedPairFile(path: $0).readAll() } ?? []
        if let heldOut {
            guard heldOut < pairs.count else {
                throw CommandFailure(
                    message: "\(data) has \(pairs.count) pairs; hold out fewer than that",
                    code: CommandFailure.usage
                )
            }
            held = Array(pairs.suffix(heldOut))
            pairs.removeLast(heldOut)
        }
        let folder = URL(fileURLWithPath: out)
        // Started by mpirun, the processes train together; alone, this is a run of one process.
        let collective = try MPICollective.launched()
        let compute = try ComputeOptions(threads: threads, level: level)
        let trainer = try await SupervisedTrainer(
            modelAt: URL(fileURLWithPath: model),
            options: options,
            compute: compute,
            collective: collective
        )
        var progress = SupervisedProgressLine(isQuiet: quiet || !collective.isFirst)
        if collective.isFirst { try describeRun(options, compute, processes: collective.count, progress: &progress) }
        var summary: SupervisedSummary?
        for try await event in trainer.train(
            on: pairs,
            validation: held,
            in: folder,
            resuming: resume,
            dumpingBatchesTo: dumpBatches.map { URL(fileURLWithPath: $0) }
        ) {
            progress.show(event)
            if case .finished(let last) = event { summary = last }
        }
        if collective.isFirst { try RunReport(folders: [out]).write(to: folder.appending(path: "report.html").path) }
        if summary?.reason == .cancelled {
            try collective.finish()
            throw CommandFailure.interrupted
        }
        if arguments.lora { try await trainer.saveAdapters(to: folder.appending(path: "adapter")) }
        if !arguments.lora || merge { try await trainer.save(to: folder.appending(path: "model")) }
        try collective.finish()
    }

    /// Writes `run.json`; a run that is resumed says what is not as it was.
    private func describeRun(
        _ options: SupervisedOptions,
        _ compute: ComputeOptions,
        processes: Int,
        progress: inout SupervisedProgressLine
    ) throws {
        let manifest = try RunManifest(
            kind: "supervised",
            arguments: Array(CommandLine.arguments.dropFirst()),
            seed: options.seed,
            configuration: options,
            compute: .init(level: compute.level ?? .best, threads: compute.threads, processes: processes),
            model: model,
            data: [data] + (validation.map { [$0] } ?? [])
        )
        try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
        if resume, let earlier = try? RunManifest<SupervisedOptions>.read(from: out) {
            for change in try manifest.changes(since: earlier) { progress.note("since the last start, \(change)") }
        }
        try manifest.write(to: out)
    }
}
