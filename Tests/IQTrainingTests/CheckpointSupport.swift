// What the tests of checkpoints share: a folder that goes away, small states, and calls that are counted, refused or cut off.

import IQTensor
import IQTraining
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A folder that is removed when the value goes out of use.
final class ScratchFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "iq-run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: file(name), withIntermediateDirectories: true)
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: file(name), withDestinationPath: target)
    }

    /// Where a link leads.
    func target(_ name: String) throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: file(name))
    }

    func names(_ subfolder: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + "/" + subfolder).sorted()
    }

    func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

    func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: file(name)))) }

    func write(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    }
}

/// A state whose every number depends on its step, so that half an old one and half a new one are noticed.
struct SmallState: Equatable {
    var weights: [Float]
    var bias: [Float]
    var momentum: [Float]
    var state: TrainingState

    init(step: Int) {
        var random = RandomStream(seed: 11, stream: UInt64(step))
        weights = (0..<6).map { _ in random.uniformFloat() }
        bias = [Float(step)]
        momentum = (0..<7).map { _ in Float(random.normal()) }
        state = TrainingState(
            step: step,
            tokens: 512 * step,
            seconds: 0.1 * Double(step),
            cursor: DataCursor(epoch: step / 10, position: step % 10),
            randomStreams: ["order": random, "dropout": RandomStream(seed: .max, stream: .max, position: .max)]
        )
    }

    static let weightNames = ["model.embed.weight", "model.bias"]

    func write(to draft: CheckpointDraft) throws(CheckpointError) {
        try draft.add(state, named: TrainingState.memberName)
        try draft.add(
            [tensor(Self.weightNames[0], [2, 3], weights), tensor(Self.weightNames[1], [1], bias)],
            named: "parameters"
        )
        try draft.add([tensor("m", [7], momentum)], named: "moments")
    }

    init(_ checkpoint: Checkpoint) throws {
        self.init(step: 0)
        state = try checkpoint.decode(TrainingState.self, named: TrainingState.memberName)
        let memory = FloatMemory(count: 14)
        try checkpoint.read(
            // In another order than they were written in.
            [
                memory.destination(Self.weightNames[1], [1], 6..<7),
                memory.destination(Self.weightNames[0], [2, 3], 0..<6),
            ],
            named: "parameters"
        )
        try checkpoint.read([memory.destination("m", [7], 7..<14)], named: "moments")
        weights = Array(memory.values[0..<6])
        bias = [memory.values[6]]
        momentum = Array(memory.values[7..<14])
    }
}

func tensor(_ name: String, _ shape: [Int], _ values: [Float]) -> NamedTensor {
    NamedTensor(name: name, shape: shape) { body in values.withUnsafeBytes(body) }
}

/// Memory that tensors are read into.
final class FloatMemory {
    var values: [Float]

    init(count: Int) { values = Array(repeating: .nan, count: count) }

    func destination(_ name: String, _ shape: [Int], _ range: Range<Int>) -> TensorDestination {
        TensorDestination(name: name, shape: shape) { body in
            self.values.withUnsafeMutableBytes { bytes in
                body(UnsafeMutableRawBufferPointer(rebasing: bytes[4 * range.lowerBound..<4 * range.upperBound]))
            }
        }
    }
}

/// Looks on at calls, and refuses those that a test wants refused.
final class CallObserver: Sendable {
    private let seen = Mutex<[FileCall]>([])
    private let refuse: @Sendable (_ number: Int, FileCall) -> Int32?

    /// - Parameter refuse: the errno to fail with, given the call and its number from 1 on; nil lets it happen. Flushes only
    ///   ever fail and are never made: these tests end no machine, and thousands of flushes take minutes.
    init(refuse: @escaping @Sendable (_ number: Int, FileCall) -> Int32? = { _, _ in nil }) { self.refuse = refuse }

    /// A process that is killed before its call number `number`: from then on nothing happens.
    convenience init(killedBefore number: Int) {
        self.init { present, _ in present >= number ? EIO : nil }
    }

    var all: [FileCall] { seen.withLock { $0 } }

    func clear() { seen.withLock { $0 = [] } }

    /// Writes come in pieces of `writeByteCount` bytes, so that a kill may fall between any two of them.
    func calls(writeByteCount: Int = 100) -> FileCalls {
        var calls = FileCalls { [self] call in
            let number = seen.withLock {
                $0.append(call)
                return $0.count
            }
            if let code = refuse(number, call) { return code }
            switch call {
            case .flush, .flushFolder: return 0
            default: return nil
            }
        }
        calls.writeByteCount = writeByteCount
        return calls
    }
}

/// errno values by name, the same on all our systems.
let EIO: Int32 = 5
let EACCES: Int32 = 13
let ENOSPC: Int32 = 28
