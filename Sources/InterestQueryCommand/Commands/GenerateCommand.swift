// `interest-query generate`: a query list for every person of a file.

internal import ArgumentParser
internal import InterestQueryKit
internal import Synchronization

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Write a list of news search queries for every person of a file.",
        discussion: """
            The file is JSON Lines, one person to a line:
            {"id": "p1", "language": "en", "signals": [{"kind": "newsClick", "time": "2026-03-14T08:30:00Z", "text": "A title"}]}
            Kinds are newsClick, webSearch and pageVisit; a time is ISO 8601 with a zone, or seconds from 1970; url, category \
            and language may be left out. Lists come in the order of the file, in memory that does not grow with it.

            With --output json --skip-invalid every line of people gives one line of results, {"line": 7, "queries": [], "problem": \
            "..."} where it holds no person. --out FILE --resume goes on where a run that was killed stopped, and ends with the \
            same file. --shard 2/8 takes every eighth line, from the third on; --shard auto asks mpirun or srun. A list depends on \
            the person, the options and the number of the line, so shards together say what one run says.
            """
    )

    enum Output: String, ExpressibleByArgument, CaseIterable { case text, json }

    @OptionGroup var engine: EngineArguments
    @OptionGroup var sampling: SamplingArguments

    @Option(name: [.short, .long], help: "The file of people; - is the standard input.")
    var signals: String

    @Option(help: "text for people to read, or json: one object to a line for each person.")
    var output = Output.text

    @Option(help: "The form in which the model writes.")
    var format = QueryListFormat.lines

    @OptionGroup var list: QueryListArguments

    @Option(help: "A file for the lists, instead of the standard output; {shard} in it becomes the shard's number.")
    var out: String?

    @Flag(help: "Go on behind the lines that --out has already; needs --output json and the same people and options.")
    var resume = false

    @Option(help: "The share of the lines to take: every nth from i on as i/n, or auto for mpirun's or srun's rank.")
    var shard: ShardArgument?

    @Option(help: "People whose lists are written together.")
    var batch = 8

    @Option(help: "Stop after this many people.")
    var limit: Int?

    @Flag(help: "Report lines that hold no person and go on.")
    var skipInvalid = false

    @Flag(help: "Drop noise from the signals first, as `clean` does; its options apply.")
    var clean = false

    @OptionGroup(title: "Cleaning (with --clean)") var cleaning: CleaningArguments

    @Flag(name: [.short, .long], help: "No progress and no counts.")
    var quiet = false

    func validate() throws {
        if batch < 1 || batch > 1024 { throw ValidationError("--batch is \(batch); give 1 to 1024") }
        if let limit, limit < 0 { throw ValidationError("--limit is \(limit); give 0 or more") }
        if resume {
            if out == nil { throw ValidationError("--resume needs --out, the file to go on with") }
            if output == .text {
                throw ValidationError("--resume needs --output json, which has one line for each person")
            }
            if batch > EngineOptions.independentBatch {
                throw ValidationError(
                    "--resume needs --batch \(EngineOptions.independentBatch) or less; with more, lists depend by rounding on those "
                        + "written beside them"
                )
            }
        }
        if let shard, shard.count > 1, let out, shard.path(out) == out, !out.hasPrefix("/dev/") {
            throw ValidationError("\(shard.count) shards would write \(out); put {shard} into its name")
        }
        if shard == nil, let launched = ShardArgument.launched(ProcessInfo.processInfo.environment), launched.count > 1
        {
            throw ValidationError(
                "\(launched.count) processes were started together; give --shard auto, or --shard 0/1 if each is to do all"
            )
        }
    }

    func run() async throws {
        let options = try list.options(
            format: format,
            sampling: try sampling.options(standard: InterestQueryOptions.standardSampling),
            seed: sampling.seed
        )
        let engineOptions = try engine.engineOptions(batch: batch)
        // A missing file of people is known before a model is read, and so is a file that cannot be written.
        try PersonFile(path: signals).checkReadable()
        let file = try out.map { path throws(CommandFailure) in
            try ListFile(path: (shard ?? .all).path(path), resuming: resume)
        }
        let lines = try await people(behind: file)
        let preparation = clean ? Preparation(cleaner: try await cleaning.signalCleaner(threads: engine.threads)) : nil
        var progress = Progress(isQuiet: quiet)
        if let file, file.lineCount > 0, !quiet { progress.note("going on behind \(file.lineCount) lines") }
        progress.stage("reading \(engine.model)")
        let generator = try await InterestQueryGenerator(
            modelAt: engine.modelURL,
            options: options,
            engineOptions: engineOptions
        )
        progress.begin()
        defer { progress.finish() }
        var preparing: (@Sendable (Person) async throws -> Person)?
        if let preparation { preparing = { try await preparation.clean($0) } }
        try await write(generator.lists(for: lines, preparing: preparing), to: file, progress: &progress)
        try file?.finish()
        if let preparation, !quiet {
            progress.clear()
            let cleaning = preparation.summary
            StandardError.write("cleaning kept \(cleaning.kept) signals and dropped \(cleaning.dropped)\n")
        }
    }

    /// The people who are still to be done, after a look at the last one who is.
    private func people(behind file: ListFile?) async throws -> PersonLineReader {
        let shard = shard ?? .all
        let done = file?.lineCount ?? 0
        let lines = PersonLineReader(
            path: signals,
            selection: RecordSelection(
                shard: shard.index,
                of: shard.count,
                skipping: max(0, done - 1),
                limit: limit.map { max($0, done) }
            )
        )
        if let file, done > 0 {
            let last: ListFile.LastRecord? =
                switch try await lines.next() {
                case nil: nil
                case let line?:
                    switch line.person {
                    case .success(let person): .person(person.id)
                    case .failure: .line(line.number)
                    }
                }
            try file.checkLastLine(isOf: last)
        }
        return lines
    }

    /// Writes lists in their order, each as soon as it and those before it are complete.
    private func write(_ lists: InterestQueryLists, to file: ListFile?, progress: inout Progress) async throws {
        var writer = ListOutput(output: output, shard: shard ?? .all) { text in
            if let file { try file.write(text) } else { try StandardOutput.write(text) }
        }
        for try await event in lists {
            switch event {
            case .query(let index, let id, let query):
                if output == .text { progress.clear() }
                try writer.show(query: query, index: index, id: id)
            case .line(let line):
                switch line.result {
                case .success(let result):
                    if file == nil { progress.clear() }
                    try writer.show(line)
                    progress.add(result)
                case .failure(.invalidLine(let error)):
                    guard skipInvalid else { throw SignalFileError.invalidLine(path: signals, error) }
                    progress.problem("skipped: \(SignalFileError.invalidLine(path: signals, error))")
                    try writer.show(line)
                case .failure(.noList(let error)):
                    progress.problem("\(line.id ?? ""): \(error)")
                    try writer.show(line)
                }
            }
        }
    }

    /// Cleans people one by one, so that nobody's signals depend on who else is in the file, and counts.
    private final class Preparation: Sendable {
        private let cleaner: SignalCleaner
        private let counts = Mutex(CleaningSummary())

        init(cleaner: SignalCleaner) { self.cleaner = cleaner }

        var summary: CleaningSummary { counts.withLock { $0 } }

        func clean(_ person: Person) async throws -> Person {
            let cleaned = try await cleaner.clean(person)
            counts.withLock { $0.add(cleaned) }
            return cleaned.person
        }
    }
}
