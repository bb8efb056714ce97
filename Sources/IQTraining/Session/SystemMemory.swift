// How much memory the system can still give to this process.

internal import IQText

#if canImport(Darwin)
    internal import Darwin
#endif

enum SystemMemory {
    /// Bytes that can be had without pushing others out: Linux's `MemAvailable`, or less where a control group limits the
    /// process. On Apple's systems the whole memory, which is an upper bound: they compress and page what others hold.
    static var available: Int? {
        #if canImport(Darwin)
            var bytes: UInt64 = 0
            var size = MemoryLayout<UInt64>.size
            guard sysctlbyname("hw.memsize", &bytes, &size, nil, 0) == 0 else { return nil }
            return Int(clamping: bytes)
        #else
            return [systemAvailable, groupAvailable].compactMap { $0 }.min()
        #endif
    }

    #if !canImport(Darwin)
        private static var systemAvailable: Int? {
            guard let text = text("/proc/meminfo") else { return nil }
            return kilobytes("MemAvailable", in: text)
        }

        /// Of the process's own control group and all above it (version 2), or of version 1's usual place.
        private static var groupAvailable: Int? {
            let root = "/sys/fs/cgroup"
            var folders = [root]
            if let line = text("/proc/self/cgroup")?.split(separator: "\n").first(where: { $0.hasPrefix("0::") }) {
                var folder = root
                for part in line.dropFirst(3).split(separator: "/") {
                    folder += "/" + part
                    folders.append(folder)
                }
            }
            var least: Int?
            for folder in folders {
                for (limit, used) in [
                    ("memory.max", "memory.current"),
                    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
                ] {
                    guard let limit = number(folder + "/" + limit), let used = number(folder + "/" + used) else {
                        continue
                    }
                    // Cached files count as used and are given back when memory is short.
                    let cached = text(folder + "/memory.stat").flatMap { field("inactive_file", in: $0) } ?? 0
                    least = min(least ?? .max, max(0, limit - used + cached))
                }
            }
            return least
        }

        private static func text(_ path: String) -> String? {
            guard let bytes = try? FileReader.contents(path) else { return nil }
            return String(decoding: bytes, as: UTF8.self)
        }

        private static func number(_ path: String) -> Int? {
            text(path).flatMap { Int($0.filter { !$0.isWhitespace }) }
        }

        private static func field(_ name: String, in text: String) -> Int? {
            for line in text.split(separator: "\n") where line.hasPrefix(name + " ") {
                return Int(line.dropFirst(name.count + 1))
            }
            return nil
        }

        static func kilobytes(_ name: String, in text: String) -> Int? {
            for line in text.split(separator: "\n") where line.hasPrefix(name + ":") {
                return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
            }
            return nil
        }
    #endif
}
