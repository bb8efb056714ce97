// Finds stop strings in text that arrives piece by piece.

/// Passes text on, but holds back what may be the beginning of a stop string.
package struct StopStringFilter {
    private let stops: [[UInt8]]
    /// Text that is not yet passed on: a proper beginning of a stop string.
    private var pending: [UInt8] = []

    package init(_ stopStrings: [String]) {
        stops = stopStrings.map { Array($0.utf8) }
    }

    /// Adds text and returns what is certain to come before any stop string. `isStopped` becomes true once one is complete:
    /// it and what follows it are dropped.
    package mutating func append(_ text: String, isStopped: inout Bool) -> String {
        guard !stops.isEmpty else { return text }
        pending.append(contentsOf: text.utf8)
        if let start = firstOccurrence() {
            isStopped = true
            return take(start)
        }
        return take(pending.count - longestOpenBeginning())
    }

    /// What was held back and turned out to be no stop string.
    package mutating func finish() -> String { take(pending.count) }

    /// Offset of the earliest complete stop string.
    private func firstOccurrence() -> Int? {
        for start in pending.indices {
            let rest = pending[start...]
            if stops.contains(where: { rest.starts(with: $0) }) { return start }
        }
        return nil
    }

    /// Length of the longest end of `pending` that begins a stop string.
    private func longestOpenBeginning() -> Int {
        for length in stride(from: pending.count, to: 0, by: -1) {
            let end = pending.suffix(length)
            if stops.contains(where: { $0.count > length && $0.starts(with: end) }) { return length }
        }
        return 0
    }

    /// Removes the first `count` bytes. Stop strings begin and end with whole characters, so the cut is between characters.
    private mutating func take(_ count: Int) -> String {
        guard count > 0 else { return "" }
        let text = String(decoding: pending.prefix(count), as: UTF8.self)
        pending.removeFirst(count)
        return text
    }
}
