// The two clocks of a log: one that never jumps, for lengths of time, and the calendar's, for TensorBoard.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Where a log takes the time from; tests give their own.
package struct RunClock: Sendable {
    /// Seconds since some fixed moment.
    package var seconds: @Sendable () -> Double
    /// Seconds since 1970.
    package var unixTime: @Sendable () -> Double

    package init(seconds: @escaping @Sendable () -> Double, unixTime: @escaping @Sendable () -> Double) {
        self.seconds = seconds
        self.unixTime = unixTime
    }

    package static let system = RunClock(
        seconds: { systemTime(CLOCK_MONOTONIC) },
        unixTime: { systemTime(CLOCK_REALTIME) }
    )

    private static func systemTime(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

/// The name of this machine.
func systemHostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
