// Files for readers that take a path.

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A folder of this process that is made once and rewritten for each input.
enum Scratch {
    static let folder: URL = {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "interest-query-fuzz-\(ProcessInfo.processInfo.processIdentifier)")
        try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }()

    /// Writes a file into the folder and returns its place; nil when the disk refuses, which is no finding.
    static func write(_ bytes: Data, _ name: String) -> URL? {
        let url = folder.appending(path: name)
        do {
            try bytes.write(to: url)
            return url
        } catch {
            return nil
        }
    }
}
