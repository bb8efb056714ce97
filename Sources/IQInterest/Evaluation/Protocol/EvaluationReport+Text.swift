// The report as a table of text, as JSON and as a page.

extension EvaluationReport {
    /// Tables for a terminal: means, and under them the interval of each.
    public var text: String {
        var result = ""
        for group in groups {
            guard let first = group.first else { continue }
            result += Self.heading(first) + "\n"
            let names = first.cells.map(\.metric)
            let width = (group.map(\.system.count) + [6]).max() ?? 6
            result += Self.padded("system", width) + names.map { Self.leading($0, Self.columnWidth) }.joined() + "\n"
            for row in group {
                result += Self.padded(row.system, width)
                result +=
                    row.cells.map { Self.leading(Self.decimal($0.mean.estimate), Self.columnWidth) }.joined() + "\n"
                result += Self.padded("", width)
                result +=
                    row.cells.map {
                        Self.leading("\(Self.decimal($0.mean.lower))-\(Self.decimal($0.mean.upper))", Self.columnWidth)
                    }
                    .joined() + "\n"
            }
            result += "\n"
        }
        for note in notes { result += note + "\n" }
        return result
    }

    /// One JSON object, on one line.
    public var json: String {
        func interval(_ value: ConfidenceInterval) -> String {
            "{\"estimate\": \(JSONText.number(value.estimate)), \"lower\": \(JSONText.number(value.lower)), "
                + "\"upper\": \(JSONText.number(value.upper)), \"level\": \(JSONText.number(value.level))}"
        }
        let rows = rows.map { row in
            let cells = row.cells.map { cell in
                var members = ["\"metric\": \(JSONText.quoted(cell.metric))", "\"mean\": \(interval(cell.mean))"]
                if let difference = cell.differenceToFirst {
                    members.append("\"differenceToFirst\": \(interval(difference))")
                }
                return "{\(members.joined(separator: ", "))}"
            }
            return "{\"system\": \(JSONText.quoted(row.system)), \"task\": \(JSONText.quoted(row.task.rawValue)), "
                + "\"slice\": \(JSONText.quoted(row.slice.rawValue)), \"people\": \(row.people), \"cases\": \(row.cases), "
                + "\"cells\": [\(cells.joined(separator: ", "))]}"
        }
        return "{\"notes\": \(JSONText.array(notes)), \"rows\": [\(rows.joined(separator: ", "))]}"
    }

    /// A page that needs no other file: the tables, and a plot of each table's last measures with their intervals.
    public var html: String {
        var body = ""
        for group in groups {
            guard let first = group.first else { continue }
            body += "<h2>\(Self.escaped(Self.heading(first)))</h2>\n<table><tr><th>system</th>"
            body += first.cells.map { "<th>\(Self.escaped($0.metric))</th>" }.joined() + "</tr>\n"
            for row in group {
                body += "<tr><th>\(Self.escaped(row.system))</th>"
                body +=
                    row.cells.map {
                        "<td>\(Self.decimal($0.mean.estimate))<br><small>\(Self.decimal($0.mean.lower))–"
                            + "\(Self.decimal($0.mean.upper))</small></td>"
                    }
                    .joined() + "</tr>\n"
            }
            body += "</table>\n"
            for metric in Self.plotted where first.cells.contains(where: { $0.metric == metric }) {
                body += Self.plot(group, metric: metric)
            }
        }
        let notes = notes.map { "<li>\(Self.escaped($0))</li>" }.joined(separator: "\n")
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>Evaluation</title><style>
            body { font: 14px sans-serif; margin: 2em; }
            table { border-collapse: collapse; }
            td, th { padding: 3px 8px; text-align: right; border-bottom: 1px solid #ddd; font-variant-numeric: tabular-nums; }
            th:first-child { text-align: left; font-weight: normal; }
            small { color: #666; }
            svg { display: block; margin: 1em 0; }
            </style></head><body><h1>Evaluation</h1>
            \(body)<ul>\(notes)</ul></body></html>

            """
    }

    /// The measures that are drawn.
    private static let plotted: Set<String> = ["Recall@10", "NDCG@10", "AUC", ListRewards.sumName]
    private static let columnWidth = 14

    /// A dot for each system with its interval as a line, from 0 to the largest upper end.
    private static func plot(_ group: [Row], metric: String) -> String {
        let points = group.compactMap { row in row.cells.first { $0.metric == metric }.map { (row.system, $0.mean) } }
        let largest = points.map(\.1.upper).max() ?? 1
        let scale = largest > 0 ? 420 / largest : 0
        let (left, line) = (240.0, 20.0)
        func x(_ value: Double) -> String { decimal(left + value * scale) }
        var lines = ""
        for (index, (system, mean)) in points.enumerated() {
            let y = decimal(40 + Double(index) * line)
            lines += "<text x=\"\(left - 10)\" y=\"\(y)\" dy=\"4\" text-anchor=\"end\">\(escaped(system))</text>"
            lines += "<line x1=\"\(x(mean.lower))\" x2=\"\(x(mean.upper))\" y1=\"\(y)\" y2=\"\(y)\" stroke=\"#36c\"/>"
            lines += "<circle cx=\"\(x(mean.estimate))\" cy=\"\(y)\" r=\"4\" fill=\"#36c\"/>"
            lines += "<text x=\"\(left + 435)\" y=\"\(y)\" dy=\"4\">\(decimal(mean.estimate))</text>\n"
        }
        let height = Int(50 + Double(points.count) * line)
        return
            "<svg width=\"740\" height=\"\(height)\" font-size=\"12\" role=\"img\" aria-label=\"\(escaped(metric))\">"
            + "<text x=\"\(left)\" y=\"18\" font-weight=\"bold\">\(escaped(metric))</text>\n\(lines)</svg>\n"
    }

    private var groups: [[Row]] {
        var groups: [[Row]] = []
        for row in rows {
            if let last = groups.last?.last, last.task == row.task, last.slice == row.slice {
                groups[groups.count - 1].append(row)
            } else {
                groups.append([row])
            }
        }
        return groups
    }

    private static func heading(_ row: Row) -> String {
        let slice = row.slice == .all ? "" : ", at most \(coldHistory) articles read before"
        return "\(row.task.rawValue)\(slice): \(row.people) people, \(row.cases) cases, mean over people"
    }

    /// With four decimals.
    private static func decimal(_ value: Double) -> String {
        let scaled = Int((abs(value) * 10_000).rounded())
        let fraction = String(scaled % 10_000)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        return sign + "\(scaled / 10_000)." + String(repeating: "0", count: 4 - fraction.count) + fraction
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func leading(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
    }
}
