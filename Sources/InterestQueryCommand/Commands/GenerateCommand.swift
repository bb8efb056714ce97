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

            --best-of 16 --articles today.jsonl writes sixteen lists from one reading of the prompt and keeps the one that the rewards \
            value most; --minimum-gain stops where more lists are not worth it.
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

    @Option(
        help: "People whose lists are written together; 8, or with --best-of as many as make 32 lists, if not given."
    )
    var batch: Int?

    @Option(help: "Stop after this many people.")
    var limit: Int?

    @Flag(help: "Report lines that hold no person and go on.")
    var skipInvalid = false

    @Flag(help: "Drop noise from the signals first, as `clean` does; its options apply.")
    var clean = false

    @OptionGroup(title: "Choosing among several lists") var selection: SelectionArguments

    @OptionGroup(title: "Cleaning (with --clean)") var cleaning: CleaningArguments

    @Flag(name: [.short, .long], help: "No progress and no counts.")
    var quiet = false

    func validate() throws {
        if let batch, batch < 1 || batch > 1024 { throw ValidationError("--batch is \(batch); give 1 to 1024") }
        if let limit, limit < 0 { throw ValidationError("--limit is \(limit); give 0 or more") }
        if resume {
            if out == nil { throw ValidationError("--resume needs --out, the file to go on with") }
            if output == .text {
                throw ValidationError("--resume needs --output json, which has one line for each person")
            }
            if let batch, selection.bestOf == nil, batch > EngineOptions.independentBatch {
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
            sampling: try sampling.options(
                standard: selection.bestOf == nil ? InterestQueryOptions.standardSampling : SamplingOptions()
            ),
            seed: sampling.seed
        )
        let selectionOptions = try selection.options()
        let together = selectionOptions.round ?? selectionOptions.candidates
        let peopleTogether = batch ?? (selection.bestOf == nil ? 8 : max(1, 32 / together))
        let engineOptions = try engine.engineOptions(
            batch: selection.bestOf == nil
                ? peopleTogether : min(peopleTogether * together, EngineOptions.independentBatch)
        )
        // A missing file of people is known before a model is read, and so is a file that cannot be written.
        try PersonFile(path: signals).checkReadable()
        let file = try out.map { path throws(CommandFailure) in
            try ListFile(path: (shard ?? .all).path(path), resuming: resume)
        }
        let lines = try await people(behind: file)
        let preparation = clean ? Preparation(cleaner: try await cleaning.signalCleaner(threads: engine.threads)) : nil
        var preparing: (@Sendable (Person) async throws -> Person)?
        if let preparation { preparing = { try await preparation.clean($0) } }
        var progress = Progress(isQuiet: quiet)
        if let file, file.lineCount > 0, !quiet { progress.note("going on behind \(file.lineCount) lines") }
        progress.stage("reading \(engine.model)")
        let generator = try await InterestQueryGenerator(
            modelAt: engine.modelURL,
            options: options,
            engineOptions: engineOptions
        )
        var writer = ListOutput(
            output: output,
            shard: shard ?? .all,
            showsCandidates: selection.allLists
        ) { text in
            if let file { try file.write(text) } else { try StandardOutput.write(text) }
        }
        if selection.bestOf == nil {
            progress.begin()
            defer { progress.finish() }
            try await write(
                generator.lists(for: lines, preparing: preparing),
                to: file,
                by: &writer,
                progress: &progress
            )
        } else {
            let method = try await selection.method(compute: try engine.compute()) { progress.stage($0) }
            let selector = try ListSelector(generator: generator, method: method, options: selectionOptions)
            progress.begin()
            defer { progress.finish() }
            let lists = selector.lists(for: lines, preparing: preparing)
            try await write(lists, of: selectionOptions.candidates, to: file, by: &writer, progress: &progress)
        }
        try file?.finish()
        if let preparation, !quiet {
            progress.clear()
            let cleaning = preparation.summary
            StandardError.write("cleaning kept \(cleaning.kept) signals and dropped \(cleaning.dropped)\n")
        }
    }

    /// The people who are still to be done, and before them the last one who is: that list is written again, to be compared.
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
                switch try await lines.peek() {
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
    private func write(
        _ lists: InterestQueryLists,
        to file: ListFile?,
        by writer: inout ListOutput,
        progress: inout Progress
    ) async throws {
        for try await event in lists {
            switch event {
            case .query(let index, let id, let query):
                if output == .text { progress.clear() }
                try writer.show(query: query, index: index, id: id)
            case .line(let line):
                let isRepeated = file?.isRepeating ?? false
                if !isRepeated { try note(line, progress: &progress) }
                try writer.show(line)
                if !isRepeated, case .success(let result) = line.result {
                    progress.add(
                        result.list,
                        promptTokens: result.promptTokens,
                        generatedTokens: result.generatedTokens
                    )
                }
            }
        }
    }

    /// Writes chosen lists in their order, and says what choosing was worth.
    private func write(
        _ lists: SelectedLists,
        of candidates: Int,
        to file: ListFile?,
        by writer: inout ListOutput,
        progress: inout Progress
    ) async throws {
        var curve = ExpectedBestCurve(samples: candidates)
        for try await line in lists {
            let isRepeated = file?.isRepeating ?? false
            if !isRepeated { try note(line, progress: &progress) }
            try writer.show(line)
            guard !isRepeated, case .success(let selected) = line.result else { continue }
            progress.add(
                selected.list,
                promptTokens: selected.promptTokens,
                generatedTokens: selected.generatedTokens
            )
            // Lists that were not written would have been worth something too: rounds that ended early say nothing of the curve.
            let scores = selected.candidates.compactMap(\.score)
            if selection.minimumGain == nil, scores.count == candidates { try curve.add(scores) }
        }
        guard !quiet, curve.people > 0 else { return }
        progress.clear()
        StandardError.write("expected reward of the best of " + Self.text(curve) + "\n")
    }

    /// The curve at powers of two.
    private static func text(_ curve: ExpectedBestCurve) -> String {
        let counts = sequence(first: 1) { $0 * 2 }.prefix { $0 < curve.means.count } + [curve.means.count]
        return counts.map { "\($0): \((curve.means[$0 - 1] * 1000).rounded() / 1000)" }.joined(separator: ", ")
    }

    /// Reports a line without a list, before it is written.
    ///
    /// - Throws: ``SignalFileError/invalidLine(path:_:)`` for a line without a person, unless these are to be passed over.
    private func note<List>(_ line: ListedLine<List>, progress: inout Progress) throws {
        switch line.result {
        case .success: if out == nil { progress.clear() }
        case .failure(.invalidLine(let error)):
            guard skipInvalid else { throw SignalFileError.invalidLine(path: signals, error) }
            progress.problem("skipped: \(SignalFileError.invalidLine(path: signals, error))")
        case .failure(.noList(let error)): progress.problem("\(line.id ?? ""): \(error)")
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
