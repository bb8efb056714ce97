// A training's progress on the standard error: one line rewritten in place on a terminal, a plain line every few seconds
// elsewhere.

internal import InterestQueryKit

/// Shows what ``TrainingProgress`` says.
struct TrainingProgressLine {
    private var progress: TrainingProgress
    private let metrics: [String]
    private let isQuiet: Bool
    private let isTerminal = StandardError.isTerminal
    /// At least so long between two lines.
    private let interval: Duration
    private var lastShown: ContinuousClock.Instant?
    private var isLineOpen = false

    /// Eyes follow no more on a terminal.
    private static let terminalInterval = Duration.milliseconds(125)

    /// - Parameters:
    ///   - metrics: names of those to show.
    ///   - secondsBetweenLines: where the standard error is no terminal.
    init(
        _ progress: TrainingProgress,
        showing metrics: [String] = ["loss", "validation_loss"],
        isQuiet: Bool = false,
        secondsBetweenLines: Int = 10
    ) {
        self.progress = progress
        self.metrics = metrics
        self.isQuiet = isQuiet
        interval = isTerminal ? Self.terminalInterval : .seconds(secondsBetweenLines)
    }

    /// Takes in a record, and shows it if the last line is old enough.
    mutating func add(_ record: MetricRecord) {
        progress.add(record)
        guard !isQuiet else { return }
        let now = ContinuousClock.now
        if let lastShown, now - lastShown < interval, progress.step != progress.stepCount { return }
        lastShown = now
        show()
    }

    /// Says something beside the line, as that a checkpoint was saved.
    mutating func note(_ text: String) {
        clear()
        guard !isQuiet else { return }
        StandardError.write(text + "\n")
        if isTerminal, lastShown != nil { show() }
    }

    /// Leaves the last line standing.
    mutating func finish() {
        guard isLineOpen else { return }
        StandardError.write("\n")
        isLineOpen = false
    }

    private mutating func show() {
        guard isTerminal else {
            StandardError.write(progress.line(showing: metrics) + "\n")
            return
        }
        StandardError.write("\r\u{1B}[K" + progress.line(showing: metrics, columns: StandardError.columns))
        isLineOpen = true
    }

    private mutating func clear() {
        guard isLineOpen else { return }
        StandardError.write("\r\u{1B}[K")
        isLineOpen = false
    }
}
