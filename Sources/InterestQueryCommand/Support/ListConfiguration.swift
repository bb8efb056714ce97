// The part of a training's configuration that says how lists are asked for: JSON, every key optional but known.

internal import InterestQueryKit

/// How lists are asked for.
struct ListConfiguration: Codable, Sendable {
    var format = QueryListFormat.lines
    var minimumQueries = 3
    var maximumQueries = 5
    /// Holds completions to the format. Tokens without a choice are then not trained on.
    var usesGrammar = false
    var promptStyle = PromptStyle.examples
    var promptTokens = 320
    var maximumSignals = 12

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case format, minimumQueries, maximumQueries, usesGrammar, promptStyle, promptTokens, maximumSignals
    }

    init() {}

    init(from decoder: any Decoder) throws {
        let values = try decoder.checkedContainer(keyedBy: CodingKeys.self)
        format = try values.decodeIfPresent(QueryListFormat.self, forKey: .format) ?? format
        minimumQueries = try values.decodeIfPresent(Int.self, forKey: .minimumQueries) ?? minimumQueries
        maximumQueries = try values.decodeIfPresent(Int.self, forKey: .maximumQueries) ?? maximumQueries
        usesGrammar = try values.decodeIfPresent(Bool.self, forKey: .usesGrammar) ?? usesGrammar
        promptStyle = try values.decodeIfPresent(PromptStyle.self, forKey: .promptStyle) ?? promptStyle
        promptTokens = try values.decodeIfPresent(Int.self, forKey: .promptTokens) ?? promptTokens
        maximumSignals = try values.decodeIfPresent(Int.self, forKey: .maximumSignals) ?? maximumSignals
    }

    func options(maximumTokens: Int) throws -> InterestQueryOptions {
        guard minimumQueries <= maximumQueries else {
            throw TrainingError.invalidOption(
                name: "list.minimumQueries",
                value: "\(minimumQueries)",
                permitted: "at most maximumQueries, \(maximumQueries)"
            )
        }
        return try InterestQueryOptions(
            format: format,
            queryCount: minimumQueries...maximumQueries,
            maximumTokens: maximumTokens,
            prompt: try PromptOptions(
                style: promptStyle,
                tokenBudget: promptTokens,
                maximumSignals: maximumSignals
            )
        )
    }
}
