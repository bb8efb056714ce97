// The report of runs: round marks on the axes, curves that lose no peak, and a page that strangers' text cannot enter.

import IQTraining
import Testing

@Suite struct RunReportTests {
    // MARK: Axes

    @Test(arguments: [
        (1.58, 4.3, 7, [2.0, 2.5, 3, 3.5, 4]), (0, 500, 8, [0, 100, 200, 300, 400, 500]),
        (0, 1, 6, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-1, 1, 5, [-1, -0.5, 0, 0.5, 1]), (0, 2e-4, 7, [0, 5e-5, 1e-4, 1.5e-4, 2e-4]),
        (999, 1001, 4, [999, 1000, 1001]),
        (0, 3e9, 4, [0, 1e9, 2e9, 3e9]),
    ])
    func `marks stand at multiples of 1, 2 or 5`(_ low: Double, _ high: Double, _ count: Int, _ values: [Double]) {
        let ticks = AxisTicks(from: low, to: high, atMost: count)
        #expect(ticks.values.count == values.count)
        for (tick, value) in zip(ticks.values, values) { #expect(abs(tick - value) <= 1e-12 * abs(high)) }
    }

    @Test(arguments: [
        (0.0, 3.0, 8, 1.0, ["0", "1", "2", "3"]), (0, 0.7, 4, 0, ["0", "0.2", "0.4", "0.6"]),
        (0, 2e-4, 7, 0, ["0", "5e-5", "1e-4", "1.5e-4", "2e-4"]), (-2, 2, 4, 0, ["−2", "0", "2"]),
        (0, 40_000, 5, 1, ["0", "10\u{202F}000", "20\u{202F}000", "30\u{202F}000", "40\u{202F}000"]),
        (0, 2e7, 3, 1, ["0", "1e7", "2e7"]), (1.5, 2.1, 4, 0, ["1.6", "1.8", "2.0"]),
    ])
    func `labels are short and of one kind`(
        _ low: Double,
        _ high: Double,
        _ count: Int,
        _ smallest: Double,
        _ labels: [String]
    ) {
        let ticks = AxisTicks(from: low, to: high, atMost: count, smallestStep: smallest)
        #expect(ticks.values.map { ticks.label($0) } == labels)
    }

    // MARK: Curves

    @Test func `the mean of a straight line is the line, ends included`() {
        let line = (0..<50).map { CurvePoint(Double($0), 3 - 2 * Double($0)) }
        for (smooth, point) in zip(CurveData.smoothed(line, reach: 4), line) {
            #expect(smooth.x == point.x)
            #expect(abs(smooth.y - point.y) < 1e-12)
        }
    }

    @Test func `the mean takes as many values from the left as from the right`() {
        let values: [Double] = [0, 6, 0, 9, .nan, 0, 30]
        let points = values.enumerated().map { CurvePoint(Double($0), $1) }
        // Of the finite ones: 0, (0 6 0)/3, (0 6 0 9 0)/5, (6 0 9 0 30)/5, (9 0 30)/3, 30.
        #expect(CurveData.smoothed(points, reach: 2).map(\.y) == [0, 2, 3, 9, 13, 30])
    }

    @Test func `thinning keeps the first, the last and every peak`() {
        var points = (0..<10_000).map { CurvePoint(Double($0), Double($0 % 7)) }
        points[4321].y = 100
        points[8765].y = -100
        let thinned = CurveData.thinned(points, columns: 200)
        #expect(thinned.count <= 400)
        #expect(thinned.contains(points[4321]) && thinned.contains(points[8765]))
        #expect(zip(thinned, thinned.dropFirst()).allSatisfy { $0.x < $1.x })
        #expect(CurveData.thinned(Array(points[..<400]), columns: 200).count == 400)
    }

    @Test func `a few outliers do not squeeze the others together`() throws {
        func range(_ values: [Double]) -> ClosedRange<Double>? { CurveData.range(values.map { CurvePoint(0, $0) }) }
        let inner = try #require(range((0..<1000).map { Double($0 % 10) } + [1e9, .infinity, .nan]))
        #expect(inner.lowerBound == 0)
        #expect((9...15).contains(inner.upperBound))
        #expect(range([.nan, .infinity]) == nil)
        #expect(range([3, 3]) == 2.7...3.3)
        #expect(range([0]) == -0.5...0.5)
    }

    @Test func `a curve without finite values has no diagram, a single value has one`() {
        func svg(_ values: [Double]) -> String? {
            let points = values.enumerated().map { CurvePoint(Double($0 + 1), $1) }
            let curves = [ChartCurve(points: points, run: 0, style: .measured)]
            return Chart(title: "loss", xTitle: "step", yTitle: "loss", curves: curves).svg()
        }
        #expect(svg([]) == nil)
        #expect(svg([.nan, .infinity]) == nil)
        #expect(svg([2])?.contains("<circle class=\"c0\"") == true)
        // Two pieces, since a value is missing between them.
        #expect(svg([1, 2, .nan, 4, 5])?.split(separator: "M").count(where: { $0.contains("L") }) == 2)
        #expect(svg([1e299, -1e299, 1e308, 0])?.contains("nan") == false)
    }

    // MARK: Page

    private static func run(_ name: String, steps: Int = 40, settings: [(String, String)] = []) -> ReportedRun {
        ReportedRun(
            name: name,
            records: (1...steps).map { step in
                MetricRecord(
                    step: step,
                    seconds: Double(step) / 2,
                    tokens: 100 * step,
                    metrics: [.init("loss", 4 - Double(step) / 20)]
                        + (step % 10 == 0 ? [.init("validation_loss", 4 - Double(step) / 25)] : [])
                )
            },
            settings: settings.map { (name: $0.0, value: $0.1) }
        )
    }

    @Test func `one run: curves with titled axes, final figures, options`() {
        let page = RunReport([Self.run("first", settings: [("seed", "7")])]).html
        #expect(page.contains("<title>Training of first</title>"))
        #expect(page.contains(">optimiser step</text>"))
        #expect(page.contains(">tokens per second</text>"))
        // Loss and its held-out twin share a diagram; the other one is the speed.
        #expect(page.split(separator: "<figure>").count == 3)
        #expect(page.contains("Dotted: on held-out data."))
        // Last value, mean of the last tenth, lowest and highest with their steps.
        #expect(
            page.contains(
                "<tr><th>loss</th><td>first</td><td class=\"n\">2</td><td class=\"n\">2.075</td>"
                    + "<td class=\"n\">2 <small>at 40</small></td><td class=\"n\">3.95 <small>at 1</small></td></tr>"
            )
        )
        #expect(page.contains("<tr><th>first</th><td class=\"n\">40</td><td class=\"n\">4\u{202F}000</td>"))
        #expect(page.contains("<td class=\"n\">20 s</td><td class=\"n\">200</td>"))
        #expect(page.contains("<tr><th>seed</th><td>7</td></tr>"))
    }

    @Test func `several runs: a legend, and marks where they differ`() {
        let page = RunReport([
            Self.run("a", settings: [("seed", "7"), ("rank", "8")]), Self.run("b", settings: [("seed", "7")]),
        ]).html
        #expect(page.contains("<ul class=\"legend\">"))
        #expect(page.contains("class=\"smooth c1\""))
        #expect(page.contains("<tr><th>seed</th><td>7</td><td>7</td></tr>"))
        #expect(page.contains("<tr class=\"differs\"><th>rank</th><td>8</td><td></td></tr>"))
    }

    @Test func `text of strangers stays text`() {
        let hostile = "</title><script>alert('x')</script>\" onload=\"x & \u{0}\u{1B}"
        var run = Self.run(hostile, steps: 30, settings: [(hostile, hostile)])
        run.records.append(
            MetricRecord(
                step: 31,
                seconds: 20,
                tokens: 1,
                metrics: [.init(hostile, 1), .init("]]>--><svg/onload=x>", 2)]
            )
        )
        for page in [RunReport([run]).html, RunReport([run, run]).html] {
            #expect(!page.contains("<script"))
            #expect(!page.contains("<svg/onload"))
            #expect(!page.contains("\" onload"))
            #expect(!page.utf8.contains(0))
            #expect(
                page.contains(
                    "&lt;/title&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot; onload=&quot;x &amp; \u{FFFD}\u{FFFD}"
                )
            )
            #expect(page.contains("default-src 'none'"))
            // Nothing is fetched from anywhere.
            for word in ["http:", "https:", "src=", "url(", "@import", "href"] { #expect(!page.contains(word)) }
        }
    }

    @Test func `a run without records still has a page`() {
        let page = RunReport([ReportedRun(name: "empty", records: [], settings: [])]).html
        #expect(page.contains("<tr><th>empty</th><td class=\"n\">0</td>"))
        #expect(!page.contains("<figure>"))
    }

    @Test func `folders are read, runs of one name are told apart by their paths`() throws {
        let folder = try ScratchFolder()
        for name in ["x/run", "y/run", "y/other"] {
            try folder.makeFolder(name)
            try folder.write(Array("{\"step\": 1, \"loss\": 2}\n{\"step\": 2, \"lo".utf8), name + "/metrics.jsonl")
        }
        try folder.write(
            Array(#"{"a": {"b": [1, 2.5], "c": null, "d": true}, "e": [{"f": "g"}]}"#.utf8),
            "y/run/run.json"
        )
        let report = try RunReport(folders: ["x/run", "y/run/", "y/other"].map(folder.file))
        #expect(report.runs.map(\.name) == [folder.file("x/run"), folder.file("y/run/"), "other"])
        #expect(
            report.runs[1].settings.map { "\($0.name)=\($0.value)" } == ["a.b=1 2.5", "a.c=none", "a.d=yes", "e.1.f=g"]
        )
        try report.write(to: folder.file("report.html"))
        #expect(try folder.text("report.html") == report.html)
        #expect(throws: RunLogError.missing(path: folder.file("z/metrics.jsonl"))) {
            try RunReport(folders: [folder.file("z")])
        }
        try folder.write(Array("{".utf8), "y/run/run.json")
        #expect { try RunReport(folders: [folder.file("y/run")]) } throws: { error in
            guard case RunLogError.malformed(folder.file("y/run/run.json"), _) = error else { return false }
            return true
        }
    }

    @Test func `a device is written to, not replaced by a file`() throws {
        let folder = try ScratchFolder()
        try folder.link("null", to: "/dev/null")
        try RunReport([]).write(to: folder.file("null"))
        #expect(try folder.target("null") == "/dev/null")
        #expect(try folder.names() == ["null"])
    }
}
