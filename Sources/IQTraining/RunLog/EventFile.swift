// A file of events for TensorBoard. Each start of a run has a file of its own, as TensorBoard expects; the names sort in the
// order of the starts.

/// Writes events. Not Sendable.
package final class EventFile {
    package let path: String
    private let file: OpenFile

    private static let prefix = "events.out.tfevents."

    /// Makes a file.
    ///
    /// - Parameters:
    ///   - step: nil for a new run; else the step that the run resumes after: TensorBoard then forgets later ones.
    ///   - unixTime: seconds since 1970.
    package init(
        folder: String,
        resumingAfter step: Int?,
        unixTime: Double,
        hostName: String,
        calls: FileCalls = FileCalls()
    ) throws(RunLogError) {
        do {
            let latest = try names(in: folder).compactMap(Self.seconds(ofFile:)).max()
            // Two starts within a second: the later one must sort behind.
            let seconds = max(Int(unixTime), (latest ?? 0) + 1)
            path = joinedPath(folder, Self.prefix + Self.tenDigits(seconds) + "." + Self.plain(hostName))
            file = try calls.create(path)
            try file.write(TensorBoardEvent(wallTime: unixTime, step: 0, content: .fileVersion).record)
            if let step {
                try file.write(TensorBoardEvent(wallTime: unixTime, step: step + 1, content: .sessionStart).record)
            }
        } catch {
            throw RunLogError(writing: error)
        }
    }

    package func append(_ record: MetricRecord, unixTime: Double) throws(RunLogError) {
        do {
            try file.write(
                TensorBoardEvent(wallTime: unixTime, step: record.step, content: .metrics(record.metrics)).record
            )
        } catch {
            throw RunLogError(writing: error)
        }
    }

    package func flush() throws(RunLogError) {
        do {
            try file.flush()
        } catch {
            throw RunLogError(writing: error)
        }
    }

    /// The start that a file's name tells.
    private static func seconds(ofFile name: String) -> Int? {
        guard name.hasPrefix(prefix) else { return nil }
        return name.dropFirst(prefix.count).split(separator: ".", omittingEmptySubsequences: false).first.flatMap {
            Int($0)
        }
    }

    private static func tenDigits(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 10 - digits.count)) + digits
    }

    private static func plain(_ hostName: String) -> String {
        let kept = hostName.utf8.prefix(64).map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
                byte
            default: UInt8(ascii: "-")
            }
        }
        return kept.isEmpty ? "host" : String(decoding: kept, as: UTF8.self)
    }
}
