// Options of writing several lists for a person and choosing one.

internal import ArgumentParser
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A reward's name and how much it counts, as `name=number`.
struct WeightArgument: ExpressibleByArgument {
    let name: String
    let weight: Double

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let weight = Double(parts[1]), weight.isFinite else { return nil }
        name = String(parts[0])
        self.weight = weight
    }
}

struct SelectionArguments: ParsableArguments {
    /// How several lists become one.
    enum Selection: String, ExpressibleByArgument, CaseIterable {
        case reward, consistency
    }

    @Option(
        help: """
            Write this many lists for each person, 1 to 32, and choose one; the temperature is 1 then, if not given.
            """
    )
    var bestOf: Int?

    @Option(
        help: """
            How one is chosen: reward, the list that the standard rewards value most; or consistency, a list of the queries that \
            the others agree on.
            """
    )
    var select = Selection.reward

    @Option(help: "How many lists are written before they are judged; all at once if not given.")
    var round: Int?

    @Option(
        help:
            "Write no further round once the expected gain of the last one is less; rounds are then of 4 if not given."
    )
    var minimumGain: Double?

    @Option(help: "The articles that queries may find, for rewards: JSON Lines, or MIND's news.tsv.")
    var articles: String?

    @Option(
        help: """
            A folder of all-MiniLM-L6-v2: for rewards, the one that Scripts/fetch-model put among its models if not given; with consistency, \
            to know queries that say the same in other words.
            """
    )
    var embedder: String?

    @Option(
        help: """
            How much a reward counts, as name=number: alignment, coverage, specificity, diversity and structure are 1 if not given.
            """
    )
    var weight: [WeightArgument] = []

    @Flag(help: "With --output json, write every list beside the chosen one, as \"candidates\".")
    var allLists = false

    @Option(help: "With consistency, the share of the lists that must have a query.")
    var support = 0.5

    func validate() throws {
        guard bestOf != nil else {
            let given: [(isGiven: Bool, name: String)] = [
                (round != nil, "--round"), (minimumGain != nil, "--minimum-gain"), (articles != nil, "--articles"),
                (embedder != nil, "--embedder"), (allLists, "--all-lists"), (!weight.isEmpty, "--weight"),
                (select != .reward, "--select"),
            ]
            if let unused = given.first(where: \.isGiven) {
                throw ValidationError("\(unused.name) needs --best-of, the number of lists to choose from")
            }
            return
        }
        do throws(SelectionError) { _ = try options() } catch { throw ValidationError(error.description) }
        switch select {
        case .reward:
            if articles == nil { throw ValidationError("--select reward needs --articles, which queries may find") }
            if embedderFolder == nil {
                throw ValidationError(
                    "--select reward needs all-MiniLM-L6-v2: give --embedder, or run Scripts/fetch-model minilm"
                )
            }
        case .consistency:
            if articles != nil || !weight.isEmpty {
                throw ValidationError("--articles and --weight are for --select reward")
            }
            if minimumGain != nil {
                throw ValidationError("--minimum-gain is for --select reward: merged lists have no reward to gain")
            }
        }
    }

    /// How many lists there are; one without `--best-of`.
    func options() throws(SelectionError) -> SelectionOptions {
        let candidates = bestOf ?? 1
        let round = round ?? minimumGain.map { _ in max(1, min(4, candidates / 2)) }
        return try SelectionOptions(candidates: candidates, round: round, minimumGain: minimumGain)
    }

    /// How one list is chosen; embeds the articles first.
    ///
    /// - Parameter say: what is done now.
    func method(compute: ComputeOptions, say: (String) -> Void) async throws -> ListSelector.Method {
        switch select {
        case .consistency:
            var vectorizer: CachedVectorizer?
            if let embedder { vectorizer = CachedVectorizer(try await textEmbedder(embedder, compute)) }
            return .selfConsistent(try SelfConsistency(support: support, vectorizer: vectorizer))
        case .reward:
            let articles = try readArticles(articles ?? "")
            say("embedding \(articles.count) titles")
            let reward = try await InterestRewards.standard(
                articles: articles,
                embedder: try await textEmbedder(embedderFolder ?? "", compute)
            )
            // Nobody knows yet what will be clicked.
            let weights = Dictionary(weight.map { ($0.name, $0.weight) }, uniquingKeysWith: { $1 })
            return .best(try reward.without("clicks").reweighted(weights))
        }
    }

    private func textEmbedder(_ folder: String, _ compute: ComputeOptions) async throws -> TextEmbedder {
        // Few at a time, so that a resumed run judges to the last bit as one without a break.
        try await TextEmbedder(
            modelAt: URL(fileURLWithPath: folder),
            compute: compute,
            batchTokens: EngineOptions.independentBatch
        )
    }

    private func readArticles(_ path: String) throws -> [NewsArticle] {
        var articles: [NewsArticle] = []
        try ArticleFile(path: path).forEach { articles.append($0) }
        guard !articles.isEmpty else {
            throw CommandFailure(message: "\(path) has no articles", code: CommandFailure.data)
        }
        return articles
    }

    private var embedderFolder: String? { EmbedderFolder.path(given: embedder) }
}

/// Where the embedding model is.
enum EmbedderFolder {
    /// The folder that was given, or the one where `Scripts/fetch-model` puts it: among the models that the environment names, else
    /// in the cache; nil if there is none.
    static func path(given: String?) -> String? {
        if let given { return given }
        let environment = ProcessInfo.processInfo.environment
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let cache = value("XDG_CACHE_HOME") ?? value("HOME").map { $0 + "/.cache" }
        guard let models = value("INTEREST_QUERY_MODELS") ?? cache.map({ $0 + "/interest-query-kit/models" }) else {
            return nil
        }
        let folder = models + "/all-MiniLM-L6-v2"
        return FileManager.default.fileExists(atPath: folder) ? folder : nil
    }
}
