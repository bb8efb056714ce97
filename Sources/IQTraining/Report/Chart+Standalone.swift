// A diagram as a file of its own, with its colours in it.

extension Chart {
    /// The diagram as an SVG file; nil if there is no value to draw.
    ///
    /// - Parameter legend: the names of the curves' runs, in the order of their numbers.
    package func standaloneSVG(legend: [String] = []) -> String? {
        guard let svg = svg() else { return nil }
        let line = 18
        let (width, height) = (640, 340 + line * legend.count)
        var text =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(width) \(height)\" font-family=\"sans-serif\">\n"
        text +=
            "<style>\(ReportStyle.css)</style>\n<rect width=\"\(width)\" height=\"\(height)\" style=\"fill:var(--card)\"/>\n"
        text += "<svg width=\"\(width)\" height=\"340\">\n\(svg)</svg>\n"
        for (run, name) in legend.enumerated() {
            let y = 340 + line * run
            text += "<path class=\"smooth \(Self.colorClass(run))\" d=\"M78 \(y)H104\"/>"
            text += "<text class=\"tick\" x=\"112\" y=\"\(y + 4)\">\(HTMLText.escaped(name))</text>\n"
        }
        return text + "</svg>\n"
    }
}
