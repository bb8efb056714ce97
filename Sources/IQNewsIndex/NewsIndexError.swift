// What can be wrong with an index.

internal import GRDB

/// An index that cannot be opened, searched or changed.
public enum NewsIndexError: Error, Equatable, Sendable, CustomStringConvertible {
    case notFound(path: String)
    /// The file is something else: no SQLite database, or another program's.
    case notAnIndex(path: String, reason: String)
    /// The file is of another version of the library.
    case unsupportedVersion(path: String, found: Int, supported: Int)
    /// The file is damaged: what it says of itself does not hold.
    case damaged(path: String, reason: String)
    /// Another process has been writing for longer than the time that is waited.
    case busy(path: String)
    /// The system refuses, for the reason given in SQLite's words.
    case system(path: String, code: Int, reason: String)
    /// The vectors in the index are of another model than the one given.
    case modelMismatch(path: String, similarity: Double)
    case dimensionMismatch(found: Int, index: Int)
    /// There is no model to embed texts with.
    case noEmbedder
    /// The index was made with other settings than those asked for.
    case settingsMismatch(path: String, setting: String)
    /// The graph of neighbours could not be built or searched.
    case graph(reason: String)
    /// A request that no search can answer.
    case invalidLimit(Int)

    public var description: String {
        switch self {
        case .notFound(let path): "there is no index at \(path); build one with `interest-query index build`"
        case .notAnIndex(let path, let reason): "\(path) is no news index: \(reason)"
        case .unsupportedVersion(let path, let found, let supported):
            "\(path) is an index of version \(found) and this library reads \(supported); build it again"
        case .damaged(let path, let reason): "\(path) is damaged: \(reason); restore it or build it again"
        case .busy(let path): "\(path) is being written by another process; try again later"
        case .system(let path, let code, let reason): "\(path): \(reason) (SQLite code \(code))"
        case .modelMismatch(let path, let similarity):
            "the vectors in \(path) are not of this model (its vector of the probe text has a similarity of \(similarity) to the stored one); give the model that built the index, or build it again"
        case .dimensionMismatch(let found, let index):
            "a vector has \(found) numbers and the index holds vectors of \(index); use the model that built the index"
        case .noEmbedder: "dense search and embedding need a model; give a TextEmbedder, or search lexically"
        case .settingsMismatch(let path, let setting):
            "\(path) was made with another \(setting); open it with the same, or build a new one"
        case .graph(let reason): "the graph of neighbours failed: \(reason)"
        case .invalidLimit(let limit): "a limit of \(limit) is not in 1...\(NewsIndex.maximumLimit)"
        }
    }
}

extension NewsIndexError {
    /// What an error of the database stands for; other errors stay what they are.
    static func from(_ error: any Error, path: String) -> any Error {
        if error is RowDecodingError { return Self.damaged(path: path, reason: "a value is not of its column's type") }
        guard let error = error as? DatabaseError else { return error }
        let reason = error.message ?? "no reason given"
        return switch error.resultCode {
        case .SQLITE_NOTADB: Self.notAnIndex(path: path, reason: "it is no SQLite database")
        case .SQLITE_CORRUPT: Self.damaged(path: path, reason: reason)
        case .SQLITE_BUSY, .SQLITE_LOCKED: Self.busy(path: path)
        case .SQLITE_ERROR where reason.contains("no such table") || reason.contains("no such column"):
            Self.damaged(path: path, reason: reason)
        case .SQLITE_IOERR where error.extendedResultCode == .SQLITE_IOERR_SHORT_READ:
            Self.damaged(path: path, reason: "the file is shorter than it says")
        default: Self.system(path: path, code: Int(error.extendedResultCode.rawValue), reason: reason)
        }
    }
}
