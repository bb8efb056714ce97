// Options that every study has.

internal import ArgumentParser
internal import IQStudy
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

struct StudyArguments: ParsableArguments {
    /// Configurations that come with the command.
    enum Preset: String, ExpressibleByArgument, CaseIterable {
        case small
    }

    @Option(help: "A ready configuration: small suits a model of 135 million weights and two cores.")
    var preset = Preset.small

    @Option(help: "A JSON file that is laid over the preset, key by key; `study configuration` prints what there is.")
    var config: String?

    @Option(name: [.short, .long], help: "The model to study: a GGUF file or a Hugging Face folder.")
    var model: String

    @Option(
        name: [.short, .long],
        help: "The encoder of sentence vectors: a Hugging Face folder; if not given, where Scripts/fetch-model puts it."
    )
    var embedder: String?

    @Option(name: [.short, .long], help: "A folder in MIND's layout.")
    var data: String

    @Option(name: [.short, .long], help: "The folder of the study: stages/, results.json, results.md, diagrams.")
    var out: String

    @Option(
        help:
            "Seeds of the teacher and of the policies without credit, instead of the configuration's; several times too."
    )
    var seed: [UInt64] = []

    @Option(help: "Threads to compute with; one for each processor if not given.")
    var threads: Int?

    func configuration() throws -> StudyConfiguration {
        var configuration = try StudyConfiguration.read(config)
        if !seed.isEmpty {
            guard Set(seed).count == seed.count else { throw ValidationError("a --seed is given twice") }
            configuration.seeds = seed
        }
        return configuration
    }

    func workspace() throws -> StudyWorkspace {
        guard let embedder = EmbedderFolder.path(given: embedder) else {
            throw CommandFailure(
                message: "a study needs all-MiniLM-L6-v2: give --embedder, or run Scripts/fetch-model minilm",
                code: CommandFailure.missingInput
            )
        }
        return try StudyWorkspace(
            try configuration(),
            model: Self.absolute(model),
            embedder: Self.absolute(embedder),
            data: Self.absolute(data),
            folder: Self.absolute(out),
            threads: threads
        )
    }

    /// So that a stage's command is the same from wherever the study is called.
    private static func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }
}

/// Options of studies that run.
struct StudyRunArguments: ParsableArguments {
    @Option(help: "Run at most so many stages now; the next call goes on.")
    var stageLimit: Int?

    @Option(help: "Run this stage and what it needs only; several times too.")
    var only: [String] = []

    @Option(help: "Do this stage again, and all that need it; several times too.")
    var redo: [String] = []

    @Flag(help: "Do all stages again whose command or inputs changed, and all that need them.")
    var redoChanged = false

    @Flag(help: "Print the stages with their commands, and run nothing.")
    var dryRun = false

    func validate() throws {
        if let stageLimit, stageLimit < 0 { throw ValidationError("--stage-limit is \(stageLimit); give 0 or more") }
    }
}
