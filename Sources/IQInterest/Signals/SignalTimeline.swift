// A person's signals in the order of time, cut so that nothing of the future can reach the past.

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Signals, oldest first; those of the same time keep the order in which they were given.
public struct SignalTimeline: Sendable, Hashable {
    public let signals: [UserSignal]

    /// - Parameter signals: in any order.
    public init(_ signals: [UserSignal]) {
        self.signals = signals.enumerated()
            .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
            .map(\.element)
    }

    public init(_ person: Person) { signals = person.signals }

    /// Cuts at an instant: what happened before it is history, what happened at it or later is future.
    public func split(at instant: Date) -> TimeSplit {
        let cut = signals.firstIndex { $0.time >= instant } ?? signals.endIndex
        return TimeSplit(instant: instant, history: Array(signals[..<cut]), future: Array(signals[cut...]))
    }

    /// Cuts so that the last `count` signals of a kind are in the future; nil if there are fewer. Everything at the instant of
    /// the first of them is future too, so the future may hold more.
    ///
    /// - Parameters:
    ///   - count: at least 1.
    ///   - kind: the kind that is predicted, such as ``SignalKind/newsClick``; nil counts all.
    public func split(holdingOutLast count: Int, of kind: SignalKind? = nil) -> TimeSplit? {
        precondition(count >= 1, "the last \(count) signals cannot be held out")
        let times = signals.filter { kind == nil || $0.kind == kind }.suffix(count).map(\.time)
        guard times.count == count, let instant = times.first else { return nil }
        return split(at: instant)
    }

    /// The sessions: a signal that comes later than `gap` seconds after the one before it begins a new one.
    ///
    /// - Parameter gap: at least 0; web logs are customarily cut at 30 minutes of silence.
    public func sessions(gap: TimeInterval = 1800) -> [ArraySlice<UserSignal>] {
        precondition(gap >= 0, "a gap of \(gap) seconds")
        var sessions: [ArraySlice<UserSignal>] = []
        var start = signals.startIndex
        for index in signals.indices.dropFirst()
        where signals[index].time.timeIntervalSince(signals[index - 1].time) > gap {
            sessions.append(signals[start..<index])
            start = index
        }
        if start < signals.endIndex { sessions.append(signals[start...]) }
        return sessions
    }
}

/// A history and the future it may be asked about, cut from one timeline at one instant. There is no way to make one from two
/// lists, so a signal of the future cannot get into the history.
public struct TimeSplit: Sendable, Hashable {
    /// The moment of the cut.
    public let instant: Date
    /// What happened before the instant, oldest first.
    public let history: [UserSignal]
    /// What happened at the instant or later, oldest first.
    public let future: [UserSignal]

    fileprivate init(instant: Date, history: [UserSignal], future: [UserSignal]) {
        self.instant = instant
        self.history = history
        self.future = future
    }

    /// The same split with signals left out on either side; none can be added or moved.
    ///
    /// - Parameters:
    ///   - keepInHistory: whether a signal may be looked at, for example all but one category.
    ///   - keepInFuture: whether a signal is to be predicted, for example news clicks only.
    public func filtered(
        history keepInHistory: (UserSignal) -> Bool = { _ in true },
        future keepInFuture: (UserSignal) -> Bool = { _ in true }
    ) -> TimeSplit {
        TimeSplit(instant: instant, history: history.filter(keepInHistory), future: future.filter(keepInFuture))
    }

    /// The history of the last `seconds` before the instant only.
    public func limited(to seconds: TimeInterval) -> TimeSplit {
        filtered(history: { instant.timeIntervalSince($0.time) <= seconds })
    }
}
