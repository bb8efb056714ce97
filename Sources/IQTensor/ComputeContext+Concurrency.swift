// The context's threads, for work that is not arithmetic over matrices.

internal import CIQKernels

/// Work for several threads. Made once and used for every step, as a closure that is passed on takes memory each time.
package final class ConcurrentWork {
    fileprivate let body: (Int) -> Void

    /// - Parameter body: does the part with an index. It must leave alone what parts with other indices use, and of the context's
    ///   operations may use those over one row of logits only.
    package init(_ body: @escaping (Int) -> Void) { self.body = body }
}

extension ComputeContext {
    /// Does the parts 0 ..< `count` of some work, on all threads; returns when all are done.
    package func perform(_ work: ConcurrentWork, count: Int) {
        withExtendedLifetime(work) {
            iqk_for_each(
                handle,
                Int64(count),
                { argument, index in
                    Unmanaged<ConcurrentWork>.fromOpaque(argument).takeUnretainedValue().body(Int(index))
                },
                Unmanaged.passUnretained(work).toOpaque()
            )
        }
    }
}
