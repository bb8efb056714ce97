// Ctrl-C: the first one ends the work in good order, the second one at once.

internal import Dispatch

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

enum Interruption {
    /// Runs an operation in a task that SIGINT cancels. A write to a closed pipe fails instead of ending the process.
    static func cancelling(_ operation: sending @escaping () async throws -> Void) async throws {
        signal(SIGPIPE, SIG_IGN)
        let task = Task { try await operation() }
        signal(SIGINT, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler {
            task.cancel()
            // The next one has its usual effect.
            signal(SIGINT, SIG_DFL)
        }
        source.resume()
        defer { source.cancel() }
        try await task.value
    }
}
