// What the events of all trainers have in common: a run begins with the first event that is asked for, and ends with its
// iterator.

/// How a trainer's run is begun, moved on and given up.
package struct RunCalls<Event: Sendable>: Sendable {
    /// Begins a run and returns its number.
    package let begin: @Sendable () async throws -> UInt64
    /// The next events of a run; none once all is over.
    package let advance: @Sendable (UInt64) async throws -> [Event]
    /// Gives a run up; nothing where it is over.
    package let end: @Sendable (UInt64) async -> Void

    package init(
        begin: @escaping @Sendable () async throws -> UInt64,
        advance: @escaping @Sendable (UInt64) async throws -> [Event],
        end: @escaping @Sendable (UInt64) async -> Void
    ) {
        self.begin = begin
        self.advance = advance
        self.end = end
    }
}

/// The events of one run, one by one.
package struct RunIterator<Event: Sendable> {
    private let calls: RunCalls<Event>
    private var handle: RunHandle<Event>?
    private var pending: ArraySlice<Event> = []
    private var isOver = false

    package init(_ calls: RunCalls<Event>) { self.calls = calls }

    /// The next event, or nil after the last one; nil for ever after an error.
    package mutating func next() async throws -> Event? {
        if let event = pending.popFirst() { return event }
        guard !isOver else { return nil }
        do {
            if handle == nil { handle = RunHandle(id: try await calls.begin(), calls: calls) }
            if let handle { pending = try await calls.advance(handle.id)[...] }
        } catch {
            isOver = true
            throw error
        }
        guard let event = pending.popFirst() else {
            isOver = true
            return nil
        }
        return event
    }
}

/// Ends the run when its iterator goes away.
private final class RunHandle<Event: Sendable>: Sendable {
    let id: UInt64
    private let calls: RunCalls<Event>

    init(id: UInt64, calls: RunCalls<Event>) {
        self.id = id
        self.calls = calls
    }

    deinit {
        let (id, calls) = (id, calls)
        Task { await calls.end(id) }
    }
}
