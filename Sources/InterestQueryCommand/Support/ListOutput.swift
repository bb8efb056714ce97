// Lists as text or JSON Lines, in the order of the people.

internal import InterestQueryKit

struct ListOutput {
    private let output: GenerateCommand.Output
    private let write: (String) throws -> Void
    /// The record whose turn it is, if some of its queries are shown, and how many.
    private var shown: (index: Int, queries: Int)?
    /// Whose lists are done with; the next line event is of the record behind it.
    private var lastIndex: Int?
    /// Records with queries that came before it was their turn: these are shown at the end, all at once.
    private var early: Set<Int> = []
    private let shard: ShardArgument
    private let showsCandidates: Bool

    init(
        output: GenerateCommand.Output,
        shard: ShardArgument,
        showsCandidates: Bool = false,
        write: @escaping (String) throws -> Void
    ) {
        self.output = output
        self.shard = shard
        self.showsCandidates = showsCandidates
        self.write = write
    }

    /// Shows a query of a list that is not complete yet, if it is the list's turn.
    mutating func show(query: String, index: Int, id: String) throws {
        guard output == .text else { return }
        guard index == nextIndex, !early.contains(index) else {
            early.insert(index)
            return
        }
        if shown == nil { try write(id + "\n") }
        try write("  \(query)\n")
        shown = (index, (shown?.queries ?? 0) + 1)
    }

    /// Shows a line that is done.
    mutating func show(_ line: ListedLine<InterestQueryResult>) throws {
        try show(line, line.result.map { Shown(queries: $0.list.queries, json: Self.json(line.id ?? "", $0)) })
    }

    /// Shows a line whose list was chosen among others.
    mutating func show(_ line: ListedLine<SelectedList>) throws {
        try show(
            line,
            line.result.map { selected in
                let candidates = selected.candidates.map { JSONText.array($0.list.queries) }
                let more =
                    showsCandidates ? ["\"candidates\": [\(candidates.joined(separator: ", "))]"] : []
                return Shown(queries: selected.list.queries, json: Self.json(line.id ?? "", selected, more))
            }
        )
    }

    private struct Shown {
        let queries: [String]
        let json: String
    }

    private mutating func show<List>(_ line: ListedLine<List>, _ result: Result<Shown, ListedLineProblem>) throws {
        let shownQueries = shown?.index == line.index ? shown?.queries ?? 0 : 0
        switch (output, result) {
        case (.json, .success(let list)): try write(list.json)
        case (.json, .failure(let problem)): try write(Self.json(line, problem))
        case (.text, .success(let list)):
            let heading = shownQueries == 0 ? "\(line.id ?? "")\n" : ""
            try write(heading + list.queries.dropFirst(shownQueries).map { "  \($0)\n" }.joined() + "\n")
        case (.text, .failure(.noList(let error))): try write("\(line.id ?? "")\n  (no list: \(error))\n\n")
        // People read the text; a line without a person is a matter of the standard error.
        case (.text, .failure(.invalidLine)): break
        }
        early.remove(line.index)
        lastIndex = line.index
        shown = nil
    }

    private var nextIndex: Int { lastIndex.map { $0 + shard.count } ?? shard.index }

    private static func json<List>(_ line: ListedLine<List>, _ problem: ListedLineProblem) -> String {
        let name = line.id.map { "\"id\": \(JSONText.quoted($0))" } ?? "\"line\": \(line.number)"
        return "{\(name), \"queries\": [], \"problem\": \(JSONText.quoted("\(problem)"))}\n"
    }

    private static func json(_ id: String, _ result: InterestQueryResult) -> String {
        json(
            id,
            result.list,
            [
                "\"stopReason\": \(JSONText.quoted(result.reason.rawValue))",
                "\"promptTokens\": \(result.promptTokens)",
                "\"generatedTokens\": \(result.generatedTokens)", "\"signalsShown\": \(result.signalsShown)",
                "\"signalsGiven\": \(result.signalsGiven)",
            ]
        )
    }

    private static func json(_ id: String, _ selected: SelectedList, _ more: [String]) -> String {
        let origin =
            switch selected.origin {
            case .candidate(let index):
                [
                    "\"stopReason\": \(JSONText.quoted(selected.candidates[index].reason.rawValue))",
                    "\"chosen\": \(index)",
                    "\"scores\": [\(selected.candidates.map { $0.score.map { "\($0)" } ?? "null" }.joined(separator: ", "))]",
                ]
            case .merged(let support):
                [
                    "\"lists\": \(selected.candidates.count)",
                    "\"support\": [\(support.map(String.init).joined(separator: ", "))]",
                ]
            }
        return json(
            id,
            selected.list,
            origin + [
                "\"promptTokens\": \(selected.promptTokens)", "\"generatedTokens\": \(selected.generatedTokens)",
                "\"signalsShown\": \(selected.signalsShown)", "\"signalsGiven\": \(selected.signalsGiven)",
            ] + more
        )
    }

    private static func json(_ id: String, _ list: QueryList, _ more: [String]) -> String {
        let dropped = list.dropped.map {
            "{\"text\": \(JSONText.quoted($0.text)), \"reason\": \(JSONText.quoted($0.reason.rawValue))}"
        }
        let members =
            [
                "\"id\": \(JSONText.quoted(id))", "\"queries\": \(JSONText.array(list.queries))",
                "\"dropped\": [\(dropped.joined(separator: ", "))]",
            ] + more
        return "{\(members.joined(separator: ", "))}\n"
    }
}
