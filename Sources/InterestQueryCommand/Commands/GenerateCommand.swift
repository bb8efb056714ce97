// `interest-query generate`: a query list for every person of a file.

internal import ArgumentParser
internal import InterestQueryKit

struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Write a list of news search queries for every person of a file.",
        discussion: """
            The file is JSON Lines, one person to a line:
            {"id": "p1", "language": "en", "signals": [{"kind": "newsClick", "time": "2026-03-14T08:30:00Z", "text": "A title"}]}
            Kinds are newsClick, webSearch and pageVisit; a time is ISO 8601 with a zone, or seconds from 1970; url, category \
            and language may be left out. Lists come in the order of the file.
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
    }

    func run() async throws {
        let options = try list.options(
            format: format,
            sampling: try sampling.options(standard: InterestQueryOptions.standardSampling),
            seed: sampling.seed
        )
        let engineOptions = try engine.engineOptions(batch: batch)
        // A missing file of people is known before a model is read.
        try PersonFile(path: signals).checkReadable()
        var people = try PeopleReader(
            path: signals,
            skipInvalid: skipInvalid,
            limit: limit,
            cleaner: clean ? try await cleaning.signalCleaner(threads: engine.threads) : nil
        )
        var progress = Progress(isQuiet: quiet)
        progress.stage("reading \(engine.model)")
        let generator = try await InterestQueryGenerator(
            modelAt: engine.modelURL,
            options: options,
            engineOptions: engineOptions
        )
        defer { progress.finish() }
        while let part = try await people.next(batch) {
            try await write(part, with: generator, progress: &progress)
            if Task.isCancelled { throw CommandFailure.interrupted }
        }
        if clean, !quiet {
            progress.clear()
            StandardError.write(
                "cleaning kept \(people.cleaning.kept) signals and dropped \(people.cleaning.dropped)\n"
            )
        }
    }

    /// Writes the lists of some people, in their order, each as soon as it and those before it are complete.
    private func write(_ people: [Person], with generator: InterestQueryGenerator, progress: inout Progress)
        async throws
    {
        var writer = ListOutput(people: people, output: output)
        for try await event in generator.stream(for: people) {
            switch event {
            case .started: break
            case .text: progress.token()
            case .query(let person, let query):
                // With one person at a time each query is shown as soon as it is complete.
                if people.count == 1, output == .text {
                    progress.clear()
                    try writer.show(query: query, person: person)
                }
            case .list(let result):
                progress.clear()
                try writer.show(result)
                progress.finished(person: people[result.person].id, queries: result.list.count)
            case .failed(let person, let error):
                progress.problem("\(people[person].id): \(error)")
                try writer.show(error, person: person)
                progress.finished(person: people[person].id, queries: 0)
            case .finished(let summary): progress.add(summary)
            }
        }
    }
}
