import IQInterest
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("A timeline")
struct SignalTimelineTests {
    private func signal(_ seconds: Double, _ kind: SignalKind = .newsClick) throws -> UserSignal {
        try UserSignal(kind: kind, time: Date(timeIntervalSince1970: seconds), text: "at \(seconds)")
    }

    @Test("is in the order of time however it is given")
    func order() throws {
        let timeline = SignalTimeline([try signal(30), try signal(10), try signal(20)])
        #expect(timeline.signals.map(\.time.timeIntervalSince1970) == [10, 20, 30])
    }

    @Test("splits so that everything at the instant or later is future, and nothing is lost or doubled")
    func split() throws {
        let timeline = SignalTimeline(try [10, 20, 20, 20, 30].map { try signal($0) })
        for instant in [0.0, 10, 15, 20, 30, 31] {
            let split = timeline.split(at: Date(timeIntervalSince1970: instant))
            #expect(split.history.allSatisfy { $0.time < split.instant })
            #expect(split.future.allSatisfy { $0.time >= split.instant })
            #expect(split.history + split.future == timeline.signals)
        }
    }

    @Test("holds out the last signals of a kind with all that share their time")
    func holdOut() throws {
        let timeline = SignalTimeline([
            try signal(10), try signal(20, .webSearch), try signal(30), try signal(30, .webSearch),
            try signal(40, .pageVisit),
        ])
        let split = try #require(timeline.split(holdingOutLast: 1, of: .newsClick))
        #expect(split.history.count == 2 && split.future.count == 3)
        #expect(timeline.split(holdingOutLast: 3, of: .newsClick) == nil)
        #expect(timeline.split(holdingOutLast: 5)?.history.isEmpty == true)
    }

    @Test("can be filtered and shortened after a split, but nothing moves to the other side")
    func filter() throws {
        let timeline = SignalTimeline([try signal(10), try signal(100, .webSearch), try signal(110), try signal(200)])
        let split = timeline.split(at: Date(timeIntervalSince1970: 150))
        #expect(split.filtered(history: { $0.kind == .webSearch }).history.count == 1)
        #expect(split.filtered(future: { _ in false }).history.count == 3)
        #expect(split.limited(to: 60).history.map(\.time.timeIntervalSince1970) == [100, 110])
    }

    @Test("falls into sessions at silences longer than the gap")
    func sessions() throws {
        let timeline = SignalTimeline(try [0, 100, 1900, 3701, 3702].map { try signal($0) })
        #expect(timeline.sessions().map(\.count) == [3, 2])
        #expect(timeline.sessions(gap: 99).map(\.count) == [1, 1, 1, 2])
        #expect(SignalTimeline([]).sessions().isEmpty)
    }
}
