// `interest-query clean`: drops what is no sign of an interest, and says why.

internal import ArgumentParser
internal import InterestQueryKit
internal import Synchronization

struct CleanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clean",
        abstract: "Drop noise, personal data, duplicates and automated signals from a file, and say why.",
        discussion: """
            Reads people as `generate` does (--form people), JSON objects with a member text (--form texts), or plain lines \
            (--form lines), and writes what stays in the same form and order. --dropped lists what was dropped, with the rule and \
            what it found; personal data is blotted out there. Lines that cannot be read are dropped too, as 'unreadable'. The \
            summary goes to the standard error. Memory does not grow with the file; among people duplicates are found within \
            one person, among texts within the last 65,536 different ones.
            """
    )

    enum Form: String, ExpressibleByArgument, CaseIterable { case people, texts, lines }
    enum Summary: String, ExpressibleByArgument, CaseIterable { case text, json, none }

    @Argument(help: "The file; - is the standard input.")
    var input: String

    @Option(name: [.short, .long], help: "Where to write what stays; - is the standard output.")
    var output = "-"

    @Option(help: "Where to list what was dropped, as JSON Lines; - is the standard output.")
    var dropped: String?

    @Option(help: "What a line of the file holds.")
    var form = Form.people

    @Option(help: "The summary on the standard error.")
    var summary = Summary.text

    @OptionGroup var cleaning: CleaningArguments

    @Option(help: "Threads to compute with; one for each processor if not given.")
    var threads: Int?

    func validate() throws {
        if dropped == output { throw ValidationError("--dropped and --output are both \(output); give two places") }
    }

    func run() async throws {
        var run = Run(unreadable: Unreadable())
        if input != "-" { try TextLineFile(path: input, form: .lines).checkReadable() }
        let cleaner = try await cleaning.signalCleaner(threads: threads)
        let kept = try OutputFile(path: output)
        let list = try dropped.map { path throws(CommandFailure) in try OutputFile(path: path) }
        switch form {
        case .people: try await run.clean(people: input, cleaner, kept, list)
        case .texts: try await run.clean(lines: input, .texts, cleaner, kept, list)
        case .lines: try await run.clean(lines: input, .lines, cleaner, kept, list)
        }
        try kept.finish()
        try list?.finish()
        switch summary {
        case .none: break
        case .json: StandardError.write(run.summary(form: form, isJSON: true))
        case .text: StandardError.write(run.summary(form: form, isJSON: false))
        }
    }

    /// What has been done so far.
    private struct Run {
        var counts = CleaningSummary()
        let unreadable: Unreadable

        mutating func clean(
            people path: String,
            _ cleaner: SignalCleaner,
            _ kept: OutputFile,
            _ list: OutputFile?
        ) async throws {
            let policy = InvalidLinePolicy.skip { [unreadable] in unreadable.add($0) }
            let file = PersonFile(path: path, options: SignalFileOptions(invalidLines: policy))
            for try await cleaned in cleaner.clean(file) {
                try Task.checkCancellation()
                try unreadable.write(to: list)
                counts.add(cleaned)
                try kept.write(line: cleaned.person.jsonLine)
                if let list {
                    for signal in cleaned.dropped { try list.write(line: signal.jsonLine(person: cleaned.person.id)) }
                }
            }
            try unreadable.write(to: list)
        }

        mutating func clean(
            lines path: String,
            _ form: TextLineFile.Form,
            _ cleaner: SignalCleaner,
            _ kept: OutputFile,
            _ list: OutputFile?
        ) async throws {
            let policy = InvalidLinePolicy.skip { [unreadable] in unreadable.add($0) }
            let file = TextLineFile(path: path, form: form, options: RecordFileOptions(invalidLines: policy))
            var lineCleaner = LineCleaner(options: cleaner.options, scorer: cleaner.scorer)
            var texts = file.makeAsyncIterator()
            var isAtEnd = false
            while !isAtEnd {
                try Task.checkCancellation()
                var part: [String] = []
                while part.count < 256 {
                    guard let text = try await texts.next() else {
                        isAtEnd = true
                        break
                    }
                    part.append(text)
                }
                try unreadable.write(to: list)
                for line in try await lineCleaner.clean(part) {
                    counts.add(line)
                    switch line.verdict {
                    case .kept:
                        try kept.write(line: form == .lines ? line.text : "{\"text\": \(JSONText.quoted(line.text))}")
                    case .dropped(let reason, let shown):
                        try list?.write(line: "{\"text\": \(JSONText.quoted(shown)), \(reason.jsonMembers)}")
                    }
                }
            }
        }

        func summary(form: Form, isJSON: Bool) -> String {
            if isJSON { return "{\"unreadableLines\": \(unreadable.count), \"cleaning\": \(counts.json)}\n" }
            let what = form == .people ? "signals" : "texts"
            var text = ""
            if form == .people {
                text += "\(counts.people) people, \(counts.emptiedPeople) of them left with nothing; "
            }
            text += "\(counts.kept) \(what) kept, \(counts.dropped) dropped\n"
            for rule in counts.rules { text += "  \(rule.name): \(rule.count)\n" }
            if unreadable.count > 0 { text += "  lines that cannot be read: \(unreadable.count)\n" }
            return text
        }
    }
}

/// Lines that hold nothing to clean: counted, and kept until they can be listed.
private final class Unreadable: Sendable {
    private struct State {
        var count = 0
        var waiting: [SignalFileError] = []
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.count } }

    func add(_ error: SignalFileError) {
        state.withLock { state in
            state.count += 1
            // The list is written between parts; what a broken file of gigabytes has between two readable lines is counted only.
            if state.waiting.count < 10_000 { state.waiting.append(error) }
        }
    }

    func write(to list: OutputFile?) throws {
        let errors = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        guard let list else { return }
        for error in errors {
            guard case .invalidLine(_, let line) = error else { continue }
            // What the line holds is not shown: it was not looked through for personal data.
            try list.write(
                line: "{\"line\": \(line.line), \"rule\": \"unreadable\", \"finding\": "
                    + "\(JSONText.quoted(line.field.map { "the field \($0) is wrong" } ?? "the line is not of the format"))}"
            )
        }
    }
}
