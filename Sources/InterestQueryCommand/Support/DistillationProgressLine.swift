// The progress of a distillation on the standard error: a line for each step.

internal import InterestQueryKit

struct DistillationProgressLine {
    let isQuiet: Bool

    func show(_ event: DistillationEvent) {
        guard !isQuiet else { return }
        switch event {
        case .started(let start):
            for error in start.damagedCheckpoints { note("\(error)") }
            note(
                "\(start.samples) prompts of up to \(start.longestPrompt) tokens, \(start.heldOutSamples) held out; "
                    + "\(start.steps) steps of \(start.trainedParameters) numbers, about \(start.memory.total / 1_000_000) MB "
                    + "and the teacher's"
            )
            if start.stepsDone > 0 { note("going on after step \(start.stepsDone)") }
        case .rollouts, .checkpoint: break
        case .step(let step):
            var text = "step \(step.step)/\(step.steps): divergence \(number(step.loss))"
            text += ", entropy \(number(step.entropy)), \(number(step.completionLength)) tokens"
            text += ", \(Progress.text(step.seconds.total)) s"
            note(text + (step.isApplied ? "" : ", left out"))
        case .evaluation(let evaluation):
            note(
                "step \(evaluation.step), held out: \(number(evaluation.divergence))\(evaluation.isBest ? ", the best" : "")"
            )
        case .finished(let summary):
            let reason = summary.reason == .completed ? "done" : "interrupted; --resume goes on"
            note(
                "\(reason): \(summary.steps) steps, held out \(number(summary.lastDivergence)), best "
                    + "\(number(summary.bestDivergence)) at step \(summary.bestStep ?? 0), in \(Progress.text(summary.seconds)) s"
            )
        }
    }

    func note(_ text: String) { if !isQuiet { StandardError.write(text + "\n") } }

    private func number(_ value: Double?) -> String {
        value.map { "\(($0 * 1e4).rounded() / 1e4)" } ?? "-"
    }
}
