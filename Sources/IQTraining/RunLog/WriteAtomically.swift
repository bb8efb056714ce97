// Small files beside the log: whole or not at all.

internal import IQModel

/// Writes a file so that its path never holds half of it.
func writeAtomically(_ bytes: [UInt8], to path: String) throws(RunLogError) {
    do {
        try AtomicFile.write(bytes, to: path)
    } catch {
        guard case .notWritable(_, let code) = error else { throw .notWritable(path: path, code: 0) }
        throw RunLogError(writing: FileFailure(path: path, code: code))
    }
}
