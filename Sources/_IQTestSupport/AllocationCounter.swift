// Heap allocations of a piece of code.

internal import _CIQAllocationCounter

/// Counts heap allocations of the calling thread.
public enum AllocationCounter {
    /// False under the sanitizers and off glibc, where nothing can be counted.
    public static var works: Bool { iqt_allocation_counter_works() }

    /// Allocations that `body` makes on this thread.
    public static func count(_ body: () throws -> Void) rethrows -> Int {
        let before = iqt_allocations_of_this_thread()
        try body()
        return Int(iqt_allocations_of_this_thread() - before)
    }
}
