// Turns tokens into the syntax tree. What Jinja2 knows and this interpreter does not is refused here, with its line.

/// Reads statements; expressions are in `TemplateParser+Expressions.swift`.
struct TemplateParser {
    let tokens: [TemplateToken]
    var position = 0
    /// Blocks and brackets that are open.
    var depth = 0
    /// Loops that `break` could leave.
    private var loopDepth = 0

    /// The statements of a template.
    static func parse(_ source: String) throws(ChatTemplateError) -> [TemplateStatement] {
        var parser = TemplateParser(tokens: try TemplateLexer.tokens(of: source))
        return try parser.statements(until: [])
    }

    private init(tokens: [TemplateToken]) { self.tokens = tokens }

    // MARK: Tokens

    var current: TemplateToken { tokens[min(position, tokens.count - 1)] }
    var line: Int { current.line }

    func peek(_ offset: Int = 1) -> TemplateToken { tokens[min(position + offset, tokens.count - 1)] }
    func isName(_ name: String) -> Bool { current.kind == .name(name) }
    func isSymbol(_ symbol: TemplateSymbol) -> Bool { current.kind == .symbol(symbol) }

    mutating func skip(_ count: Int = 1) { position += count }

    mutating func skipIfName(_ name: String) -> Bool {
        guard isName(name) else { return false }
        skip()
        return true
    }

    mutating func skipIfSymbol(_ symbol: TemplateSymbol) -> Bool {
        guard isSymbol(symbol) else { return false }
        skip()
        return true
    }

    func unexpected(expected: String) -> ChatTemplateError {
        .invalidSyntax(line: line, found: current.description, expected: expected)
    }

    mutating func expect(_ kind: TemplateToken.Kind) throws(ChatTemplateError) {
        guard current.kind == kind else {
            throw unexpected(expected: TemplateToken(kind: kind, line: line).description)
        }
        skip()
    }

    mutating func expectSymbol(_ symbol: TemplateSymbol) throws(ChatTemplateError) { try expect(.symbol(symbol)) }

    mutating func expectName() throws(ChatTemplateError) -> String {
        guard case .name(let name) = current.kind else { throw unexpected(expected: "a name") }
        skip()
        return name
    }

    /// Counts one more open block or bracket for the length of the call.
    mutating func nested<Result>(
        _ body: (inout TemplateParser) throws(ChatTemplateError) -> Result
    ) throws(ChatTemplateError) -> Result {
        guard depth < ChatTemplateLimit.nesting.maximum else { throw .limitExceeded(line: line, limit: .nesting) }
        depth += 1
        let result = try body(&self)
        depth -= 1
        return result
    }

    // MARK: Bodies

    /// Statements up to a tag that opens with one of `ends`, which stays the current token; up to the template's end if
    /// there are none.
    private mutating func statements(until ends: [String]) throws(ChatTemplateError) -> [TemplateStatement] {
        var result: [TemplateStatement] = []
        while true {
            let line = self.line
            switch current.kind {
            case .text(let text):
                skip()
                result.append(TemplateStatement(line: line, kind: .text(text)))
            case .expressionStart:
                skip()
                result.append(TemplateStatement(line: line, kind: .output(try tupleOrExpression())))
                try expect(.expressionEnd)
            case .statementStart:
                skip()
                if case .name(let name) = current.kind, ends.contains(name) { return result }
                if let kind = try nested({ (parser) throws(ChatTemplateError) in try parser.statement() }) {
                    result.append(TemplateStatement(line: line, kind: kind))
                }
                try expect(.statementEnd)
            default:
                guard ends.isEmpty, current.kind == .endOfTemplate else {
                    let expected = ends.map { "'{% \($0) %}'" }.joined(separator: " or ")
                    throw unexpected(expected: ends.isEmpty ? "text or a tag" : expected)
                }
                return result
            }
        }
    }

    /// The end of a tag and the body behind it.
    private mutating func body(until ends: [String]) throws(ChatTemplateError) -> [TemplateStatement] {
        _ = skipIfSymbol(.colon)
        try expect(.statementEnd)
        return try statements(until: ends)
    }

    private mutating func body(closedBy end: String) throws(ChatTemplateError) -> [TemplateStatement] {
        let result = try body(until: [end])
        skip()
        return result
    }

    // MARK: Statements

    private static let unsupportedStatements: Set<String> = [
        "autoescape", "block", "call", "do", "extends", "from", "import", "include", "print", "trans", "debug",
    ]

    private mutating func statement() throws(ChatTemplateError) -> TemplateStatement.Kind? {
        let line = self.line
        let keyword = try expectName()
        switch keyword {
        case "if": return try conditional()
        case "for": return try loop()
        case "set": return try assignment()
        case "macro": return try macro()
        case "with": return try scope()
        case "filter":
            var steps = [try filterStep()]
            while skipIfSymbol(.pipe) { steps.append(try filterStep()) }
            return .filtered(steps, body: try body(closedBy: "endfilter"))
        case "generation":
            // Its body is a call of its own in Jinja, so no loop outside can be left from within.
            let outerLoops = loopDepth
            loopDepth = 0
            defer { loopDepth = outerLoops }
            return .generation(try body(closedBy: "endgeneration"))
        case "break", "continue":
            guard loopDepth > 0 else {
                throw .invalidSyntax(line: line, found: "'\(keyword)' outside a loop", expected: "a loop around it")
            }
            return keyword == "break" ? .breakLoop : .continueLoop
        default:
            if Self.unsupportedStatements.contains(keyword) {
                throw .unsupported(line: line, construct: "the statement '\(keyword)'")
            }
            throw .invalidSyntax(line: line, found: "'\(keyword)'", expected: "a statement")
        }
    }

    private mutating func conditional() throws(ChatTemplateError) -> TemplateStatement.Kind {
        var branches: [(test: TemplateExpression, body: [TemplateStatement])] = []
        var otherwise: [TemplateStatement] = []
        while true {
            let test = try tupleOrExpression(permitsConditional: false)
            branches.append((test, try body(until: ["elif", "else", "endif"])))
            if skipIfName("elif") { continue }
            if skipIfName("else") {
                otherwise = try body(closedBy: "endif")
            } else {
                skip()
            }
            return .conditional(branches, otherwise: otherwise)
        }
    }

    private mutating func loop() throws(ChatTemplateError) -> TemplateStatement.Kind {
        let target = try assignmentTarget(permitsAttribute: false)
        guard skipIfName("in") else { throw unexpected(expected: "'in'") }
        let items = try tupleOrExpression(permitsConditional: false)
        let condition = skipIfName("if") ? try expression() : nil
        if isName("recursive") { throw .unsupported(line: line, construct: "a recursive loop") }
        loopDepth += 1
        let body = try body(until: ["endfor", "else"])
        loopDepth -= 1
        let hasElse = skipIfName("else")
        if !hasElse { skip() }
        let otherwise = hasElse ? try self.body(closedBy: "endfor") : []
        return .loop(
            TemplateLoop(target: target, items: items, condition: condition, body: body, otherwise: otherwise)
        )
    }

    private mutating func assignment() throws(ChatTemplateError) -> TemplateStatement.Kind {
        let target = try assignmentTarget(permitsAttribute: true)
        if skipIfSymbol(.assign) { return .assignment(target, try tupleOrExpression()) }
        var filters: [TemplateStep] = []
        while skipIfSymbol(.pipe) { filters.append(try filterStep()) }
        return .captured(target, filters: filters, body: try body(closedBy: "endset"))
    }

    private mutating func macro() throws(ChatTemplateError) -> TemplateStatement.Kind {
        let name = try expectName()
        try expectSymbol(.openParenthesis)
        var parameters: [(name: String, value: TemplateExpression?)] = []
        while !isSymbol(.closeParenthesis) {
            if !parameters.isEmpty { try expectSymbol(.comma) }
            let parameter = try expectName()
            if skipIfSymbol(.assign) {
                parameters.append((parameter, try expression()))
            } else {
                if parameters.last?.value != nil {
                    throw .invalidSyntax(
                        line: line,
                        found: "the parameter '\(parameter)' without a default",
                        expected: "a default, as those before it have"
                    )
                }
                parameters.append((parameter, nil))
            }
        }
        try expectSymbol(.closeParenthesis)
        let outerLoops = loopDepth
        loopDepth = 0
        defer { loopDepth = outerLoops }
        return .macro(TemplateMacro(name: name, parameters: parameters, body: try body(closedBy: "endmacro")))
    }

    private mutating func scope() throws(ChatTemplateError) -> TemplateStatement.Kind {
        var assignments: [(target: TemplateTarget, value: TemplateExpression)] = []
        while current.kind != .statementEnd {
            if !assignments.isEmpty { try expectSymbol(.comma) }
            let target = try primaryTarget(permitsAttribute: false)
            try expectSymbol(.assign)
            assignments.append((target, try expression()))
        }
        return .scope(assignments, body: try body(closedBy: "endwith"))
    }

    // MARK: Targets

    private static let constants: Set<String> = ["true", "false", "none", "True", "False", "None"]

    /// A name, a name's attribute, or several of them parted by commas.
    private mutating func assignmentTarget(permitsAttribute: Bool) throws(ChatTemplateError) -> TemplateTarget {
        let first = try primaryTarget(permitsAttribute: permitsAttribute)
        guard isSymbol(.comma) else { return first }
        var targets = [first]
        while skipIfSymbol(.comma) {
            guard case .name(let name) = current.kind, name != "in" else {
                if isSymbol(.openParenthesis) {
                    targets.append(try primaryTarget(permitsAttribute: permitsAttribute))
                    continue
                }
                break
            }
            targets.append(try primaryTarget(permitsAttribute: permitsAttribute))
        }
        return .tuple(targets)
    }

    private mutating func primaryTarget(permitsAttribute: Bool) throws(ChatTemplateError) -> TemplateTarget {
        if skipIfSymbol(.openParenthesis) {
            let target = try nested { (parser) throws(ChatTemplateError) in
                try parser.assignmentTarget(permitsAttribute: permitsAttribute)
            }
            try expectSymbol(.closeParenthesis)
            return target
        }
        guard case .name(let name) = current.kind, !Self.constants.contains(name) else {
            throw unexpected(expected: "a name to assign to")
        }
        skip()
        guard permitsAttribute, skipIfSymbol(.dot) else { return .name(name) }
        return .attribute(object: name, name: try expectName())
    }
}
