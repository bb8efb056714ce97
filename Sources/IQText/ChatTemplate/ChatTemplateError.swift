// What can go wrong in a chat template: while it is read, and while it is rendered.

/// A chat template that cannot be read or rendered, with the line of the template and what was found there.
public enum ChatTemplateError: Error, Equatable, Sendable {
    /// The template is not well-formed; found while it is read.
    case invalidSyntax(line: Int, found: String, expected: String)
    /// Valid Jinja2 that this interpreter does not know: a statement, filter, test, method or function.
    case unsupported(line: Int, construct: String)
    /// Something was asked of a value that does not exist, such as an attribute of a missing variable.
    case undefinedValue(line: Int, name: String, operation: String)
    /// An operation on values that do not permit it; `reason` names their kinds.
    case invalidOperation(line: Int, operation: String, reason: String)
    /// The template itself refused the conversation, by `raise_exception(message)`.
    case raised(line: Int, message: String)
    /// A bound that keeps a hostile template from hanging or from exhausting memory was passed.
    case limitExceeded(line: Int, limit: ChatTemplateLimit)

    /// The line of the template, counted from 1.
    public var line: Int {
        switch self {
        case .invalidSyntax(let line, _, _), .unsupported(let line, _), .undefinedValue(let line, _, _),
            .invalidOperation(let line, _, _), .raised(let line, _), .limitExceeded(let line, _):
            line
        }
    }
}

/// The bounds that reading and rendering a template keep.
public enum ChatTemplateLimit: Sendable, Hashable, CaseIterable {
    /// UTF-8 bytes of the template.
    case sourceLength
    /// Statements within statements, expressions within expressions, lists within lists.
    case nesting
    /// Statements and expressions under evaluation at one time; macros that call themselves reach it.
    case recursion
    /// Bytes of the rendered text.
    case outputLength
    /// Work in all: bytes of text built, and about as much time for steps, loop passes and elements of lists.
    case work

    /// The largest permitted figure.
    public var maximum: Int {
        switch self {
        case .sourceLength: 1 << 20
        case .nesting: 64
        case .recursion: 256
        case .outputLength: 1 << 26
        case .work: 1 << 28
        }
    }
}

extension ChatTemplateError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidSyntax(let line, let found, let expected):
            "Line \(line) of the chat template: found \(found) where \(expected) should stand."
        case .unsupported(let line, let construct):
            "Line \(line) of the chat template uses \(construct), which is not implemented."
        case .undefinedValue(let line, let name, let operation):
            "Line \(line) of the chat template: \(name) is undefined; \(operation) needs a value."
        case .invalidOperation(let line, let operation, let reason):
            "Line \(line) of the chat template: \(operation) is not possible: \(reason)."
        case .raised(let line, let message):
            "The chat template refuses this conversation (line \(line)): \(message)"
        case .limitExceeded(let line, let limit):
            switch limit {
            case .sourceLength:
                "The chat template is longer than \(limit.maximum) bytes."
            case .nesting:
                "Line \(line) of the chat template nests deeper than \(limit.maximum) levels."
            case .recursion:
                "Line \(line) of the chat template: more than \(limit.maximum) evaluations within one another."
            case .outputLength:
                "Line \(line) of the chat template: the rendered text is longer than \(limit.maximum) bytes."
            case .work:
                "Line \(line) of the chat template: rendering takes more work than \(limit.maximum) units."
            }
        }
    }
}
