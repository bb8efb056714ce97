// The page that shows what became of a run, or of several beside each other. A pure function of their logs.

/// A run as a report shows it.
package struct ReportedRun: Sendable {
    package var name: String
    package var records: [MetricRecord]
    /// Options, versions, files: whatever was recorded, by dotted names.
    package var settings: [(name: String, value: String)]

    package init(name: String, records: [MetricRecord], settings: [(name: String, value: String)]) {
        self.name = name
        self.records = records
        self.settings = settings
    }

    /// Names of its metrics, in the order of their first values.
    var metricNames: [String] {
        var seen: Set<String> = []
        return records.flatMap(\.metrics).map(\.name).filter { seen.insert($0).inserted }
    }

    func points(_ name: String) -> [CurvePoint] {
        records.compactMap { record in record[name].map { CurvePoint(Double(record.step), $0) } }
    }

    /// Tokens per second between one step and the next.
    var speeds: [CurvePoint] {
        var points: [CurvePoint] = []
        var last: MetricRecord?
        for record in records where record.step != last?.step {
            if let last, record.seconds > last.seconds {
                points.append(
                    CurvePoint(
                        Double(record.step),
                        Double(record.tokens - last.tokens) / (record.seconds - last.seconds)
                    )
                )
            }
            last = record
        }
        return points
    }
}

package struct RunReport: Sendable {
    package var runs: [ReportedRun]

    package init(_ runs: [ReportedRun]) { self.runs = runs }

    /// Metrics measured on held-out data carry this before the name of the same metric in training; both share a diagram.
    package static let validationPrefix = "validation_"

    /// The page: one file without scripts and without anything from elsewhere, which its own policy forbids.
    package var html: String {
        let title = runs.count == 1 ? "Training of \(runs[0].name)" : "Training of \(runs.count) runs"
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(HTMLText.escaped(title))</title>
            <style>
            \(ReportStyle.css)
            </style>
            </head>
            <body>
            <h1>\(HTMLText.escaped(title))</h1>
            \(legend)
            <div class="charts">
            \(charts.compactMap(Self.figure).joined())</div>
            \(figures)
            \(settings)
            </body>
            </html>

            """
    }

    // MARK: Diagrams

    /// All metrics of all runs, each once.
    private var metricNames: [String] {
        var seen: Set<String> = []
        return runs.flatMap(\.metricNames).filter { seen.insert($0).inserted }
    }

    var charts: [Chart] {
        let names = metricNames
        var charts = names.filter { name in
            // Those of held-out data go with their twins.
            !name.hasPrefix(Self.validationPrefix)
                || !names.contains(String(name.dropFirst(Self.validationPrefix.count)))
        }
        .map { name in
            var curves: [ChartCurve] = []
            for (index, run) in runs.enumerated() {
                let isValidation = name.hasPrefix(Self.validationPrefix)
                curves.append(
                    ChartCurve(points: run.points(name), run: index, style: isValidation ? .validation : .measured)
                )
                curves.append(
                    ChartCurve(points: run.points(Self.validationPrefix + name), run: index, style: .validation)
                )
            }
            return Chart(
                title: Self.readable(name),
                xTitle: "optimiser step",
                yTitle: Self.readable(name),
                curves: curves.filter { !$0.points.isEmpty }
            )
        }
        let speeds = runs.enumerated().map { ChartCurve(points: $1.speeds, run: $0, style: .measured) }
        charts.append(
            Chart(title: "speed", xTitle: "optimiser step", yTitle: "tokens per second", curves: speeds)
        )
        return charts
    }

    private static func figure(_ chart: Chart) -> String? {
        guard let svg = chart.svg() else { return nil }
        var caption: [String] = []
        let styles = Set(chart.curves.map(\.style))
        if styles.count > 1 { caption.append("Dotted: on held-out data.") }
        if let note = chart.note { caption.append(note + ".") }
        return """
            <figure>
            <h3>\(HTMLText.escaped(chart.title))</h3>
            \(svg)<figcaption>\(HTMLText.escaped(caption.joined(separator: " ")))</figcaption>
            </figure>

            """
    }

    private var legend: String {
        let explanation = "<p>Thin: every value. Thick: their running mean.</p>"
        guard runs.count > 1 else { return explanation }
        let entries = runs.enumerated().map { index, run in
            "<li><svg viewBox=\"0 0 26 10\"><path class=\"smooth \(Chart.colorClass(index))\" d=\"M1 5H25\"/></svg>"
                + HTMLText.escaped(run.name) + "</li>\n"
        }
        return explanation + "\n<ul class=\"legend\">\n\(entries.joined())</ul>"
    }

    static func readable(_ name: String) -> String { name.replacing("_", with: " ") }

    // MARK: Tables

    private var figures: String {
        var rows = ""
        for run in runs {
            let last = run.records.last
            let speed = last.flatMap { $0.seconds > 0 ? Double($0.tokens) / $0.seconds : nil }
            rows += "<tr><th>\(HTMLText.escaped(run.name))</th>"
            for text in [
                NumberText.grouped(last?.step ?? 0), NumberText.grouped(last?.tokens ?? 0),
                NumberText.duration(last?.seconds ?? 0), speed.map { NumberText.fixed($0, decimals: 0) } ?? "-",
            ] { rows += "<td class=\"n\">\(HTMLText.escaped(text))</td>" }
            rows += "</tr>\n"
        }
        var text = "<h2>Runs</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>run</th><th class=\"n\">steps</th>"
        text += "<th class=\"n\">tokens</th><th class=\"n\">time</th><th class=\"n\">tokens/s</th></tr></thead>\n"
        text += "<tbody>\n\(rows)</tbody></table></div>\n"
        let names = metricNames
        guard !names.isEmpty else { return text }
        text += "<h2>Final figures</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>metric</th><th>run</th>"
        text += "<th class=\"n\">last</th><th class=\"n\">mean of the last tenth</th><th class=\"n\">lowest</th>"
        text += "<th class=\"n\">highest</th></tr></thead>\n<tbody>\n"
        for name in names {
            for run in runs { text += Self.figureRow(name, run) }
        }
        return text + "</tbody></table></div>"
    }

    private static func figureRow(_ name: String, _ run: ReportedRun) -> String {
        let points = run.points(name)
        guard let last = points.last else { return "" }
        let tail = points.suffix(max(1, points.count / 10)).map(\.y)
        let finite = points.filter(\.y.isFinite)
        func extreme(_ point: CurvePoint?) -> String {
            guard let point else { return "-" }
            return "\(NumberText.significant(point.y)) <small>at \(NumberText.grouped(Int(point.x)))</small>"
        }
        return "<tr><th>\(HTMLText.escaped(readable(name)))</th><td>\(HTMLText.escaped(run.name))</td>"
            + "<td class=\"n\">\(NumberText.significant(last.y))</td>"
            + "<td class=\"n\">\(NumberText.significant(tail.reduce(0, +) / Double(tail.count)))</td>"
            + "<td class=\"n\">\(extreme(finite.min { $0.y < $1.y }))</td>"
            + "<td class=\"n\">\(extreme(finite.max { $0.y < $1.y }))</td></tr>\n"
    }

    /// One row for each setting; those in which runs differ are marked.
    private var settings: String {
        var seen: Set<String> = []
        let names = runs.flatMap(\.settings).map(\.name).filter { seen.insert($0).inserted }
        guard !names.isEmpty else { return "" }
        let valuesOf = runs.map { run in
            Dictionary(run.settings.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        }
        var text = "<h2>Options, machine and files</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>name</th>"
        for run in runs { text += "<th>\(HTMLText.escaped(runs.count == 1 ? "value" : run.name))</th>" }
        text += "</tr></thead>\n<tbody>\n"
        for name in names {
            let values = valuesOf.map { $0[name] ?? "" }
            text += Set(values).count > 1 ? "<tr class=\"differs\">" : "<tr>"
            text += "<th>\(HTMLText.escaped(name))</th>"
            for value in values { text += "<td>\(HTMLText.escaped(value))</td>" }
            text += "</tr>\n"
        }
        return text + "</tbody></table></div>"
    }
}
