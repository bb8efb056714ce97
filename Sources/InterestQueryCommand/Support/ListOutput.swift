// Lists on the standard output, in the order of the people.

internal import InterestQueryKit

struct ListOutput {
    private let people: [Person]
    private let output: GenerateCommand.Output
    /// Texts that wait for those before them.
    private var waiting: [Int: String] = [:]
    private var nextPerson = 0
    /// The person whose queries are shown one by one.
    private var shownHeading: Int?

    init(people: [Person], output: GenerateCommand.Output) {
        self.people = people
        self.output = output
    }

    /// Shows one query of a list that is not complete yet.
    mutating func show(query: String, person: Int) throws {
        if shownHeading != person {
            try StandardOutput.write(people[person].id + "\n")
            shownHeading = person
        }
        try StandardOutput.write("  \(query)\n")
    }

    mutating func show(_ result: InterestQueryResult) throws {
        let id = people[result.person].id
        let text =
            switch output {
            case .json: Self.json(id, result)
            case .text where shownHeading == result.person: "\n"
            case .text: id + "\n" + result.list.map { "  \($0)\n" }.joined() + "\n"
            }
        try add(text, person: result.person)
    }

    mutating func show(_ error: InterestQueryError, person: Int) throws {
        let id = people[person].id
        let text =
            switch output {
            case .json:
                "{\"id\": \(JSONText.quoted(id)), \"queries\": [], \"problem\": \(JSONText.quoted("\(error)"))}\n"
            case .text: "\(id)\n  (no list: \(error))\n\n"
            }
        try add(text, person: person)
    }

    private mutating func add(_ text: String, person: Int) throws {
        waiting[person] = text
        while let text = waiting.removeValue(forKey: nextPerson) {
            try StandardOutput.write(text)
            nextPerson += 1
        }
    }

    private static func json(_ id: String, _ result: InterestQueryResult) -> String {
        let dropped = result.list.dropped.map {
            "{\"text\": \(JSONText.quoted($0.text)), \"reason\": \(JSONText.quoted($0.reason.rawValue))}"
        }
        let members = [
            "\"id\": \(JSONText.quoted(id))",
            "\"queries\": \(JSONText.array(result.list.queries))",
            "\"dropped\": [\(dropped.joined(separator: ", "))]",
            "\"stopReason\": \(JSONText.quoted(result.reason.rawValue))",
            "\"promptTokens\": \(result.promptTokens)",
            "\"generatedTokens\": \(result.generatedTokens)",
            "\"signalsShown\": \(result.signalsShown)",
            "\"signalsGiven\": \(result.signalsGiven)",
        ]
        return "{\(members.joined(separator: ", "))}\n"
    }
}
