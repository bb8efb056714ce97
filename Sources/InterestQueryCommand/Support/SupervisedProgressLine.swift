// The progress of a training on the standard error: one line rewritten in place on a terminal, plain lines elsewhere.

internal import InterestQueryKit

struct SupervisedProgressLine {
    private let isTerminal = StandardError.isTerminal
    private let isQuiet: Bool
    private var isLineOpen = false
    private var progress = TrainingProgress(stepCount: nil)
    private var seconds = 0.0

    init(isQuiet: Bool) { self.isQuiet = isQuiet }

    mutating func show(_ event: SupervisedEvent) {
        guard !isQuiet else { return }
        switch event {
        case .started(let start): show(start)
        case .step(let step):
            seconds += step.seconds
            progress.add(
                MetricRecord(
                    step: step.step,
                    seconds: seconds,
                    tokens: step.totalTokens,
                    metrics: [.init("loss", step.loss)]
                )
            )
            line(progress.line(), inPlace: true)
            if !step.isApplied { line("step \(step.step) is left out: its loss or gradient is not finite") }
        case .evaluation(let evaluation):
            seconds += evaluation.seconds
            progress.add(
                MetricRecord(
                    step: evaluation.step,
                    seconds: seconds,
                    tokens: 0,
                    metrics: [.init("held-out loss", evaluation.loss)]
                )
            )
            line(
                "step \(evaluation.step): held-out loss \(number(evaluation.loss))\(evaluation.isBest ? ", the best" : "")"
            )
        case .checkpoint: break
        case .finished(let summary): show(summary)
        }
    }

    /// Says something beside the line.
    mutating func note(_ text: String) {
        if !isQuiet { line(text) }
    }

    private mutating func show(_ start: SupervisedStart) {
        for error in start.damagedCheckpoints { line("\(error)") }
        line(
            "\(start.pairs) pairs (\(start.tokens) tokens, \(start.completionTokens) to learn), \(start.validationPairs) held "
                + "out, \(start.skippedPairs) too long; \(start.steps) steps of \(start.trainedParameters) numbers, about "
                + "\(start.memory.total / 1_000_000) MB"
        )
        if start.stepsDone > 0 { line("going on after step \(start.stepsDone)") }
        progress = TrainingProgress(stepCount: start.steps, step: start.stepsDone)
    }

    private mutating func show(_ summary: SupervisedSummary) {
        let reason =
            switch summary.reason {
            case .completed: "done"
            case .stoppedEarly: "stopped early with the weights of step \(summary.bestStep ?? summary.steps)"
            case .cancelled: "interrupted after step \(summary.steps); --resume goes on"
            }
        var text = "\(reason): \(summary.steps) steps, \(summary.totalTokens) tokens"
        if let loss = summary.lastLoss { text += ", loss \(number(loss))" }
        if let loss = summary.bestValidationLoss { text += ", best held-out loss \(number(loss))" }
        if summary.skippedSteps > 0 { text += ", \(summary.skippedSteps) steps left out" }
        line(text + " in \(Progress.text(summary.seconds)) s")
    }

    private mutating func line(_ text: String, inPlace: Bool = false) {
        guard isTerminal else { return StandardError.write(text + "\n") }
        StandardError.write("\r\u{1B}[K\(text)\(inPlace ? "" : "\n")")
        isLineOpen = inPlace
    }

    private func number(_ value: Double) -> String { "\((value * 1e4).rounded() / 1e4)" }
}
