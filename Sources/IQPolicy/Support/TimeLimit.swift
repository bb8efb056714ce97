// Asynchronous work with a limit of time that holds even for work which does not heed its cancellation.

internal import Synchronization

/// The work took longer than it may.
package struct TimeLimitExceeded: Error, Equatable {
    package let limit: Duration
}

/// Runs work; throws ``TimeLimitExceeded`` when the limit is over and `CancellationError` when the task is cancelled, in both
/// cases at once: the work is cancelled, and if it does not heed that, it runs on and its result is dropped.
package func withTimeLimit<Value: Sendable>(
    _ limit: Duration?,
    _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let race = TimeLimitRace<Value>()
    return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { race.start(work, limit: limit, continuation: $0) }
    } onCancel: {
        race.finish(.failure(CancellationError()))
    }
}

/// Work, a timer and a cancellation: the first that comes decides.
private final class TimeLimitRace<Value: Sendable>: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Value, any Error>?
        /// What came before there was a continuation.
        var early: Result<Value, any Error>?
        var isOver = false
        var tasks: [Task<Void, Never>] = []
    }

    private let state = Mutex(State())

    func start(
        _ work: @escaping @Sendable () async throws -> Value,
        limit: Duration?,
        continuation: CheckedContinuation<Value, any Error>
    ) {
        let early = state.withLock { state in
            if state.early == nil { state.continuation = continuation }
            return state.early
        }
        if let early { return continuation.resume(with: early) }
        let worker = Task {
            do { self.finish(.success(try await work())) } catch { self.finish(.failure(error)) }
        }
        var tasks = [worker]
        if let limit {
            tasks.append(
                Task {
                    guard (try? await Task.sleep(for: limit)) != nil else { return }
                    self.finish(.failure(TimeLimitExceeded(limit: limit)))
                }
            )
        }
        let isOver = state.withLock { [tasks] state in
            state.tasks = tasks
            return state.isOver
        }
        if isOver { for task in tasks { task.cancel() } }
    }

    func finish(_ result: Result<Value, any Error>) {
        let (continuation, tasks) = state.withLock { state in
            guard !state.isOver else { return (nil as CheckedContinuation<Value, any Error>?, [Task<Void, Never>]()) }
            state.isOver = true
            if state.continuation == nil { state.early = result }
            defer { state.continuation = nil }
            return (state.continuation, state.tasks)
        }
        for task in tasks { task.cancel() }
        continuation?.resume(with: result)
    }
}
