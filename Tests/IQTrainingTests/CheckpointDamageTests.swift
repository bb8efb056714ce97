// Damaged, truncated and foreign checkpoints are refused with the place and the reason, and the one before is offered.

import IQTensor
import IQTraining
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct CheckpointDamageTests {
    private let folder: ScratchFolder
    private let catalog: CheckpointCatalog
    private let newest: CheckpointEntry

    init() throws {
        folder = try ScratchFolder()
        let store = try CheckpointStore(folder: folder.path, keeping: 3)
        for step in [1, 2] { try store.save(step: step, SmallState(step: step).write) }
        catalog = store.catalog
        newest = try #require(try catalog.latest())
    }

    private static let parameters = "step-000000002/parameters.safetensors"

    private func expect(_ fault: CheckpointFault) throws {
        #expect(throws: CheckpointError.damaged(path: newest.path, fault, previousStep: 1)) { try catalog.loadLatest() }
        let (checkpoint, damaged) = try catalog.latestIntact()
        #expect(checkpoint.step == 1)
        #expect(damaged == [.damaged(path: newest.path, fault, previousStep: 1)])
        #expect(try SmallState(checkpoint) == SmallState(step: 1))
    }

    @Test func `a missing file`() throws {
        try FileManager.default.removeItem(atPath: folder.file(Self.parameters))
        try expect(.missingFile("parameters.safetensors"))
    }

    @Test func `a file cut short`() throws {
        let bytes = try folder.bytes(Self.parameters)
        try folder.write(bytes.dropLast(3), Self.parameters)
        try expect(.wrongSize("parameters.safetensors", expected: bytes.count, found: bytes.count - 3))
    }

    @Test(arguments: [0, 8, 50, -1]) func `a flipped bit anywhere`(_ place: Int) throws {
        var bytes = try folder.bytes(Self.parameters)
        let expected = CRC32C(bytes).value
        bytes[place < 0 ? bytes.count + place : place] ^= 1
        try folder.write(bytes, Self.parameters)
        try expect(.wrongChecksum("parameters.safetensors", expected: expected, found: CRC32C(bytes).value))
    }

    @Test func `a changed number in the list of files`() throws {
        let name = "step-000000002/checkpoint.json"
        let text = try folder.text(name)
        let changed = text.replacing("\"isBest\": false", with: "\"isBest\": true")
        #expect(changed != text)
        try folder.write(Array(changed.utf8), name)
        #expect { try catalog.loadLatest() } throws: { error in
            guard case CheckpointError.damaged(_, .malformedIndex(let reason), 1) = error else { return false }
            return reason.hasPrefix("its checksum is ")
        }
    }

    @Test func `every prefix of the list of files is refused`() throws {
        let name = "step-000000002/checkpoint.json"
        let bytes = try folder.bytes(name)
        for count in 0..<bytes.count {
            try folder.write(Array(bytes[..<count]), name)
            #expect(throws: CheckpointError.self) { try catalog.loadLatest() }
        }
        #expect(try catalog.latestIntact().checkpoint.step == 1)
    }

    @Test func `a folder without a list of files`() throws {
        try FileManager.default.removeItem(atPath: folder.file("step-000000002/checkpoint.json"))
        try expect(.missingFile("checkpoint.json"))
    }

    @Test func `the state of one step under the name of another`() throws {
        try FileManager.default.moveItem(atPath: newest.path, toPath: folder.file("step-000000003"))
        #expect(
            throws: CheckpointError.damaged(
                path: folder.file("step-000000003"),
                .malformedIndex(reason: "it is that of step 2"),
                previousStep: 1
            )
        ) { try catalog.loadLatest() }
    }

    /// The list as somebody may write it by hand, with its checksum set right.
    private func writeIndex(_ text: String) throws {
        let zeros = "{\n  \"checksum\": \"00000000\",\n  " + text
        let right = zeros.replacing(
            "\"00000000\"",
            with: "\"\(CRC32C(Array(zeros.utf8)).hexadecimal)\"",
            maxReplacements: 1
        )
        try folder.write(Array(right.utf8), "step-000000002/checkpoint.json")
    }

    @Test func `a format of the future is not taken for damage`() throws {
        try writeIndex(
            #""format": "interest-query checkpoint", "version": 2, "step": 2, "isBest": false, "files": []}"#
        )
        let error = CheckpointError.unsupportedVersion(path: newest.path, found: 2, supported: 1)
        #expect(throws: error) { try catalog.loadLatest() }
        // It is whole, so an older one must not silently take its place.
        #expect(throws: error) { try catalog.latestIntact() }
    }

    @Test(arguments: [
        #"{"name": "../step-000000001/state.json", "bytes": 1, "crc32c": "00000000"}"#,
        #"{"name": "/etc/passwd", "bytes": 1, "crc32c": "00000000"}"#,
        #"{"name": ".hidden", "bytes": 1, "crc32c": "00000000"}"#,
        #"{"name": "", "bytes": 1, "crc32c": "00000000"}"#,
        #"{"name": "a.json", "bytes": -1, "crc32c": "00000000"}"#,
        #"{"name": "a.json", "bytes": 1e3, "crc32c": "00000000"}"#,
        #"{"name": "a.json", "bytes": 1, "crc32c": "+0000000"}"#,
        #"{"name": "a.json", "bytes": 1, "crc32c": 0}"#,
        #"{"name": "a.json", "bytes": 99999999999999999999, "crc32c": "00000000"}"#,
        "[]",
    ])
    func `an entry that names no file of this folder`(_ entry: String) throws {
        try writeIndex(
            #""format": "interest-query checkpoint", "version": 1, "step": 2, "isBest": false, "files": ["# + entry
                + "]}"
        )
        try expect(.malformedIndex(reason: "the entry of file 1 is malformed"))
    }

    @Test func `a file of tensors that is none, with the right checksum`() throws {
        let bytes = [UInt8](repeating: 0xFF, count: 64)
        try folder.write(bytes, Self.parameters)
        try writeIndex(
            #""format": "interest-query checkpoint", "version": 1, "step": 2, "isBest": false, "files": ["#
                + #"{"name": "parameters.safetensors", "bytes": 64, "crc32c": ""# + CRC32C(bytes).hexadecimal + #""}]}"#
        )
        let checkpoint = try catalog.loadLatest()
        #expect { try checkpoint.read([], named: "parameters") } throws: { error in
            guard case CheckpointError.damaged(_, .safetensors("parameters.safetensors", .headerLength), nil) = error
            else { return false }
            return true
        }
    }

    @Test func `if all are damaged, the newest one's fault is told`() throws {
        for name in ["step-000000001", "step-000000002"] { try folder.write([], name + "/state.json") }
        #expect { try catalog.latestIntact() } throws: { error in
            guard case CheckpointError.damaged(newest.path, .wrongSize("state.json", _, 0), 1) = error else {
                return false
            }
            return true
        }
    }

    @Test func `the messages say what to do`() {
        let fault = CheckpointFault.wrongSize("parameters.safetensors", expected: 10, found: 4)
        #expect(
            CheckpointError.damaged(path: "c/step-000000002", fault, previousStep: 1).description
                == "c/step-000000002 is damaged: parameters.safetensors has 4 bytes instead of 10; "
                + "the checkpoint before it is that of step 1: resume from that one"
        )
        #expect(
            CheckpointError.damaged(path: "c/step-000000002", .missingFile("state.json"), previousStep: nil).description
                == "c/step-000000002 is damaged: state.json is missing; "
                + "there is no checkpoint before it: start the training anew"
        )
        #expect(
            CheckpointError.notWritable(path: "c", code: EACCES).description == "cannot write c: Permission denied"
        )
    }
}
