// Signals that a program sends: bursts, the same text again and again, the beat of a clock.

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Drops all signals of any stretch of time that holds too many for a person.
public struct BurstRule: HistoryRule, Hashable {
    public let name = "burst"
    /// So many signals ...
    public let count: Int
    /// ... within so many seconds are a burst.
    public let seconds: Double

    /// - Parameters:
    ///   - count: at least 2. A person who opens a folder of bookmarks makes some ten signals at once.
    ///   - seconds: at least 0.
    public init(count: Int = 20, seconds: Double = 10) {
        precondition(count >= 2 && seconds >= 0, "a burst of \(count) signals in \(seconds) s")
        self.count = count
        self.seconds = seconds
    }

    public func findings(in signals: [UserSignal]) -> [Int: CleaningFinding] {
        crowds(of: Array(signals.indices), in: signals, count: count, seconds: seconds)
            .mapValues { .burst(count: $0, seconds: seconds) }
    }
}

/// Drops texts that are sent too often within a time, where texts that differ in numbers alone count as the same: what monitors and
/// scrapers do ("price of item 17", "price of item 18").
public struct RepetitionRule: HistoryRule, Hashable {
    public let name = "repetition"
    /// So many signals of the same text and kind ...
    public let count: Int
    /// ... within so many seconds are automated.
    public let seconds: Double

    /// - Parameters:
    ///   - count: at least 2.
    ///   - seconds: at least 0.
    public init(count: Int = 10, seconds: Double = 3600) {
        precondition(count >= 2 && seconds >= 0, "\(count) repetitions in \(seconds) s")
        self.count = count
        self.seconds = seconds
    }

    public func findings(in signals: [UserSignal]) -> [Int: CleaningFinding] {
        var places: [TextOfKind: [Int]] = [:]
        for (index, signal) in signals.enumerated() {
            places[TextOfKind(kind: signal.kind, text: CleaningText.template(signal.text)), default: []].append(index)
        }
        var found: [Int: CleaningFinding] = [:]
        for indices in places.values where indices.count >= count {
            for (index, size) in crowds(of: indices, in: signals, count: count, seconds: seconds) {
                found[index] = .repetition(count: size, seconds: seconds)
            }
        }
        return found
    }
}

/// Drops signals that follow each other like the beats of a clock, whatever their texts. Not among the standard rules, because
/// data whose times were made up (MIND has none for its histories) look like this.
public struct RegularIntervalRule: HistoryRule, Hashable {
    public let name = "regularInterval"
    /// So many signals in a row ...
    public let count: Int
    /// ... with intervals that differ by no more than so many seconds are a clock's.
    public let tolerance: Double
    /// Shorter intervals are left to ``BurstRule``.
    public let minimumInterval: Double

    /// - Parameters:
    ///   - count: at least 4.
    ///   - tolerance: at least 0.
    ///   - minimumInterval: above 0.
    public init(count: Int = 12, tolerance: Double = 1, minimumInterval: Double = 5) {
        precondition(
            count >= 4 && tolerance >= 0 && minimumInterval > 0,
            "\(count) beats, tolerance \(tolerance) s, interval from \(minimumInterval) s"
        )
        self.count = count
        self.tolerance = tolerance
        self.minimumInterval = minimumInterval
    }

    public func findings(in signals: [UserSignal]) -> [Int: CleaningFinding] {
        let gaps = zip(signals, signals.dropFirst()).map { $1.time.timeIntervalSince($0.time) }
        var found: [Int: CleaningFinding] = [:]
        var start = 0
        // The run of gaps start..<end lies within the tolerance of its least and greatest.
        while start < gaps.count {
            var (least, greatest, end) = (gaps[start], gaps[start], start + 1)
            while end < gaps.count, max(greatest, gaps[end]) - min(least, gaps[end]) <= tolerance {
                least = min(least, gaps[end])
                greatest = max(greatest, gaps[end])
                end += 1
            }
            if end - start + 1 >= count, least >= minimumInterval {
                for index in start...end {
                    found[index] = .regularInterval(count: end - start + 1, seconds: (least + greatest) / 2)
                }
            }
            start = end
        }
        return found
    }
}

/// Drops a signal with the same text and kind as an earlier one that stays, unless so much time has passed that coming back to it
/// says something.
public struct DuplicateRule: HistoryRule, Hashable {
    public let name = "duplicate"
    /// How long a text counts as said, in seconds; nil for ever.
    public let seconds: Double?

    /// - Parameter seconds: at least 0, or nil. A day: reloading a page is no second interest, searching again next week is.
    public init(within seconds: Double? = 86_400) {
        precondition(seconds ?? 0 >= 0, "duplicates within \(seconds ?? 0) s")
        self.seconds = seconds
    }

    public func findings(in signals: [UserSignal]) -> [Int: CleaningFinding] {
        var lastKept: [TextOfKind: Date] = [:]
        var found: [Int: CleaningFinding] = [:]
        for (index, signal) in signals.enumerated() {
            let key = TextOfKind(kind: signal.kind, text: CleaningText.comparable(signal.text))
            if let kept = lastKept[key] {
                let age = signal.time.timeIntervalSince(kept)
                if age <= seconds ?? .infinity {
                    found[index] = .duplicate(secondsBefore: age)
                    continue
                }
            }
            lastKept[key] = signal.time
        }
        return found
    }
}

private struct TextOfKind: Hashable {
    let kind: SignalKind
    let text: String
}

/// The signals that lie in a window of `seconds` with at least `count` of the given ones, each with the size of the first such window.
private func crowds(of indices: [Int], in signals: [UserSignal], count: Int, seconds: Double) -> [Int: Int] {
    var sizes: [Int: Int] = [:]
    var last = 0
    // Up to where the sizes of earlier windows have been written, so that each window writes its new part only; a
    // signal's number is that of the first window that shows it to be part of a crowd.
    var written = 0
    for first in indices.indices {
        while last < indices.count,
            signals[indices[last]].time.timeIntervalSince(signals[indices[first]].time) <= seconds
        {
            last += 1
        }
        guard last - first >= count else { continue }
        for place in max(first, written)..<max(last, written) { sizes[indices[place]] = last - first }
        written = max(written, last)
    }
    return sizes
}
