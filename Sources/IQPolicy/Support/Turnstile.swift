// A limit on how many pieces of work are under way at a time, over all callers.

/// Lets at most `places` pieces of work in; the others wait in the order of their arrival. A waiting task that is cancelled leaves.
package actor Turnstile {
    private var free: Int
    private var waiting: [(ticket: Int, entry: CheckedContinuation<Void, any Error>)] = []
    private var lastTicket = 0

    /// - Parameter places: at least 1.
    package init(places: Int) {
        precondition(places >= 1, "a turnstile for \(places)")
        free = places
    }

    /// Runs work once there is a place.
    ///
    /// - Throws: `CancellationError` if the task is cancelled while it waits, and what the work throws.
    package nonisolated func pass<Value: Sendable>(
        _ work: @Sendable () async throws -> Value
    ) async throws -> Value {
        try await enter()
        do {
            let value = try await work()
            await leave()
            return value
        } catch {
            await leave()
            throw error
        }
    }

    private func enter() async throws {
        try Task.checkCancellation()
        if free > 0 {
            free -= 1
            return
        }
        lastTicket += 1
        let ticket = lastTicket
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (entry: CheckedContinuation<Void, any Error>) in
                // Cancelled before it stood in line: the handler has run already and found nothing.
                if Task.isCancelled {
                    entry.resume(throwing: CancellationError())
                } else {
                    waiting.append((ticket, entry))
                }
            }
        } onCancel: {
            Task { await self.remove(ticket) }
        }
    }

    private func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().entry.resume() }
    }

    private func remove(_ ticket: Int) {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return }
        waiting.remove(at: index).entry.resume(throwing: CancellationError())
    }
}
