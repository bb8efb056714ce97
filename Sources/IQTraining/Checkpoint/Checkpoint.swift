// A checkpoint that has been checked: its parts can be taken out.

internal import IQModel
internal import IQTensor

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A saved training state whose files all have the sizes and checksums that they were written with.
package struct Checkpoint: Sendable {
    package let entry: CheckpointEntry
    /// Whether it was the best one when it was saved.
    package let isBest: Bool
    /// Names of its files.
    package let files: [String]

    package var step: Int { entry.step }

    /// The value that was added under a name.
    ///
    /// - Throws: ``CheckpointError/missingMember(path:name:present:)``,
    ///   ``CheckpointError/unexpectedMember(path:name:reason:)``, and when reading fails.
    package func decode<Value: Decodable>(_ type: Value.Type, named name: String) throws(CheckpointError) -> Value {
        let path = try path(ofFile: name + ".json")
        let bytes: [UInt8]
        do {
            bytes = try FileReader.contents(path)
        } catch {
            throw CheckpointError(reading: error)
        }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw .unexpectedMember(path: entry.path, name: name + ".json", reason: decodingReason(error))
        }
    }

    /// Reads the tensors that were added under a name straight into the caller's memory.
    ///
    /// Names and shapes are compared before anything is written.
    ///
    /// - Throws: ``CheckpointError/missingMember(path:name:present:)``, ``CheckpointError/tensors(path:_:)``, and when
    ///   reading fails; the contents of the destinations are undefined only in the last case.
    package func read(_ destinations: [TensorDestination], named name: String) throws(CheckpointError) {
        let file = name + ".safetensors"
        let path = try path(ofFile: file)
        let stored = try storedTensors(path, file: file)
        let mismatch = mismatch(wanted: destinations, stored: stored)
        guard mismatch.isEmpty else { throw .tensors(path: path, mismatch) }
        let destinationOf = Dictionary(uniqueKeysWithValues: destinations.map { ($0.name, $0) })
        do {
            let reader = try FileReader(path: path)
            for tensor in stored {
                guard let destination = destinationOf[tensor.name] else { continue }
                let count = try reader.read(tensor, into: destination)
                guard count == tensor.byteCount else {
                    throw CheckpointError.damaged(
                        path: entry.path,
                        .wrongSize(
                            file,
                            expected: tensor.byteOffset + tensor.byteCount,
                            found: tensor.byteOffset + count
                        ),
                        previousStep: nil
                    )
                }
            }
        } catch let failure as FileFailure {
            throw CheckpointError(reading: failure)
        } catch let error as CheckpointError {
            throw error
        } catch {
            throw .notReadable(path: path, code: 0)
        }
    }

    /// Names and shapes of the tensors that were added under a name, in that order.
    package func tensors(named name: String) throws(CheckpointError) -> [(name: String, shape: [Int])] {
        let file = name + ".safetensors"
        return try storedTensors(try path(ofFile: file), file: file).map { ($0.name, $0.shape) }
    }

    private func storedTensors(_ path: String, file: String) throws(CheckpointError) -> [StoredTensor] {
        do {
            return try SafetensorsFile.open(path: path).tensors
        } catch {
            switch error {
            case .safetensors(_, let fault):
                throw .damaged(path: entry.path, .safetensors(file, fault), previousStep: nil)
            case .notReadable(let path, let code): throw .notReadable(path: path, code: code)
            default: throw .unexpectedMember(path: entry.path, name: file, reason: error.description)
            }
        }
    }

    private func path(ofFile name: String) throws(CheckpointError) -> String {
        guard files.contains(name) else { throw .missingMember(path: entry.path, name: name, present: files) }
        return joinedPath(entry.path, name)
    }
}

extension FileReader {
    /// Returns how many bytes the file gave.
    fileprivate func read(_ tensor: StoredTensor, into destination: TensorDestination) throws(FileFailure) -> Int {
        var count = 0
        var failure: FileFailure?
        destination.withMutableBytes { bytes in
            precondition(
                bytes.count == tensor.byteCount,
                "\(tensor.name) \(tensor.shape) takes \(tensor.byteCount) bytes and \(bytes.count) were given"
            )
            do throws(FileFailure) {
                count = try read(at: tensor.byteOffset, into: bytes)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return count
    }
}
