// How much memory this process has had.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// The most memory that this process has had resident since it began, in bytes; 0 if the system does not say.
func peakResidentBytes() -> Int {
    var usage = rusage()
    #if canImport(Glibc)
        let status = getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
    #else
        let status = getrusage(Int32(RUSAGE_SELF), &usage)
    #endif
    guard status == 0 else { return 0 }
    // Darwin counts bytes, Linux kibibytes.
    #if canImport(Darwin)
        return Int(usage.ru_maxrss)
    #else
        return Int(usage.ru_maxrss) * 1024
    #endif
}
