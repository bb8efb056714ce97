// How much memory this process has had.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The most memory that this process has had resident since it began, in bytes; 0 if the system does not say.
func peakResidentBytes() -> Int {
    // On Linux `getrusage` also counts the process that started this one, as large as it was then.
    #if os(Linux)
        if let status = FileManager.default.contents(atPath: "/proc/self/status"),
            let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first(where: {
                $0.hasPrefix("VmHWM:")
            }),
            let kibibytes = line.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap({ Int($0) })
        {
            return kibibytes * 1024
        }
    #endif
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
