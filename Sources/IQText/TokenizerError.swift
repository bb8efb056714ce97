// What can be wrong with a tokenizer's files.

/// A tokenizer that cannot be built from its files, with what was wrong and where.
public enum TokenizerError: Error, Equatable, Sendable {
    /// A file is missing or cannot be read.
    case unreadableFile(path: String, reason: String)
    /// A file is not JSON; `byteOffset` counts from its start.
    case invalidJSON(file: String, byteOffset: Int, reason: String)
    /// A value is absent or of another kind; `path` leads to it, as in `model.vocab`.
    case invalidValue(file: String, path: String, expected: String, found: String)
    /// A component of this kind (`normalizer`, `model`, ...) is not implemented.
    case unsupported(component: String, name: String)
    /// A split pattern outside the regular expressions that are implemented.
    case unsupportedPattern(String)
    /// The vocabulary has no token.
    case emptyVocabulary
    /// Two tokens carry the same id.
    case duplicateIdentifier(Int, first: String, second: String)
    /// Two ids carry the same token.
    case duplicateToken(String, first: Int, second: Int)
    /// An id is negative or beyond what the vocabulary can hold.
    case identifierOutOfRange(token: String, identifier: Int, limit: Int)
    /// A merge names a token that the vocabulary lacks.
    case danglingMerge(rank: Int, left: String, right: String, missing: String)
    /// A merge is not two strings, or one of them is empty.
    case invalidMerge(rank: Int, text: String)
    /// A list does not have one entry per token.
    case countMismatch(field: String, count: Int, expected: Int)
    /// A token that another part of the file needs is not in the vocabulary.
    case missingToken(String, neededBy: String)
}

extension TokenizerError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadableFile(let path, let reason):
            "The file \(path) cannot be read: \(reason)."
        case .invalidJSON(let file, let byteOffset, let reason):
            "\(file) is not valid JSON at byte \(byteOffset): \(reason)."
        case .invalidValue(let file, let path, let expected, let found):
            "\(file): \(path) should be \(expected) and is \(found)."
        case .unsupported(let component, let name):
            "The tokenizer uses the \(component) \(name), which is not implemented."
        case .unsupportedPattern(let pattern):
            "The tokenizer splits text by the pattern \(pattern), which is not implemented."
        case .emptyVocabulary:
            "The vocabulary holds no token."
        case .duplicateIdentifier(let identifier, let first, let second):
            "The id \(identifier) belongs to two tokens, \(first) and \(second)."
        case .duplicateToken(let token, let first, let second):
            "The token \(token) has two ids, \(first) and \(second)."
        case .identifierOutOfRange(let token, let identifier, let limit):
            "The token \(token) has the id \(identifier), which is not in 0 ..< \(limit)."
        case .danglingMerge(let rank, let left, let right, let missing):
            "Merge \(rank) joins \(left) and \(right), but the vocabulary lacks \(missing)."
        case .invalidMerge(let rank, let text):
            "Merge \(rank) is not two strings parted by a space: \(text)."
        case .countMismatch(let field, let count, let expected):
            "\(field) has \(count) entries for \(expected) tokens."
        case .missingToken(let token, let neededBy):
            "The vocabulary lacks the token \(token), which \(neededBy) needs."
        }
    }
}
