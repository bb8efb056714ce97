// A study's folder: its stages, and the results that are written from what they left.

internal import IQStudy
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

struct StudyWorkspace {
    let configuration: StudyConfiguration
    let plan: StudyPlan
    let folder: String
    private let runner: StudyRunner
    private let inputs: [FileFingerprint]
    private let progress: StudyProgress

    /// - Parameters: paths are absolute.
    /// - Throws: ``StudyError``, and what reading the inputs throws.
    init(
        _ configuration: StudyConfiguration,
        model: String,
        embedder: String,
        data: String,
        folder: String,
        threads: Int?
    ) throws {
        self.configuration = configuration
        self.folder = folder
        let stages = folder + "/stages"
        plan = try StudyPlan(
            configuration,
            model: model,
            embedder: embedder,
            data: data,
            folder: stages,
            threads: threads
        )
        var inputs: [FileFingerprint] = []
        var checksums: [String: String] = [:]
        let files = ["news.tsv", "train/behaviors.tsv", "dev/behaviors.tsv"].map { "\(data)/\($0)" }
        for (path, parts) in [(model, [model]), (embedder, [embedder]), (data, files)] {
            let fingerprints = try parts.flatMap { try FileFingerprint.all(at: $0) }
            inputs += fingerprints
            checksums[path] = fingerprints.map(\.crc32c).joined(separator: " ")
        }
        self.inputs = inputs
        let progress = StudyProgress()
        self.progress = progress
        runner = StudyRunner(
            try StudyGraph(plan.stages),
            folder: stages,
            program: try Self.program(),
            inputs: checksums,
            report: { progress.show($0) }
        )
    }

    // MARK: Running

    func stages(of study: Study, only: [String] = []) throws -> [StudyStage] {
        try runner.graph.closure(of: only.isEmpty ? plan.goals(of: study) : only)
    }

    func run(_ stages: [StudyStage], _ arguments: StudyRunArguments) async throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw StudyError.file(path: folder, reason: "it cannot be made: \(error)")
        }
        try runner.clear(arguments.redo)
        if arguments.redoChanged { try runner.clear(runner.changed(runner.graph.stages).map(\.name)) }
        defer { progress.end() }
        try await runner.run(stages, limit: arguments.stageLimit)
    }

    /// What has become of each stage, and its command.
    func list(_ stages: [StudyStage]) throws -> String {
        try stages.map { stage in
            let (state, change) = try runner.state(of: stage)
            let text =
                switch state {
                case .new: "not run"
                case .begun: "begun"
                case .done(let done): "done in \(NumberText.duration(done.seconds))"
                }
            return "\(stage.name): \(text)\(change.map { ", but \($0)" } ?? "")\n    \(stage.commandLine)\n"
        }
        .joined()
    }

    // MARK: Results

    /// Writes `results.json`, `results.md` and the diagrams from what is there.
    func writeResults() throws {
        guard let outline = plan.outline else { return }
        let results = try results(outline)
        try StageFolder.write(try JSONText.encoded(results) + "\n", to: folder + "/results.json")
        let names = [
            (path: folder, name: "DIR"), (path: plan.model, name: "MODEL"), (path: plan.embedder, name: "MINILM"),
            (path: plan.data, name: "MIND"),
        ]
        let tables = StudyTables(
            outline,
            results: results,
            shortNames: names.sorted { $0.path.utf8.count > $1.path.utf8.count }
        )
        try StageFolder.write(tables.markdown, to: folder + "/results.md")
        for (name, svg) in StudyPlots.files(results, outline: outline) {
            try StageFolder.write(svg, to: "\(folder)/\(name)")
        }
    }

    private func results(_ outline: StudyOutline) throws -> StudyResults {
        let bootstrap = Bootstrap(resamples: configuration.evaluation.resamples)
        let assembly = StudyAssembly(
            outline,
            measurements: try measurements(outline),
            sampled: try read(outline.sampling.file, of: outline.sampling.stage),
            bootstrap: bootstrap
        )
        return try assembly.results(
            written: Date().formatted(.iso8601),
            configuration: try configuration.tree,
            inputs: inputs,
            stages: try plan.stages.map { try .init($0, in: runner.folder(of: $0.name)) }
        )
    }

    private func measurements(_ outline: StudyOutline) throws -> StudyMeasurements {
        var values: [String: EvaluationValues] = [:]
        for stage in Set(outline.systems.map(\.stage)) { values[stage] = try read(StudyOutline.valuesFile, of: stage) }
        return StudyMeasurements(values)
    }

    /// The file of a stage that is done; nil of another.
    private func read<Value: Decodable>(_ name: String, of stage: String) throws -> Value? {
        let folder = runner.folder(of: stage)
        guard case .done = try folder.state() else { return nil }
        let path = folder.file(name)
        guard let data = FileManager.default.contents(atPath: path) else {
            throw StudyError.missing(file: path, stage: stage)
        }
        return try ConfigurationFile.decode(data, path: path) as Value
    }

    /// The path of this program.
    private static func program() throws -> String {
        #if canImport(Darwin)
            var size: UInt32 = 0
            _NSGetExecutablePath(nil, &size)
            var bytes = [CChar](repeating: 0, count: Int(size) + 1)
            guard _NSGetExecutablePath(&bytes, &size) == 0 else {
                throw StudyError.notStarted(program: "interest-query", reason: "its path is not known")
            }
            return String(cString: bytes)
        #else
            var bytes = [CChar](repeating: 0, count: 4096)
            let count = readlink("/proc/self/exe", &bytes, bytes.count - 1)
            guard count > 0 else {
                throw StudyError.notStarted(program: "/proc/self/exe", reason: String(cString: strerror(errno)))
            }
            return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        #endif
    }
}
