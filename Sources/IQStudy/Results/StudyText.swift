// Numbers of the tables as people read them.

internal import IQInterest
internal import IQTraining

enum StudyText {
    /// Without the 0 before the point: `.217`, `3.680`.
    static func number(_ value: Double, decimals: Int = 3) -> String {
        let text = NumberText.fixed(value, decimals: decimals)
        if text.hasPrefix("0.") { return String(text.dropFirst()) }
        if text.hasPrefix("−0.") { return "−" + text.dropFirst(2) }
        return text
    }

    /// An estimate with its interval: `.217 (.183 to .251)`.
    static func interval(_ interval: ConfidenceInterval) -> String {
        "\(number(interval.estimate)) (\(number(interval.lower)) to \(number(interval.upper)))"
    }

    /// A measure of a system, or why there is none.
    static func measure(_ measure: StudyMeasure, of row: StudyResults.SystemRow?) -> String {
        guard let row, row.isMeasured else { return missing }
        return row.measures[measure.name].map { interval($0) } ?? none
    }

    /// The same with a sign: a difference.
    static func signed(_ interval: ConfidenceInterval) -> String {
        func sign(_ value: Double) -> String { (value > 0 ? "+" : "") + number(value) }
        return "\(sign(interval.estimate)) (\(sign(interval.lower)) to \(sign(interval.upper)))"
    }

    static func signed(_ interval: ConfidenceInterval?) -> String { interval.map { signed($0) } ?? none }

    static func rate(_ value: Double) -> String { NumberText.fixed(value, decimals: 1) }

    static func percent(_ share: Double) -> String { NumberText.fixed(100 * share, decimals: 0) + " %" }

    /// Of a stage that is not done.
    static let missing = "not run"
    /// Of what a system does not have, such as the rewards of one that writes no lists.
    static let none = "–"

    /// A table in Markdown.
    static func table(_ header: [String], _ rows: [[String]]) -> String {
        func line(_ cells: [String]) -> String {
            "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
        }
        return line(header) + "|" + String(repeating: "---|", count: header.count) + "\n"
            + rows.map(line).joined()
    }
}
