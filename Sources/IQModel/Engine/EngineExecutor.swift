// The thread that an engine computes on.

internal import Dispatch

/// Runs an actor's jobs one after the other on a queue of its own, so that seconds of arithmetic never hold up a thread of
/// Swift's shared pool.
package final class EngineExecutor: SerialExecutor {
    private let queue: DispatchQueue

    package init(label: String) {
        queue = DispatchQueue(label: label, qos: .userInitiated)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    /// Runs blocking work, such as loading a model, on the queue. The result belongs to the caller alone.
    package func run<Result>(_ work: @escaping @Sendable () throws -> sending Result) async throws -> sending Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async {
                do {
                    continuation.resume(returning: try work())
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }
}
