// `interest-query train cleaner`: a small head over sentence vectors learns to tell noise.

internal import ArgumentParser
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

struct TrainCleanerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cleaner",
        abstract: "Train a cleaner on labelled lines and report how well it finds held-out noise.",
        discussion: """
            The data are JSON Lines: {"text": "...", "label": "noise" or "clean", "kind": "...", "source": "..."}; kind and source may be \
            left out. --clean-lines adds files of clean lines, one to a line, and --synthetic-noise makes noise of 13 kinds \
            beside them, with other templates for the test than for training. Lines are split by a hash; the threshold is set on \
            clean lines that were not learned, and the figures come from others again. The folder gets cleaner.json; without \
            --out nothing is written but the report.
            """
    )

    @Option(name: [.short, .long], help: "A sentence encoder (a Hugging Face folder), such as all-MiniLM-L6-v2.")
    var model: String

    @Option(name: [.short, .long], parsing: .singleValue, help: "Labelled lines; may be given again.")
    var data: [String] = []

    @Option(
        parsing: .singleValue,
        help: "Clean lines, one to a line; the source is the file's name. May be given again."
    )
    var cleanLines: [String] = []

    @Option(help: "Make this many lines of each kind of noise for training, and half as many for the test.")
    var syntheticNoise: Int?

    @Option(name: [.short, .long], help: "The folder to write.")
    var out: String?

    @Option(help: "The share of clean lines that may be dropped.")
    var targetDropRate = 0.015

    @Option(help: "Fixes the split, the synthetic noise and the resampling.")
    var seed: UInt64 = 0

    @Flag(help: "Do not measure kinds of noise by heads that never saw them; much faster.")
    var noUnseenKinds = false

    @Flag(help: "Print the report as JSON.")
    var json = false

    @Option(help: "Threads to compute with; one for each processor if not given.")
    var threads: Int?

    @Flag(name: [.short, .long], help: "Show no progress.")
    var quiet = false

    func validate() throws {
        if data.isEmpty, cleanLines.isEmpty { throw ValidationError("give --data or --clean-lines") }
        if let syntheticNoise, syntheticNoise < 1 {
            throw ValidationError("--synthetic-noise is \(syntheticNoise); give 1 or more")
        }
    }

    func run() async throws {
        let options = try NoiseHeadOptions(
            targetDropRate: targetDropRate,
            measuresUnseenKinds: !noUnseenKinds,
            seed: seed
        )
        var lines: [LabelledLine] = []
        for path in data { lines += try LabelledLineFile(path: path).readAll() }
        for path in cleanLines {
            let source = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
            lines += try TextLineFile(path: path, form: .lines).readAll().filter { !$0.isEmpty }.map {
                LabelledLine(text: $0, isNoise: false, source: source)
            }
        }
        if let syntheticNoise { lines = LabelledLine.mixing(lines, withNoiseOfEach: syntheticNoise, seed: seed) }
        let embedder = try await TextEmbedder(
            modelAt: URL(fileURLWithPath: model),
            compute: try ComputeOptions(threads: threads)
        )
        let isQuiet = quiet
        let (head, report) = try await NoiseHeadTrainer(embedder: embedder, options: options).train(on: lines) {
            stage in
            if !isQuiet { StandardError.write(stage + "\n") }
        }
        if let out { try head.save(to: URL(fileURLWithPath: out)) }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            try StandardOutput.write(String(decoding: try encoder.encode(report), as: UTF8.self) + "\n")
        } else {
            try StandardOutput.write(report.description)
        }
    }
}
