// The tokens of a template.

/// One token and the line it starts on.
struct TemplateToken: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case text(String)
        case expressionStart
        case expressionEnd
        case statementStart
        case statementEnd
        case name(String)
        case string(String)
        case integer(Int)
        case number(Double)
        case symbol(TemplateSymbol)
        case endOfTemplate
    }

    var kind: Kind
    var line: Int

    /// The token in words, for error messages.
    var description: String {
        switch kind {
        case .text: "text"
        case .expressionStart: "'{{'"
        case .expressionEnd: "'}}'"
        case .statementStart: "'{%'"
        case .statementEnd: "'%}'"
        case .name(let name): "'\(name)'"
        case .string: "a string"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .symbol(let symbol): "'\(symbol.rawValue)'"
        case .endOfTemplate: "the end of the template"
        }
    }
}

/// Operators and punctuation.
enum TemplateSymbol: String, Sendable, CaseIterable {
    case power = "**"
    case floorDivide = "//"
    case equal = "=="
    case notEqual = "!="
    case greaterOrEqual = ">="
    case lessOrEqual = "<="
    case plus = "+"
    case minus = "-"
    case divide = "/"
    case multiply = "*"
    case modulo = "%"
    case tilde = "~"
    case openBracket = "["
    case closeBracket = "]"
    case openParenthesis = "("
    case closeParenthesis = ")"
    case openBrace = "{"
    case closeBrace = "}"
    case greater = ">"
    case less = "<"
    case assign = "="
    case dot = "."
    case colon = ":"
    case pipe = "|"
    case comma = ","
    case semicolon = ";"

    /// The symbol that closes this one.
    var closing: TemplateSymbol? {
        switch self {
        case .openBracket: .closeBracket
        case .openParenthesis: .closeParenthesis
        case .openBrace: .closeBrace
        default: nil
        }
    }

    var isClosing: Bool { self == .closeBracket || self == .closeParenthesis || self == .closeBrace }
}
