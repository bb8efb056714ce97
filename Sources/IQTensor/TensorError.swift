// What can fail below the model: memory, files, processors.

/// A failure of the tensor layer that comes from outside the library. Shape mistakes inside it are preconditions instead.
public enum TensorError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The system did not give `bytes` bytes.
    case outOfMemory(bytes: Int)
    /// This processor cannot run the level that was asked for.
    case unsupportedLevel(InstructionLevel, supported: [InstructionLevel])
    /// The number of threads is not in the permitted range.
    case invalidThreadCount(Int, permitted: ClosedRange<Int>)
    /// The system refused to start a worker thread.
    case threadFailure
    /// The operation is not defined for this number format.
    case unsupportedFormat(operation: String)
    /// A file could not be opened, measured or mapped; `code` is the system's errno.
    case fileNotReadable(path: String, code: Int32)
    /// The file has no bytes.
    case emptyFile(path: String)
    /// A kernel refused its arguments: a defect of this library.
    case invalidArgument(operation: String)

    public var description: String {
        switch self {
        case .outOfMemory(let bytes):
            "out of memory: the system did not give \(bytes) bytes; use a smaller model, context or batch"
        case .unsupportedLevel(let level, let supported):
            "this processor cannot run the level \(level.rawValue); it can run \(supported.map(\.rawValue).joined(separator: ", "))"
        case .invalidThreadCount(let count, let permitted):
            "\(count) threads were asked for; give a number from \(permitted.lowerBound) to \(permitted.upperBound)"
        case .threadFailure:
            "the system refused to start a worker thread; use fewer threads"
        case .unsupportedFormat(let operation):
            "\(operation) is not defined for this number format"
        case .fileNotReadable(let path, let code):
            "cannot read \(path): \(systemMessage(code))"
        case .emptyFile(let path):
            "\(path) is empty"
        case .invalidArgument(let operation):
            "\(operation) refused its arguments; this is a defect of InterestQueryKit, please report it"
        }
    }
}
