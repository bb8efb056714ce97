// The progress of a GRPO training on the standard error: a line for each step.

internal import InterestQueryKit

struct GRPOProgressLine {
    let isQuiet: Bool

    func show(_ event: GRPOEvent) {
        guard !isQuiet else { return }
        switch event {
        case .started(let start):
            for error in start.damagedCheckpoints { note("\(error)") }
            note(
                "\(start.samples) people, \(start.heldOutSamples) held out, prompts of up to \(start.longestPrompt) tokens; "
                    + "\(start.steps) steps of \(start.trainedParameters) numbers, about \(start.memory.total / 1_000_000) MB"
            )
            if start.stepsDone > 0 { note("going on after step \(start.stepsDone)") }
        case .rollouts, .rewards, .checkpoint: break
        case .step(let step):
            var text = "step \(step.step)/\(step.steps): reward \(number(step.reward))"
            text += ", loss \(number(step.loss)), entropy \(number(step.entropy))"
            text += ", \(number(step.completionLength)) tokens"
            text += ", \(step.constantGroups) constant groups, \(Progress.text(step.seconds.total)) s"
            note(text + (step.isApplied ? "" : ", left out"))
        case .evaluation(let evaluation):
            let parts = evaluation.rewards.map { "\($0.name) \(number($0.mean))" }.joined(separator: ", ")
            note(
                "step \(evaluation.step), held out: \(number(evaluation.metric))\(evaluation.isBest ? ", the best" : "") "
                    + "(\(parts))"
            )
        case .warning(let warning): note("warning: \(warning)")
        case .finished(let summary): show(summary)
        }
    }

    private func show(_ summary: GRPOSummary) {
        let reason =
            switch summary.reason {
            case .completed: "done"
            case .stopped: "stopped by the guard rails"
            case .rolledBack: "stopped by the guard rails, with the weights of step \(summary.bestStep ?? 0)"
            case .cancelled: "interrupted; --resume goes on"
            }
        note(
            "\(reason): \(summary.steps) steps, reward \(number(summary.lastReward)), held out "
                + "\(number(summary.lastMetric)), best \(number(summary.bestMetric)) at step \(summary.bestStep ?? 0), in "
                + "\(Progress.text(summary.seconds)) s"
        )
    }

    func note(_ text: String) { if !isQuiet { StandardError.write(text + "\n") } }

    private func number(_ value: Double?) -> String {
        value.map { "\(($0 * 1e4).rounded() / 1e4)" } ?? "-"
    }
}
