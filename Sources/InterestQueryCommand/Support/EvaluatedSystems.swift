// The systems that the options of `evaluate` ask for.

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

struct EvaluatedSystems {
    private(set) var systems: [EvaluatedSystem] = []
    /// What writes lists, in the order of the systems.
    private(set) var sources: [any QuerySource] = []
    /// Those that compare titles of the history with vectors, whose figures depend on the rules most.
    private(set) var denseHistory: [EvaluatedSystem] = []
    /// What could not be measured, and why.
    private(set) var notes: [String] = []

    init(command: EvaluateCommand, evaluator: Evaluator) async throws {
        let data = evaluator.data
        func wants(_ name: EvaluateCommand.Baseline) -> Bool {
            command.baseline.contains(name) || command.baseline.contains(.all)
        }
        let hasLists = command.model != nil || !command.queries.isEmpty
        let needsHistory = wants(.denseLast) || wants(.denseMean) || wants(.union) || wants(.popularTitles)
        let needsVectors = needsHistory || (hasLists && command.search == .dense)
        var dense: Dense?
        // Lists alone search the candidates, whatever was read.
        if needsVectors {
            let articles = needsHistory ? evaluator.usedArticles : evaluator.candidateArticles
            dense = try await Dense(command: command, articles: articles)
        }
        if needsVectors, dense == nil {
            let missing =
                "dense search needs all-MiniLM-L6-v2: give --embedder, or run Scripts/fetch-model minilm"
            guard command.baseline.contains(.all), !hasLists else {
                throw CommandFailure(message: missing, code: CommandFailure.missingInput)
            }
            notes.append("Dense baselines are left out: \(missing).")
        }
        let popularity = PopularityRanker(try ClickStatistics(data))
        if wants(.chance) { systems.append(.chance) }
        if wants(.popularity) { systems.append(.ranker(popularity)) }
        if wants(.recency) { addRecency(data) }
        if wants(.category) { systems.append(.ranker(CategoryShareRanker())) }
        if wants(.bm25Sum) { systems.append(.ranker(LexicalHistoryRanker(articles: data.articles, merging: .sum))) }
        if wants(.bm25Max) {
            systems.append(.ranker(LexicalHistoryRanker(articles: data.articles, merging: .maximum)))
        }
        if let dense {
            let mean = MeanVectorRanker(dense.vectors)
            if wants(.denseLast) { denseHistory.append(.ranker(DenseHistoryRanker(dense.vectors))) }
            if wants(.denseMean) { denseHistory.append(.ranker(mean)) }
            systems += denseHistory
            if wants(.union) {
                systems.append(.ranker(UnionRanker(popularity, mean, name: "popularity + mean of history")))
            }
            if wants(.popularTitles) {
                let targets = ClickTargets(training: data.training, articles: data.articles, vectors: dense.vectors)
                add(PopularTitleQueries(targets), dense.retriever, popularity, command)
            }
        }
        guard hasLists else { return }
        let retriever: any Retriever = dense?.retriever ?? LexicalRetriever(articles: data.articles, text: .title)
        for source in try await Self.sources(command, evaluator: evaluator) {
            add(source, retriever, popularity, command)
        }
    }

    /// Lists, alone and beside popularity.
    private mutating func add(
        _ source: any QuerySource,
        _ retriever: any Retriever,
        _ popularity: PopularityRanker,
        _ command: EvaluateCommand
    ) {
        sources.append(source)
        let ranker = QueryListRanker(source: source, retriever: retriever, fusion: command.fusion.fusion)
        systems.append(.ranker(ranker))
        systems.append(.ranker(UnionRanker(popularity, ranker, name: "popularity + \(source.name)")))
    }

    private mutating func addRecency(_ data: EvaluationData) {
        let recency = RecencyRanker(training: data.training)
        if recency.isInformative(for: data.articles) {
            systems.append(.ranker(recency))
        } else {
            notes.append("Recency is left out: the data gives all articles the same time.")
        }
    }

    /// Title vectors and a search over them.
    private struct Dense {
        let vectors: TitleVectors
        let retriever: TitleVectorRetriever

        /// nil if there is no embedding model.
        init?(command: EvaluateCommand, articles: [NewsArticle]) async throws {
            guard let folder = command.embedderFolder else { return nil }
            let embedder = try await TextEmbedder(
                modelAt: URL(fileURLWithPath: folder),
                compute: try ComputeOptions(threads: command.threads)
            )
            command.say("embedding \(articles.count) titles")
            let isQuiet = command.quiet
            vectors = try await TitleVectors(articles, embedder: embedder) { done in
                if !isQuiet, done % 2048 == 0 { StandardError.write("\(done) of \(articles.count) titles\n") }
            }
            retriever = try TitleVectorRetriever(articles, vectors: vectors, embedder: embedder)
        }
    }

    private static func sources(_ command: EvaluateCommand, evaluator: Evaluator) async throws -> [any QuerySource] {
        var sources: [any QuerySource] = []
        for path in command.queries { sources.append(try QueryListFile(path: path)) }
        guard let model = command.model else { return sources }
        if let cache = command.cache {
            do {
                try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
            } catch {
                throw CommandFailure(message: "\(cache) cannot be made: \(error)", code: CommandFailure.cannotCreate)
            }
        }
        let url = URL(fileURLWithPath: model)
        let engine = try await InferenceEngine(
            modelAt: url,
            options: try EngineOptions(
                compute: try ComputeOptions(threads: command.threads),
                precision: command.precision.precision,
                quantizedProduct: command.product,
                maximumBatch: command.batch
            )
        )
        for format in command.format.isEmpty ? [.lines] : command.format {
            let sampling =
                command.temperature == 0
                ? InterestQueryOptions.standardSampling : try SamplingOptions(temperature: command.temperature)
            let options = try command.list.options(format: format, sampling: sampling, seed: command.seed)
            let isQuiet = command.quiet
            let name = command.name ?? "\(url.lastPathComponent), \(format.rawValue)"
            let generator = try InterestQueryGenerator(engine: engine, options: options)
            // The first prompt stands for everything that shapes prompts.
            let asked = evaluator.askedPeople
            let prompt = try asked.first.map { try generator.prompt(for: try $0.signals()) }
            let source = try GeneratedQueries(
                generator,
                name: name,
                cacheFolder: command.cache,
                configuration: """
                    model \(url.path) of \(fileSize(url.path)) bytes, precision \(command.precision.precision), \
                    product \(command.product.rawValue), format \(format.rawValue), count \(options.queryCount), \
                    length \(options.queryLength), grammar \(options.usesGrammar), sampling \(options.sampling), \
                    tokens \(options.maximumTokens), seed \(options.seed), prompt \(prompt.map { "\($0)" } ?? "none")
                    """,
                batch: command.batch
            ) { done, total in
                if !isQuiet { StandardError.write("\(name): \(done) of \(total) lists\n") }
            }
            // All at once, so that batches are the same whichever task asks first.
            _ = try await source.queries(for: asked)
            sources.append(source)
        }
        return sources
    }

    /// In bytes; 0 for a folder, whose path must do.
    private static func fileSize(_ path: String) -> Int {
        // Not by FileManager, whose attributes have another type where all of Foundation is linked.
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return 0 }
        return Int(status.st_size)
    }
}

extension EvaluateCommand {
    /// The rewards of `train grpo` over everything that was shown to anybody, as training has them.
    func listRewards(_ evaluator: Evaluator) async throws -> ListRewards {
        guard let folder = embedderFolder else {
            throw CommandFailure(
                message: "--rewards needs all-MiniLM-L6-v2: give --embedder, or run Scripts/fetch-model minilm",
                code: CommandFailure.missingInput
            )
        }
        let data = evaluator.data
        let shown = Set((data.training + data.evaluated).flatMap { $0.slate.map(\.article) })
        let reward = try await InterestRewards.standard(
            articles: data.articles.filter { shown.contains($0.id) },
            embedder: try await TextEmbedder(
                modelAt: URL(fileURLWithPath: folder),
                compute: try ComputeOptions(threads: threads)
            ),
            fusion: fusion.fusion
        )
        let weights = Dictionary(weight.map { ($0.name, $0.weight) }, uniquingKeysWith: { $1 })
        return ListRewards(
            reward: try reward.reweighted(weights),
            options: try list.options(format: .lines, seed: seed)
        )
    }

    /// The folder of the embedding model, if there is one.
    var embedderFolder: String? { EmbedderFolder.path(given: embedder) }
}
