// The progress of a study on the standard error: a line rewritten in place on a terminal, a line for each stage elsewhere.

internal import IQStudy
internal import InterestQueryKit
internal import Synchronization

final class StudyProgress: Sendable {
    private struct State {
        var isLineOpen = false
        var shown = 0.0
    }

    private let state = Mutex(State())
    private let isTerminal = StandardError.isTerminal
    /// Where each time is a line of a log, what a stage says is shown this often, in seconds.
    private static let logInterval = 60.0

    func show(_ event: StudyEvent) {
        state.withLock { state in
            switch event {
            case .began(let stage, let place, let count, let isResumed):
                state.shown = 0
                note("[\(place)/\(count)] \(stage)\(isResumed ? ", going on" : "")", &state)
            case .progress(let stage, let line, let seconds):
                let text = "\(stage), \(NumberText.duration(seconds)): \(line)"
                if isTerminal {
                    StandardError.write("\r\u{1B}[K" + text.prefix(max(20, StandardError.columns - 1)))
                    state.isLineOpen = true
                } else if seconds - state.shown >= Self.logInterval {
                    state.shown = seconds
                    note(text, &state)
                }
            case .finished(let stage, let seconds):
                let note =
                    seconds > Self.longStage ? "; stages should take less than half an hour: choose smaller sizes" : ""
                self.note("\(stage): done in \(NumberText.duration(seconds))\(note)", &state)
            case .waiting(let stage):
                note("\(stage) is still being run by another process; waiting for it", &state)
            }
        }
    }

    /// Takes the line in place away.
    func end() { state.withLock { clear(&$0) } }

    private func note(_ text: String, _ state: inout State) {
        clear(&state)
        StandardError.write(text + "\n")
    }

    private func clear(_ state: inout State) {
        if state.isLineOpen { StandardError.write("\r\u{1B}[K") }
        state.isLineOpen = false
    }

    /// Seconds from which a stage is too long to lose.
    private static let longStage = 1800.0
}
