// The machine and the programs of a run.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// The machine that a run was on.
package struct MachineDescription: Codable, Sendable, Hashable {
    /// The processor's own name, or its architecture where it tells none.
    package var processor: String
    package var processors: Int
    package var memoryBytes: Int
    /// Name and version of the system.
    package var system: String

    package static var current: MachineDescription {
        let pages = sysconf(Int32(_SC_PHYS_PAGES))
        let pageBytes = sysconf(Int32(_SC_PAGESIZE))
        let names = systemNames()
        return MachineDescription(
            processor: processorName() ?? names.machine,
            processors: max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))),
            memoryBytes: max(0, Int(pages)) * max(0, Int(pageBytes)),
            system: "\(names.system) \(names.release)"
        )
    }

    private static func systemNames() -> (system: String, release: String, machine: String) {
        var names = utsname()
        guard uname(&names) == 0 else { return ("unknown", "", "unknown") }
        func text(_ field: some Any) -> String {
            withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return (text(names.sysname), text(names.release), text(names.machine))
    }

    private static func processorName() -> String? {
        #if canImport(Darwin)
            var count = 0
            guard sysctlbyname("machdep.cpu.brand_string", nil, &count, nil, 0) == 0, count > 1 else { return nil }
            var bytes = [UInt8](repeating: 0, count: count)
            guard sysctlbyname("machdep.cpu.brand_string", &bytes, &count, nil, 0) == 0 else { return nil }
            return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        #else
            guard let bytes = try? FileReader.contents("/proc/cpuinfo") else { return nil }
            for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix("model name")
            {
                guard let colon = line.firstIndex(of: ":") else { continue }
                return String(line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" })
            }
            return nil
        #endif
    }
}

/// The programs that a run's bits depend on.
package struct SoftwareDescription: Codable, Sendable, Hashable {
    /// Version of this package.
    package var package: String
    /// Version of the Swift compiler that built it.
    package var swift: String
    /// Whether it was built with optimisation.
    package var isOptimized: Bool

    /// The version of InterestQueryKit.
    package static let packageVersion = "0.1.0"

    package static var current: SoftwareDescription {
        SoftwareDescription(package: packageVersion, swift: swiftVersion, isOptimized: isOptimizedBuild())
    }

    /// The compiler tells its version in conditions only.
    private static var swiftVersion: String {
        #if compiler(>=6.5)
            "6.5 or newer"
        #elseif compiler(>=6.4)
            "6.4"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }

    private static func isOptimizedBuild() -> Bool {
        #if DEBUG
            false
        #else
            true
        #endif
    }
}
