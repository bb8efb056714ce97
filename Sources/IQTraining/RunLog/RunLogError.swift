// What can go wrong with the log of a run.

internal import IQModel

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A log that cannot be written or read. Every case names the path.
public enum RunLogError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A new run was to be logged where there is a log already.
    case alreadyThere(path: String)
    /// There is no file at the path.
    case missing(path: String)
    /// The system refused to read; `code` is its errno.
    case notReadable(path: String, code: Int32)
    /// The system refused to write; `code` is its errno.
    case notWritable(path: String, code: Int32)
    /// The disk, or the user's share of it, has no room left.
    case diskFull(path: String)
    /// A line, counted from 1, is not a record of a step.
    case malformedLine(path: String, line: Int, reason: String)
    /// A file beside the log is not what it should be.
    case malformed(path: String, reason: String)

    public var description: String {
        switch self {
        case .alreadyThere(let path):
            "\(path) holds the log of an earlier run; resume that run, or give another folder"
        case .missing(let path): "there is no \(path); give the folder of a training run"
        case .notReadable(let path, let code): "cannot read \(path): \(systemErrorText(code))"
        case .notWritable(let path, let code): "cannot write \(path): \(systemErrorText(code))"
        case .diskFull(let path): "the disk is full: \(path) could not be written; free some space and resume"
        case .malformedLine(let path, let line, let reason): "\(path), line \(line): \(reason)"
        case .malformed(let path, let reason): "\(path): \(reason)"
        }
    }
}

extension RunLogError {
    init(writing failure: FileFailure) {
        switch failure.code {
        case ENOSPC, EDQUOT, EFBIG: self = .diskFull(path: failure.path)
        default: self = .notWritable(path: failure.path, code: failure.code)
        }
    }

    init(reading failure: FileFailure) {
        self =
            failure.code == ENOENT
            ? .missing(path: failure.path) : .notReadable(path: failure.path, code: failure.code)
    }
}
