// One diagram of a report as SVG: curves of one or several runs over the steps.

/// A curve of a diagram.
package struct ChartCurve: Sendable {
    package enum Style: Sendable {
        /// A thin line of all values and a thick one of their running mean.
        case measured
        /// A line with a dot at each of its few values.
        case validation
    }

    package var points: [CurvePoint]
    /// Which run it is of; gives the colour.
    package var run: Int
    package var style: Style

    package init(points: [CurvePoint], run: Int, style: Style) {
        self.points = points
        self.run = run
        self.style = style
    }
}

package struct Chart: Sendable {
    package var title: String
    package var xTitle: String
    package var yTitle: String
    package var curves: [ChartCurve]

    package init(title: String, xTitle: String, yTitle: String, curves: [ChartCurve]) {
        self.title = title
        self.xTitle = xTitle
        self.yTitle = yTitle
        self.curves = curves
    }

    /// Colours that the page's style defines.
    static let colorCount = 8
    private static let width = 640.0
    private static let height = 340.0
    /// The frame of the curves.
    private static let left = 78.0
    private static let right = 626.0
    private static let top = 12.0
    private static let bottom = 288.0
    /// Fewer values than this are shown as they are.
    private static let fewestToSmooth = 20
    /// The running mean reaches over this share of all values to each side.
    private static let smoothedShare = 0.02
    private static let longestDottedCurve = 60

    /// The diagram, or nil if there is no value to draw.
    package func svg() -> String? {
        let points = curves.flatMap(\.points)
        guard let yRange = CurveData.range(points), let xLow = points.map(\.x).min(),
            let xHigh = points.map(\.x).max()
        else { return nil }
        let xRange = xLow < xHigh ? xLow...xHigh : xLow - 1...xHigh + 1
        let frame = Frame(x: xRange, y: yRange)
        let label = HTMLText.escaped(title)
        var text = """
            <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" aria-label="\(label)">

            """
        text += axes(frame)
        text += "<svg x=\"\(Self.left)\" y=\"\(Self.top)\" width=\"\(Self.right - Self.left)\" "
        text += "height=\"\(Self.bottom - Self.top)\" viewBox=\"\(Self.left) \(Self.top) \(Self.right - Self.left) "
        text += "\(Self.bottom - Self.top)\">\n"
        // Thin lines below all thick ones.
        for curve in curves { text += rawLine(curve, frame) }
        for curve in curves { text += mainLine(curve, frame) }
        text += "</svg>\n</svg>\n"
        return text
    }

    /// What the diagram does not show; nil if it shows everything.
    package var note: String? {
        let values = curves.flatMap(\.points)
        var parts: [String] = []
        let odd = values.count { !$0.isDrawable }
        if odd > 0 {
            parts.append("\(NumberText.grouped(odd)) of \(NumberText.grouped(values.count)) values are not finite")
        }
        if let range = CurveData.range(values) {
            let outside = values.count { $0.isDrawable && !range.contains($0.y) }
            if outside > 0 {
                parts.append(
                    "\(NumberText.grouped(outside)) of \(NumberText.grouped(values.count)) values lie outside the frame"
                )
            }
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    // MARK: Parts

    /// From values to places.
    private struct Frame {
        let x: ClosedRange<Double>
        let y: ClosedRange<Double>

        func place(x value: Double) -> Double {
            Chart.left + (Chart.right - Chart.left) * (value - x.lowerBound) / (x.upperBound - x.lowerBound)
        }

        func place(y value: Double) -> Double {
            Chart.bottom - (Chart.bottom - Chart.top) * (value - y.lowerBound) / (y.upperBound - y.lowerBound)
        }
    }

    private func axes(_ frame: Frame) -> String {
        var text = ""
        let yTicks = AxisTicks(from: frame.y.lowerBound, to: frame.y.upperBound, atMost: 7)
        for value in yTicks.values {
            let y = Self.coordinate(frame.place(y: value))
            text += "<line class=\"grid\" x1=\"\(Self.left)\" x2=\"\(Self.right)\" y1=\"\(y)\" y2=\"\(y)\"/>"
            text += "<text class=\"tick\" x=\"\(Self.left - 7)\" y=\"\(y)\" dy=\"0.34em\" text-anchor=\"end\">"
            text += HTMLText.escaped(yTicks.label(value)) + "</text>\n"
        }
        let xTicks = AxisTicks(from: frame.x.lowerBound, to: frame.x.upperBound, atMost: 8, smallestStep: 1)
        for value in xTicks.values {
            let x = Self.coordinate(frame.place(x: value))
            text += "<line class=\"mark\" x1=\"\(x)\" x2=\"\(x)\" y1=\"\(Self.bottom)\" y2=\"\(Self.bottom + 5)\"/>"
            text += "<text class=\"tick\" x=\"\(x)\" y=\"\(Self.bottom + 19)\" text-anchor=\"middle\">"
            text += HTMLText.escaped(xTicks.label(value)) + "</text>\n"
        }
        text += "<path class=\"frame\" d=\"M\(Self.left) \(Self.top)V\(Self.bottom)H\(Self.right)\"/>\n"
        let middle = (Self.top + Self.bottom) / 2
        text +=
            "<text class=\"title\" x=\"\((Self.left + Self.right) / 2)\" y=\"\(Self.height - 10)\" text-anchor=\"middle\">"
        text += HTMLText.escaped(xTitle) + "</text>\n"
        text += "<text class=\"title\" transform=\"translate(16 \(middle)) rotate(-90)\" text-anchor=\"middle\">"
        text += HTMLText.escaped(yTitle) + "</text>\n"
        return text
    }

    private static func isSmoothed(_ curve: ChartCurve) -> Bool {
        curve.style == .measured && curve.points.count >= fewestToSmooth
    }

    /// All values, where a smoothed line is drawn over them.
    private func rawLine(_ curve: ChartCurve, _ frame: Frame) -> String {
        guard Self.isSmoothed(curve) else { return "" }
        return path(curve.points, "raw", curve.run, frame)
    }

    private func mainLine(_ curve: ChartCurve, _ frame: Frame) -> String {
        if Self.isSmoothed(curve) {
            // One value far outside would carry the mean of its neighbours along.
            let points = curve.points.filter { frame.y.contains($0.y) }
            let reach = max(1, Int(Double(points.count) * Self.smoothedShare))
            return path(CurveData.smoothed(points, reach: reach), "smooth", curve.run, frame)
        }
        let isValidation = curve.style == .validation
        var text = path(curve.points, isValidation ? "validation" : "smooth", curve.run, frame)
        guard curve.points.count <= Self.longestDottedCurve else { return text }
        for point in curve.points where point.isDrawable {
            let (x, y) = (Self.coordinate(frame.place(x: point.x)), Self.coordinate(frame.place(y: point.y)))
            text += "<circle class=\"\(Self.colorClass(curve.run))\" cx=\"\(x)\" cy=\"\(y)\" r=\"3\"/>"
        }
        return text + "\n"
    }

    /// A line through the points, broken where a value cannot be drawn.
    private func path(_ points: [CurvePoint], _ kind: String, _ run: Int, _ frame: Frame) -> String {
        var commands = ""
        var isBroken = true
        for part in points.split(whereSeparator: { !$0.isDrawable }) {
            for point in CurveData.thinned(Array(part), columns: Int(Self.right - Self.left)) {
                let (x, y) = (Self.coordinate(frame.place(x: point.x)), Self.coordinate(frame.place(y: point.y)))
                commands += "\(isBroken ? "M" : "L")\(x) \(y)"
                isBroken = false
            }
            isBroken = true
        }
        return commands.isEmpty ? "" : "<path class=\"\(kind) \(Self.colorClass(run))\" d=\"\(commands)\"/>\n"
    }

    /// The style's class of a run: a colour, and dashes from the ninth run on.
    static func colorClass(_ run: Int) -> String { "c\(run % colorCount)" + (run >= colorCount ? " dashed" : "") }

    /// A tenth of a pixel is enough. Plain digits: no locale, no exponent.
    private static func coordinate(_ value: Double) -> String {
        // Values far outside the frame are cut there anyway.
        let tenths = Int((min(max(value, -5000), 5000) * 10).rounded())
        let text = "\(abs(tenths) / 10)" + (tenths % 10 == 0 ? "" : ".\(abs(tenths) % 10)")
        return tenths < 0 ? "-" + text : text
    }
}
