// `interest-query index`: build, search and describe a news index.

internal import ArgumentParser
internal import IQNewsIndex
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

struct IndexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "Build, search and describe a news index: one file with words, vectors and a graph of neighbours.",
        subcommands: [IndexBuildCommand.self, IndexSearchCommand.self, IndexStatsCommand.self]
    )
}

/// Options of the sentence model that an index is built and searched with.
struct EmbedderArguments: ParsableArguments {
    @Option(name: [.short, .long], help: "A sentence model: the Hugging Face folder of all-MiniLM-L6-v2, say.")
    var model: String?

    @Option(help: "Threads to compute with; one for each processor if not given.")
    var threads: Int?

    func embedder() async throws -> TextEmbedder? {
        guard let model else { return nil }
        return try await TextEmbedder(
            modelAt: URL(fileURLWithPath: model),
            compute: try ComputeOptions(threads: threads)
        )
    }
}
