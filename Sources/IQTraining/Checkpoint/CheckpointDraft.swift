// A checkpoint being written: files in a folder that does not have its name yet.

internal import IQModel
internal import IQTensor

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What a trainer adds the parts of its state to. Every part becomes one file, on the disk when the call returns.
package final class CheckpointDraft {
    let folder: String
    private let calls: FileCalls
    private(set) var files: [CheckpointIndex.File] = []

    /// Bytes that are summed and then written while they are still in the cache.
    private static let pieceByteCount = 4 << 20

    init(folder: String, calls: FileCalls) {
        self.folder = folder
        self.calls = calls
    }

    /// Adds a value as `NAME.json`.
    ///
    /// - Throws: ``CheckpointError/notEncodable(name:reason:)`` for numbers that are not finite, and when writing fails.
    package func add(_ value: some Encodable, named name: String) throws(CheckpointError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let bytes: [UInt8]
        do {
            bytes = Array(try encoder.encode(value)) + [UInt8(ascii: "\n")]
        } catch {
            throw .notEncodable(name: name, reason: encodingReason(error))
        }
        try addFile(name + ".json") { writer throws(FileFailure) in try writer.write(bytes) }
    }

    /// Adds f32 tensors as `NAME.safetensors`, in this order, straight from their memory.
    package func add(_ tensors: [NamedTensor], named name: String) throws(CheckpointError) {
        let header: [UInt8]
        do {
            header = try SafetensorsHeader.bytes(
                of: tensors.map {
                    SafetensorsHeader.Entry(name: $0.name, shape: $0.shape, format: .f32, byteCount: $0.byteCount)
                }
            )
        } catch {
            preconditionFailure("f32 tensors have a safetensors header: \(error)")
        }
        try addFile(name + ".safetensors") { writer throws(FileFailure) in
            try writer.write(header)
            for tensor in tensors { try writer.write(tensor) }
        }
    }

    private func addFile(
        _ name: String,
        _ write: (inout ChecksummedWriter) throws(FileFailure) -> Void
    ) throws(CheckpointError) {
        precondition(CheckpointIndex.isPlainName(name), "\(name) is no name of a part of a checkpoint")
        precondition(!files.contains { $0.name == name }, "\(name) was added twice")
        do {
            var writer = ChecksummedWriter(file: try calls.create(joinedPath(folder, name)))
            try write(&writer)
            try writer.file.flush()
            files.append(CheckpointIndex.File(name: name, byteCount: writer.byteCount, crc: writer.checksum.value))
        } catch {
            throw CheckpointError(writing: error)
        }
    }

    /// Writes the list of files and makes sure that all of it is on the disk.
    func finish(step: Int, isBest: Bool) throws(FileFailure) {
        let file = try calls.create(joinedPath(folder, CheckpointIndex.fileName))
        try file.write(CheckpointIndex(step: step, isBest: isBest, files: files).bytes)
        try file.flush()
        try calls.flushFolder(folder)
    }

    /// Writes and sums.
    private struct ChecksummedWriter {
        let file: OpenFile
        var byteCount = 0
        var checksum = CRC32C()

        mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FileFailure) {
            var rest = bytes
            while !rest.isEmpty {
                let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(pieceByteCount))
                checksum.update(piece)
                try file.write(piece)
                rest = UnsafeRawBufferPointer(rebasing: rest[piece.count...])
            }
            byteCount += bytes.count
        }

        mutating func write(_ bytes: [UInt8]) throws(FileFailure) {
            let failure: FileFailure? = bytes.withUnsafeBytes { buffer in
                do throws(FileFailure) {
                    try write(buffer)
                    return nil
                } catch {
                    return error
                }
            }
            if let failure { throw failure }
        }

        mutating func write(_ tensor: NamedTensor) throws(FileFailure) {
            var failure: FileFailure?
            tensor.withBytes { bytes in
                precondition(
                    bytes.count == tensor.byteCount,
                    "\(tensor.name) \(tensor.shape) takes \(tensor.byteCount) bytes and has \(bytes.count)"
                )
                do throws(FileFailure) {
                    try write(bytes)
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
        }
    }
}
