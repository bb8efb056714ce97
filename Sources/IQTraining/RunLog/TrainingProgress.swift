// How far a training is, in one line. Pure: it is given what happened and when; where the line goes is the caller's matter.

/// Follows the steps of a run and says where it stands.
package struct TrainingProgress: Sendable {
    private struct Mark {
        var step: Int
        var tokens: Int
        var seconds: Double
    }

    /// Steps of the whole run; nil if nobody knows.
    package let stepCount: Int?
    private var marks: [Mark]
    private var metrics: [MetricRecord.Metric] = []

    /// Speed is that of the last so many steps: an earlier slow phase should not spoil the forecast.
    private static let steadyMarks = 64

    /// - Parameters:
    ///   - step: steps done before this process began; `tokens` and `seconds` likewise.
    package init(stepCount: Int?, step: Int = 0, tokens: Int = 0, seconds: Double = 0) {
        self.stepCount = stepCount
        marks = [Mark(step: step, tokens: tokens, seconds: seconds)]
    }

    /// Takes in what was logged of a step. Metrics of records without new ones stay.
    package mutating func add(_ record: MetricRecord) {
        let mark = Mark(step: record.step, tokens: record.tokens, seconds: record.seconds)
        if marks.last?.step == record.step { marks[marks.count - 1] = mark } else { marks.append(mark) }
        if marks.count > Self.steadyMarks + 1 { marks.removeFirst() }
        for metric in record.metrics {
            if let index = metrics.firstIndex(where: { $0.name == metric.name }) {
                metrics[index] = metric
            } else {
                metrics.append(metric)
            }
        }
    }

    package var step: Int { marks.last?.step ?? 0 }

    /// Of the last steps; nil before there is a speed.
    package var tokensPerSecond: Double? {
        rate { Double($0.tokens) }
    }

    /// Seconds to the last step at the present speed.
    package var secondsLeft: Double? {
        guard let stepCount, let speed = rate({ Double($0.step) }), speed > 0 else { return nil }
        return Double(max(0, stepCount - step)) / speed
    }

    private func rate(_ amount: (Mark) -> Double) -> Double? {
        guard let first = marks.first, let last = marks.last, last.seconds > first.seconds else { return nil }
        return (amount(last) - amount(first)) / (last.seconds - first.seconds)
    }

    /// `step 120 of 1000 · loss 3.214 · 1234 tokens/s · 2 min 05 s left`
    ///
    /// - Parameters:
    ///   - metrics: names of those to show, in this order; absent ones are left out.
    ///   - columns: width of the terminal; what does not fit is left out from the end, in whole parts.
    package func line(showing metrics: [String] = ["loss"], columns: Int? = nil) -> String {
        var parts = ["step \(step)" + (stepCount.map { " of \($0)" } ?? "")]
        for name in metrics {
            guard let metric = self.metrics.first(where: { $0.name == name }) else { continue }
            parts.append("\(name.replacing("_", with: " ")) \(NumberText.significant(metric.value))")
        }
        if let speed = tokensPerSecond { parts.append("\(NumberText.fixed(speed, decimals: 0)) tokens/s") }
        if let seconds = secondsLeft { parts.append("\(NumberText.duration(seconds)) left") }
        guard let columns else { return parts.joined(separator: Self.separator) }
        var line = ""
        for part in parts {
            let longer = line.isEmpty ? part : line + Self.separator + part
            // The last column stays free: some terminals wrap when it is filled.
            guard longer.count < columns else { break }
            line = longer
        }
        return line
    }

    private static let separator = " · "
}
