// The log of a run: lines of JSON that a resumed run continues without a trace, and events for TensorBoard to the byte.

import IQTensor
import IQTraining
import Synchronization
import Testing

@Suite struct RunLogTests {
    private let folder: ScratchFolder
    private var path: String { folder.file("metrics.jsonl") }

    init() throws { folder = try ScratchFolder() }

    /// A clock that goes on by a quarter of a second with every look at it.
    private static func clock() -> RunClock {
        let quarters = ClockReading()
        return RunClock(seconds: { quarters.next() / 4 }, unixTime: { 1_700_000_000 })
    }

    private func log(resumingAfter step: Int? = nil, writesEvents: Bool = false) throws -> RunLog {
        try RunLog(folder: folder.path, resumingAfter: step, writesEvents: writesEvents, clock: Self.clock())
    }

    private func log(_ steps: ClosedRange<Int>, to log: RunLog) throws {
        for step in steps {
            try log.log(step: step, tokens: 100 * step, ["loss": 4 / Double(step), "learning_rate": 1e-5])
        }
    }

    @Test func `a record is one line`() throws {
        try log(1...2, to: try log())
        #expect(
            try folder.text("metrics.jsonl") == """
                {"step": 1, "seconds": 0.25, "tokens": 100, "loss": 4.0, "learning_rate": 1e-05}
                {"step": 2, "seconds": 0.5, "tokens": 200, "loss": 2.0, "learning_rate": 1e-05}

                """
        )
    }

    @Test func `records come back as they were, but what is not finite is no number`() throws {
        let log = try log()
        let names = ["a \"b\"\n", "\u{1F600}</script>", "third/0.1"]
        try log.log(
            step: 3,
            tokens: 7,
            metrics: zip(names, [0.1, -1e300, Double.leastNonzeroMagnitude]).map { MetricRecord.Metric($0, $1) }
        )
        try log.log(step: 4, tokens: 8, ["nan": .nan, "infinite": .infinity])
        let records = try MetricsFile.read(path)
        #expect(
            records[0].metrics
                == zip(names, [0.1, -1e300, Double.leastNonzeroMagnitude]).map { MetricRecord.Metric($0, $1) }
        )
        #expect(records[0].step == 3 && records[0].tokens == 7)
        #expect(records[1].metrics.map(\.name) == ["nan", "infinite"])
        #expect(records[1].metrics.allSatisfy { $0.value.isNaN })
    }

    @Test func `a resumed run leaves the file of an undisturbed one, times aside`() throws {
        try log(1...9, to: try log())
        let undisturbed = try MetricsFile.read(path)
        // Killed at step 7 while it wrote, with a checkpoint of step 5.
        let lines = try folder.text("metrics.jsonl").split(separator: "\n", omittingEmptySubsequences: false)
        try folder.write(
            Array((lines[0..<7].joined(separator: "\n") + "\n" + lines[7].prefix(20)).utf8),
            "metrics.jsonl"
        )
        let resumed = try log(resumingAfter: 5)
        #expect(try MetricsFile.read(path).map(\.step) == [1, 2, 3, 4, 5])
        try log(6...9, to: resumed)
        let records = try MetricsFile.read(path)
        #expect(records.map(\.step) == undisturbed.map(\.step))
        #expect(records.map(\.metrics) == undisturbed.map(\.metrics))
        // Training time goes on from the last record that stayed.
        #expect(records[4].seconds == 1.25)
        #expect(records[5].seconds == 1.5)
    }

    @Test func `resuming after nothing leaves nothing`() throws {
        try log(1...3, to: try log())
        try log(1...1, to: try log(resumingAfter: 0))
        #expect(try MetricsFile.read(path).map(\.step) == [1])
    }

    @Test func `zeros that a power cut left at the end are removed`() throws {
        try log(1...3, to: try log())
        try folder.write(try folder.bytes("metrics.jsonl") + Array(repeating: 0, count: 100) + [10], "metrics.jsonl")
        _ = try log(resumingAfter: 3)
        #expect(try MetricsFile.read(path).map(\.step) == [1, 2, 3])
    }

    @Test func `a strange line before records that stay is not removed but reported`() throws {
        try log(1...3, to: try log())
        let lines = try folder.text("metrics.jsonl").split(separator: "\n")
        let text = Array("\(lines[0])\n{\"step\": 2, \"loss\": \"low\"}\n\(lines[2])\n".utf8)
        try folder.write(text, "metrics.jsonl")
        let error = RunLogError.malformedLine(path: path, line: 2, reason: "loss is a string, not a number")
        #expect(throws: error) { try log(resumingAfter: 3) }
        #expect(throws: error) { try MetricsFile.read(path) }
        #expect(try folder.bytes("metrics.jsonl") == text)
    }

    @Test(arguments: ["[]", "{}", "{\"step\": -1}", "{\"step\": 1.5}", "{\"step\": 1} {\"step\": 2}", "", "nonsense"])
    func `lines that are no records`(_ line: String) throws {
        try folder.write(Array((line + "\n").utf8), "metrics.jsonl")
        #expect { try MetricsFile.read(path) } throws: { error in
            guard case RunLogError.malformedLine(path, 1, _) = error else { return false }
            return true
        }
    }

    @Test func `a new run does not write over an old one`() throws {
        try log(1...1, to: try log())
        #expect(throws: RunLogError.alreadyThere(path: path)) { try log() }
    }

    @Test func `a full disk is said to be full`() throws {
        // The device that is always full; systems without it have the refused call below.
        if let file = try? MetricsFile(path: "/dev/full", resumingAfter: 0) {
            #expect(throws: RunLogError.diskFull(path: "/dev/full")) {
                try file.append(MetricRecord(step: 1, seconds: 0, tokens: 0, metrics: []))
            }
        }
        let observer = CallObserver { _, call in if case .write = call { ENOSPC } else { nil } }
        let file = try MetricsFile(path: path, calls: observer.calls())
        #expect(throws: RunLogError.diskFull(path: path)) {
            try file.append(MetricRecord(step: 1, seconds: 0, tokens: 0, metrics: []))
        }
    }

    @Test func `a missing log is missing`() {
        #expect(throws: RunLogError.missing(path: path)) { try MetricsFile.read(path) }
    }

    // MARK: TensorBoard

    /// Recorded from tensorflow's own messages and record writer as they come with tensorboard
    /// (`Scripts/record-tensorboard-events.py`).
    private static let recordedRun =
        "1800000000000000a37f4b220900000040fc54d9411a0d627261696e2e4576656e743a32eced8f9d3000000000000000"
        + "95f5d05f0900000040fc54d94110012a230a0b0a046c6f737315000060400a140a0d6c6561726e696e675f7261746515"
        + "acc52737b0d9173f300000000000000095f5d05f0900000040fc54d94110ac022a220a0b0a046c6f7373150000c07f0a"
        + "130a0c6772c3b6c39f652ff09f988015000000c02c2a6012"

    @Test func `events are those that TensorBoard's own writer makes, byte for byte`() throws {
        let log = try log(writesEvents: true)
        try log.log(step: 1, tokens: 100, ["loss": 3.5, "learning_rate": 1e-5])
        try log.log(step: 300, tokens: 200, ["loss": .nan, "größe/\u{1F600}": -2])
        let name = try #require(try folder.names().first { $0.hasPrefix("events.out.tfevents.1700000000.") })
        #expect(Self.hexadecimal(try folder.bytes(name)) == Self.recordedRun)
    }

    @Test func `a resumed run begins a file that sorts behind, and voids the later steps`() throws {
        try log(1...3, to: try log(writesEvents: true))
        try log(3...3, to: try log(resumingAfter: 2, writesEvents: true))
        let names = try folder.names().filter { $0.hasPrefix("events.") }
        #expect(names.count == 2)
        #expect(names[1].hasPrefix("events.out.tfevents.1700000001."))
        // Wall time, step 3, session_log { status: START }.
        let session = "0900000040fc54d941" + "1003" + "3a020801"
        #expect(Self.hexadecimal(try folder.bytes(names[1])).contains(session))
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}

private final class ClockReading: Sendable {
    private let value = Mutex(0.0)

    /// 0, 1, 2, …
    func next() -> Double {
        value.withLock { value in
            defer { value += 1 }
            return value
        }
    }
}
