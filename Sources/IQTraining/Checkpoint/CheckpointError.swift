// What can go wrong with the saved states of a training.

public import IQModel

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A training state that cannot be written or read back. Every case names the path.
public enum CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Fewer than one state was to be kept.
    case invalidKeeping(Int)
    /// The folder holds no state.
    case none(folder: String)
    /// The system refused to read; `code` is its errno.
    case notReadable(path: String, code: Int32)
    /// The system refused to write; `code` is its errno.
    case notWritable(path: String, code: Int32)
    /// The disk, or the user's share of it, has no room left. States saved before are whole.
    case diskFull(path: String)
    /// Another process saves to this folder.
    case inUse(folder: String)
    /// The state is not as it was written. `previousStep` is the step of the next older one, if there is one.
    case damaged(path: String, CheckpointFault, previousStep: Int?)
    /// A state of a format that this version does not know.
    case unsupportedVersion(path: String, found: Int, supported: Int)
    /// The tensors are those of another model, or of other training options.
    case tensors(path: String, TensorMismatch)
    /// The state is whole but lacks a part: it was saved by another kind of training.
    case missingMember(path: String, name: String, present: [String])
    /// A part of the state does not say what is expected of it.
    case unexpectedMember(path: String, name: String, reason: String)
    /// A value cannot be written as JSON.
    case notEncodable(name: String, reason: String)

    public var description: String {
        switch self {
        case .invalidKeeping(let count): "\(count) checkpoints were to be kept; give a number of at least 1"
        case .none(let folder): "\(folder) holds no checkpoint; start the training without resuming"
        case .notReadable(let path, let code): "cannot read \(path): \(systemErrorText(code))"
        case .notWritable(let path, let code): "cannot write \(path): \(systemErrorText(code))"
        case .diskFull(let path):
            "the disk is full: \(path) was not written; free some space and resume from the checkpoint before it"
        case .inUse(let folder):
            "another process saves its checkpoints to \(folder); wait for it or give another folder"
        case .damaged(let path, let fault, let previous):
            "\(path) is damaged: \(fault); "
                + (previous.map { "the checkpoint before it is that of step \($0): resume from that one" }
                    ?? "there is no checkpoint before it: start the training anew")
        case .unsupportedVersion(let path, let found, let supported):
            "\(path) has the format version \(found) and this program reads \(supported); use the program that wrote it"
        case .tensors(let path, let mismatch):
            "\(path) belongs to another model or to other training options: \(mismatch)"
        case .missingMember(let path, let name, let present):
            "\(path) has no \(name), only \(present.joined(separator: ", ")); it was saved by another kind of training"
        case .unexpectedMember(let path, let name, let reason):
            "\(name) in \(path) is not what this training saves: \(reason)"
        case .notEncodable(let name, let reason): "\(name) cannot be written as JSON: \(reason)"
        }
    }
}

/// How a saved state differs from what was written.
public enum CheckpointFault: Error, Equatable, Sendable, CustomStringConvertible {
    case missingFile(String)
    /// The file is shorter or longer than it was.
    case wrongSize(String, expected: Int, found: Int)
    /// CRC-32C of the file's bytes.
    case wrongChecksum(String, expected: UInt32, found: UInt32)
    /// The list of files cannot be read.
    case malformedIndex(reason: String)
    /// The file has the right checksum and is no safetensors file for all that.
    case safetensors(String, SafetensorsFault)

    public var description: String {
        switch self {
        case .missingFile(let name): "\(name) is missing"
        case .wrongSize(let name, let expected, let found): "\(name) has \(found) bytes instead of \(expected)"
        case .wrongChecksum(let name, let expected, let found):
            "\(name) has the checksum \(String(found, radix: 16)) instead of \(String(expected, radix: 16))"
        case .malformedIndex(let reason): "\(CheckpointIndex.fileName) is malformed: \(reason)"
        case .safetensors(let name, let fault): "\(name): \(fault)"
        }
    }
}

extension CheckpointError {
    /// The failure of a call that writes.
    init(writing failure: FileFailure) {
        switch failure.code {
        case ENOSPC, EDQUOT, EFBIG: self = .diskFull(path: failure.path)
        default: self = .notWritable(path: failure.path, code: failure.code)
        }
    }

    init(reading failure: FileFailure) { self = .notReadable(path: failure.path, code: failure.code) }
}
