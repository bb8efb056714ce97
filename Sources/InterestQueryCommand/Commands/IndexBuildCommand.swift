// `interest-query index build`: articles of a file into an index.

internal import ArgumentParser
internal import IQNewsIndex
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

struct IndexBuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Put the articles of a file into an index, embed them and build the graph of neighbours.",
        discussion: """
            An index that is there is brought up to date: new articles are added, changed ones replaced, others stay unless \
            --replace or --expire-before says otherwise. Interrupted or killed, it goes on where it was when it is run again.
            """
    )

    @Option(
        name: [.short, .long],
        help: "JSON Lines of articles, or MIND's news.tsv (by its ending); - is the standard input."
    )
    var articles: String

    @OptionGroup var embedding: EmbedderArguments

    @Option(name: [.short, .long], help: "The index.")
    var output: String

    @Flag(help: "Embed the abstract with the title.")
    var embedAbstracts = false

    @Flag(help: "Remove what is in the index and not in the file.")
    var replace = false

    @Option(help: "Remove what was published before this time, such as 2026-03-14T00:00:00Z.")
    var expireBefore: String?

    @Flag(help: "Build no graph; searches compare all vectors.")
    var noGraph = false

    @Flag(help: "Pass over lines that hold no article, and say so.")
    var skipInvalid = false

    @Flag(name: [.short, .long], help: "Say nothing of the progress.")
    var quiet = false

    func run() async throws {
        var line = StageLine(isQuiet: quiet)
        defer { line.clear() }
        let expiry = try expireBefore.map { text in
            try UserSignal(kind: .newsClick, time: text, text: "time").time
        }
        // The model first: a wrong path is known before anything is written.
        let embedder = try await embedding.embedder()
        let writer = try NewsIndexWriter(
            path: output,
            options: embedAbstracts ? NewsIndexOptions(embeddedText: .titleAndAbstract) : nil
        )
        var changes = NewsIndexWriter.Changes()
        var ids: Set<NewsArticle.ID> = []
        var batch: [NewsArticle] = []
        for article in try read() {
            ids.insert(article.id)
            batch.append(article)
            guard batch.count == 1024 else { continue }
            try await add(&batch, to: writer, &changes)
            line.show("\(ids.count) articles read")
        }
        try await add(&batch, to: writer, &changes)
        var removed = 0
        if replace { removed += try await writer.removeAll(except: ids) }
        if let expiry { removed += try await writer.expire(publishedBefore: expiry) }
        line.finish(
            "\(changes.added) articles added, \(changes.rewritten) rewritten, \(changes.updated) updated, "
                + "\(changes.unchanged) unchanged, \(removed) removed"
        )
        if let embedder {
            let started = ContinuousClock.now
            let isQuiet = quiet
            let embedded = try await writer.embed(with: embedder) { progress in
                if !isQuiet, StandardError.isTerminal {
                    StageLine.rewrite("embedded \(progress.done) of \(progress.total)")
                }
            }
            line.finish("\(embedded) embedded", since: started)
            if !noGraph {
                let started = ContinuousClock.now
                try await writer.buildGraph { progress in
                    if !isQuiet, StandardError.isTerminal {
                        StageLine.rewrite("graph: \(progress.done) of \(progress.total)")
                    }
                }
                line.finish("graph of neighbours up to date", since: started)
            }
        }
        try await writer.close()
    }

    /// In memory: a hundred thousand articles take some tens of megabytes.
    private func read() throws -> [NewsArticle] {
        var all: [NewsArticle] = []
        let skipped: ((SignalFileError) -> Void)? =
            skipInvalid ? { StandardError.write("interest-query: skipped: \($0)\n") } : nil
        try ArticleFile(path: articles).forEach(skipped: skipped) { all.append($0) }
        return all
    }

    private func add(
        _ batch: inout [NewsArticle],
        to writer: NewsIndexWriter,
        _ changes: inout NewsIndexWriter.Changes
    ) async throws {
        let part = try await writer.add(batch)
        changes.added += part.added
        changes.rewritten += part.rewritten
        changes.updated += part.updated
        changes.unchanged += part.unchanged
        batch = []
    }
}

/// One line of progress on the standard error.
struct StageLine {
    let isQuiet: Bool
    private var isOpen = false

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

    static func rewrite(_ text: String) { StandardError.write("\r\u{1B}[K\(text)") }

    mutating func show(_ text: String) {
        guard !isQuiet, StandardError.isTerminal else { return }
        Self.rewrite(text)
        isOpen = true
    }

    mutating func clear() {
        if isOpen { StandardError.write("\r\u{1B}[K") }
        isOpen = false
    }

    mutating func finish(_ text: String, since start: ContinuousClock.Instant? = nil) {
        guard !isQuiet else { return }
        if StandardError.isTerminal { StandardError.write("\r\u{1B}[K") }
        isOpen = false
        let seconds = start.map { start in
            let elapsed = ContinuousClock.now - start
            return
                " in \(Progress.text(Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18)) s"
        }
        StandardError.write(text + (seconds ?? "") + "\n")
    }
}
