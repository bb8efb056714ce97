// `interest-query study curve`: how well each of several lists finds what was clicked.

internal import ArgumentParser
internal import IQStudy
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

struct StudyCurveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "curve",
        abstract:
            "Measure every list of `generate --best-of N --all-lists` on the people of `study people --split dev`.",
        discussion: """
            Each list is searched with as if it were the only one, and so is the list that the first 1, 2, 4, ... agree on. The file has the \
            score by which `generate` chooses beside what choosing cannot see, so that what N is worth follows without another \
            sampling.
            """
    )

    @Option(name: [.short, .long], help: "A folder in MIND's layout.")
    var data: String

    @Option(name: [.short, .long], help: "The encoder of sentence vectors: a Hugging Face folder.")
    var embedder: String

    @Option(help: "The lists, JSON Lines.")
    var lists: String

    @Option(help: "The first so many people only, as `study people` wrote them.")
    var people: Int?

    @Option(help: "How the hits of a list's queries merge.")
    var fusion = FusionArgument.bestRank

    @Option(help: "The most queries of a merged list.")
    var count = 5

    @Option(help: "The fewest queries of a merged list.")
    var minimumCount = 3

    @Option(name: [.short, .long], help: "The file to write.")
    var out: String

    func validate() throws {
        if let people, people < 1 { throw ValidationError("--people is \(people); give 1 or more") }
        if minimumCount < 1 || minimumCount > count {
            throw ValidationError("--minimum-count is \(minimumCount) and --count \(count); give 1 to --count")
        }
    }

    func run() async throws {
        let sampled = try SampledLists(path: lists)
        let evaluator = Evaluator(try EvaluationData.mind(folder: data), tasks: [.retrieval], people: people)
        let textEmbedder = try await TextEmbedder(
            modelAt: URL(fileURLWithPath: embedder),
            compute: try ComputeOptions()
        )
        let vectors = try await TitleVectors(evaluator.usedArticles, embedder: textEmbedder)
        let vectorizer = CachedVectorizer(textEmbedder)
        let retriever = try TitleVectorRetriever(evaluator.usedArticles, vectors: vectors, embedder: vectorizer)

        /// [case][metric] of the lists that a source writes.
        func measure(_ source: any QuerySource) async throws -> TaskResult {
            try Task.checkCancellation()
            let ranker = QueryListRanker(source: source, retriever: retriever, fusion: fusion.fusion)
            return try await evaluator.evaluate(.ranker(ranker))[0]
        }
        var results: [TaskResult] = []
        for number in 0..<sampled.count {
            results.append(try await measure(ChosenLists(name: "list \(number)", lists: sampled.lists(number))))
            StandardError.write("\(number + 1) of \(sampled.count) lists\n")
        }
        let counts = sequence(first: 1) { $0 * 2 }.prefix { $0 <= sampled.count }.map(\.self)
        var merged: [TaskResult] = []
        for count in counts {
            merged.append(
                try await measure(ChosenLists(name: "merged", lists: try await agreed(sampled, of: count, vectorizer)))
            )
        }
        let cases = evaluator.askedPeople.map(\.caseID)
        let values = SampledValues(
            metrics: results.first?.metrics ?? [],
            people: results.first?.people ?? [],
            scores: cases.map { sampled.scores[$0] ?? Array(repeating: 0, count: sampled.count) },
            values: cases.indices.map { index in results.map { $0.values[index] } },
            mergedCounts: counts,
            merged: cases.indices.map { index in merged.map { $0.values[index] } }
        )
        try StageFolder.write(try JSONText.encoded(values), to: out)
    }

    /// The lists that the first so many of each person agree on.
    private func agreed(_ sampled: SampledLists, of count: Int, _ vectorizer: CachedVectorizer) async throws -> [String:
        [String]]
    {
        let consistency = try SelfConsistency(vectorizer: vectorizer)
        var lists: [String: [String]] = [:]
        for (name, candidates) in sampled.candidates {
            let first = candidates.prefix(count).map { QueryList($0) }
            lists[name] = try await consistency.merge(first, count: minimumCount...self.count).queries
        }
        return lists
    }
}

/// One list for each person, by case.
private struct ChosenLists: QuerySource {
    let name: String
    let lists: [String: [String]]

    func queries(for people: [EvaluatedPerson]) -> [[String]] { people.map { lists[$0.caseID] ?? [] } }
}

/// What `generate --best-of N --all-lists` wrote.
private struct SampledLists {
    /// By the person's id.
    private(set) var candidates: [String: [[String]]] = [:]
    private(set) var scores: [String: [Double]] = [:]
    private(set) var count = 0

    private struct Line: Decodable {
        let id: String?
        let candidates: [[String]]?
        let scores: [Double?]?
    }

    init(path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(message: "\(path) cannot be read", code: CommandFailure.missingInput)
        }
        for text in data.split(separator: UInt8(ascii: "\n")) {
            let line: Line = try ConfigurationFile.decode(Data(text), path: path)
            // A person for whom nothing could be written has no lists.
            guard let id = line.id, let candidates = line.candidates, let scores = line.scores else { continue }
            guard scores.count == candidates.count, !candidates.isEmpty, count == 0 || count == candidates.count else {
                throw CommandFailure(
                    message:
                        "\(path): '\(id)' has \(candidates.count) lists and \(scores.count) scores; others have \(count)",
                    code: CommandFailure.data
                )
            }
            count = candidates.count
            self.candidates[id] = candidates
            self.scores[id] = scores.map { $0 ?? 0 }
        }
        guard count > 0 else {
            throw CommandFailure(
                message: "\(path) has no lists with scores; write it by generate --best-of N --all-lists",
                code: CommandFailure.data
            )
        }
    }

    /// The list with a number for each person.
    func lists(_ number: Int) -> [String: [String]] { candidates.mapValues { $0[number] } }
}
