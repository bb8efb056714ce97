// `interest-query index search` and `index stats`.

internal import ArgumentParser
internal import IQNewsIndex
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

struct IndexSearchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Find articles of an index for queries."
    )

    enum Mode: String, ExpressibleByArgument, CaseIterable { case lexical, dense, hybrid }

    @Option(name: [.short, .long], help: "The index.")
    var index: String

    @Argument(help: "Queries, each in quotation marks.")
    var queries: [String]

    @OptionGroup var embedding: EmbedderArguments

    @Option(help: "lexical (BM25), dense (vectors) or hybrid; hybrid if there is a model, else lexical.")
    var mode: Mode?

    @Option(name: [.short, .long], help: "Articles for each query.")
    var limit = 10

    @Option(help: "Only articles of this category; may be given several times.")
    var category: [String] = []

    @Flag(help: "Compare all vectors, even where there is a graph.")
    var exact = false

    @Flag(help: "Print one JSON object for each query.")
    var json = false

    func run() async throws {
        let embedder = try await embedding.embedder()
        let mode = mode ?? (embedder == nil ? .lexical : .hybrid)
        let dense: DenseSearch = exact ? .exact : .automatic
        let searchMode: NewsSearchMode =
            switch mode {
            case .lexical: .lexical
            case .dense: .dense(dense)
            case .hybrid: .hybrid(dense, .reciprocalRank, depth: 5)
            }
        let searched = try NewsIndex(path: index, embedder: embedder)
        let results = try await searched.search(
            queries,
            limit: limit,
            pool: category.isEmpty ? .everything : .categories(Set(category)),
            mode: searchMode
        )
        for (query, articles) in zip(queries, results) {
            var lines: [String] = []
            for (place, found) in articles.enumerated() {
                let title = try await searched.article(found.id)?.title ?? ""
                if json {
                    lines.append(
                        "{\"id\": \(JSONText.quoted(found.id)), \"score\": \(JSONText.number(found.score)), "
                            + "\"title\": \(JSONText.quoted(title))}"
                    )
                } else {
                    let score = (found.score * 10_000).rounded() / 10_000
                    lines.append("  \(place + 1). \(found.id)  \(score)  \(title)\n")
                }
            }
            try StandardOutput.write(
                json
                    ? "{\"query\": \(JSONText.quoted(query)), \"articles\": [\(lines.joined(separator: ", "))]}\n"
                    : query + "\n" + (lines.isEmpty ? "  (nothing found)\n" : lines.joined())
            )
        }
    }
}

struct IndexStatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Say how much is in an index, and with --check whether it is sound."
    )

    @Option(name: [.short, .long], help: "The index.")
    var index: String

    @Flag(help: "Look at every page, word and vector.")
    var check = false

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let searched = try NewsIndex(path: index)
        if check { try await searched.check() }
        let statistics = try await searched.statistics()
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try StandardOutput.write(String(decoding: try encoder.encode(statistics), as: UTF8.self) + "\n")
            return
        }
        var rows = [
            ("articles", "\(statistics.articles)"),
            ("embedded", "\(statistics.embedded)" + (statistics.dimension.map { ", \($0) numbers each" } ?? "")),
            ("in the graph", statistics.inGraph.map { "\($0)" } ?? "there is none"),
            ("words", "\(statistics.words), \(Progress.text(statistics.meanLength)) an article"),
        ]
        if let oldest = statistics.oldest, let newest = statistics.newest {
            rows.append(("published", "\(oldest.formatted(.iso8601)) to \(newest.formatted(.iso8601))"))
        }
        let categories = statistics.categories.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        if !categories.isEmpty {
            rows.append(("categories", categories.map { "\($0.key) \($0.value)" }.joined(separator: ", ")))
        }
        rows.append(("file", "\(Progress.text(Double(statistics.fileBytes) / 1e6)) MB"))
        if check { rows.append(("check", "nothing is wrong")) }
        let width = rows.map(\.0.count).max() ?? 0
        try StandardOutput.write(
            rows.map { $0.0 + String(repeating: " ", count: width - $0.0.count + 2) + $0.1 + "\n" }.joined()
        )
    }
}
