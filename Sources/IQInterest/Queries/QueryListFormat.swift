// The forms in which a model writes a list.

/// How a list of queries is written.
public enum QueryListFormat: String, Sendable, Hashable, Codable, CaseIterable {
    /// One query on each line. Small models do best with it.
    case lines
    /// A JSON array of strings.
    case json

    /// A list as a model is to write it.
    public func text(of queries: [String]) -> String {
        switch self {
        case .lines: queries.joined(separator: "\n")
        case .json: JSONText.array(queries)
        }
    }
}
