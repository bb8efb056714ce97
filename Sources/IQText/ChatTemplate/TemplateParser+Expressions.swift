// Expressions, from the weakest binding to the strongest: conditional, or, and, not, comparison, + -, ~, * / // %, **,
// sign, then attributes, items, calls, filters and tests.

extension TemplateParser {
    // MARK: Tuples and lists

    private var endsTuple: Bool {
        switch current.kind {
        case .expressionEnd, .statementEnd, .symbol(.closeParenthesis): true
        case .name("in"), .name("recursive"): true
        default: false
        }
    }

    /// One expression, or a tuple of several parted by commas.
    mutating func tupleOrExpression(
        permitsConditional: Bool = true,
        isParenthesised: Bool = false
    ) throws(ChatTemplateError) -> TemplateExpression {
        let line = self.line
        var elements: [TemplateExpression] = []
        var isTuple = false
        while true {
            if !elements.isEmpty { try expectSymbol(.comma) }
            if endsTuple { break }
            elements.append(try permitsConditional ? expression() : disjunction())
            guard isSymbol(.comma) else { break }
            isTuple = true
        }
        if !isTuple {
            if let only = elements.first { return only }
            if !isParenthesised { throw unexpected(expected: "an expression") }
        }
        return TemplateExpression(line: line, .tuple(elements))
    }

    private mutating func list() throws(ChatTemplateError) -> TemplateExpression {
        let line = self.line
        try expectSymbol(.openBracket)
        var elements: [TemplateExpression] = []
        while !isSymbol(.closeBracket) {
            if !elements.isEmpty {
                try expectSymbol(.comma)
                if isSymbol(.closeBracket) { break }
            }
            elements.append(try expression())
        }
        skip()
        return TemplateExpression(line: line, .list(elements))
    }

    private mutating func dictionary() throws(ChatTemplateError) -> TemplateExpression {
        let line = self.line
        try expectSymbol(.openBrace)
        var members: [(key: TemplateExpression, value: TemplateExpression)] = []
        while !isSymbol(.closeBrace) {
            if !members.isEmpty {
                try expectSymbol(.comma)
                if isSymbol(.closeBrace) { break }
            }
            let key = try expression()
            try expectSymbol(.colon)
            members.append((key, try expression()))
        }
        skip()
        return TemplateExpression(line: line, .dictionary(members))
    }

    // MARK: Operators

    /// Any expression; brackets and conditionals within it count as nesting.
    mutating func expression() throws(ChatTemplateError) -> TemplateExpression {
        try nested { (parser) throws(ChatTemplateError) in try parser.conditionalExpression() }
    }

    private mutating func conditionalExpression() throws(ChatTemplateError) -> TemplateExpression {
        let line = self.line
        let outerDepth = depth
        defer { depth = outerDepth }
        var result = try disjunction()
        while skipIfName("if") {
            // Each one holds those before it.
            depth += 1
            guard depth < ChatTemplateLimit.nesting.maximum else { throw .limitExceeded(line: line, limit: .nesting) }
            let test = try disjunction()
            let otherwise = skipIfName("else") ? try expression() : nil
            result = TemplateExpression(line: line, .conditional(test: test, then: result, otherwise: otherwise))
        }
        return result
    }

    private mutating func disjunction() throws(ChatTemplateError) -> TemplateExpression {
        let line = self.line
        var operands = [try conjunction()]
        while skipIfName("or") { operands.append(try conjunction()) }
        return operands.count == 1 ? operands[0] : TemplateExpression(line: line, .or(operands))
    }

    private mutating func conjunction() throws(ChatTemplateError) -> TemplateExpression {
        let line = self.line
        var operands = [try negation()]
        while skipIfName("and") { operands.append(try negation()) }
        return operands.count == 1 ? operands[0] : TemplateExpression(line: line, .and(operands))
    }

    private mutating func negation() throws(ChatTemplateError) -> TemplateExpression {
        let line = self.line
        guard skipIfName("not") else { return try comparison() }
        let operand = try nested { (parser) throws(ChatTemplateError) in try parser.negation() }
        return TemplateExpression(line: line, .not(operand))
    }

    private mutating func comparison() throws(ChatTemplateError) -> TemplateExpression {
        let line = self.line
        let first = try sum()
        var others: [(operation: TemplateComparison, operand: TemplateExpression)] = []
        while true {
            if case .symbol(let symbol) = current.kind, let operation = TemplateComparison(rawValue: symbol.rawValue) {
                skip()
                others.append((operation, try sum()))
            } else if skipIfName("in") {
                others.append((.isIn, try sum()))
            } else if isName("not"), peek().kind == .name("in") {
                skip(2)
                others.append((.isNotIn, try sum()))
            } else {
                return others.isEmpty ? first : TemplateExpression(line: line, .comparison(first, others))
            }
        }
    }

    /// Operands of one level of binding, parted by its operators.
    private mutating func arithmetic(
        _ operations: [TemplateArithmetic],
        _ operand: (inout TemplateParser) throws(ChatTemplateError) -> TemplateExpression
    ) throws(ChatTemplateError) -> TemplateExpression {
        let line = self.line
        let first = try operand(&self)
        var others: [(operation: TemplateArithmetic, operand: TemplateExpression)] = []
        while case .symbol(let symbol) = current.kind, let operation = TemplateArithmetic(rawValue: symbol.rawValue),
            operations.contains(operation)
        {
            skip()
            others.append((operation, try operand(&self)))
        }
        return others.isEmpty ? first : TemplateExpression(line: line, .arithmetic(first, others))
    }

    private mutating func sum() throws(ChatTemplateError) -> TemplateExpression {
        try arithmetic([.add, .subtract]) { (parser) throws(ChatTemplateError) in try parser.concatenation() }
    }

    private mutating func concatenation() throws(ChatTemplateError) -> TemplateExpression {
        let line = self.line
        var operands = [try product()]
        while skipIfSymbol(.tilde) { operands.append(try product()) }
        return operands.count == 1 ? operands[0] : TemplateExpression(line: line, .concatenation(operands))
    }

    private mutating func product() throws(ChatTemplateError) -> TemplateExpression {
        try arithmetic([.multiply, .divide, .floorDivide, .modulo]) { (parser) throws(ChatTemplateError) in
            try parser.arithmetic([.power]) { (parser) throws(ChatTemplateError) in
                try parser.unary(permitsFilters: true)
            }
        }
    }

    private mutating func unary(permitsFilters: Bool) throws(ChatTemplateError) -> TemplateExpression {
        let line = self.line
        var base: TemplateExpression
        if isSymbol(.minus) || isSymbol(.plus) {
            let isMinus = isSymbol(.minus)
            skip()
            let operand = try nested { (parser) throws(ChatTemplateError) in try parser.unary(permitsFilters: false) }
            base = TemplateExpression(line: line, .sign(operand, isMinus: isMinus))
        } else {
            base = try primary()
        }
        var steps: [TemplateStep] = []
        while let step = try accessStep() { steps.append(step) }
        while permitsFilters, let step = try filterOrTestStep() { steps.append(step) }
        if !steps.isEmpty { base = TemplateExpression(line: line, .chain(base, steps)) }
        return base
    }

    private mutating func primary() throws(ChatTemplateError) -> TemplateExpression {
        let line = self.line
        switch current.kind {
        case .name(let name):
            skip()
            switch name {
            case "true", "True": return TemplateExpression(line: line, .literal(.boolean(true)))
            case "false", "False": return TemplateExpression(line: line, .literal(.boolean(false)))
            case "none", "None": return TemplateExpression(line: line, .literal(.none))
            default: return TemplateExpression(line: line, .name(name))
            }
        case .string(var text):
            skip()
            // Strings that follow one another are one, as in Python.
            while case .string(let more) = current.kind {
                text += more
                skip()
            }
            return TemplateExpression(line: line, .literal(.text(TemplateText(text))))
        case .integer(let value):
            skip()
            return TemplateExpression(line: line, .literal(.integer(value)))
        case .number(let value):
            skip()
            return TemplateExpression(line: line, .literal(.number(value)))
        case .symbol(.openParenthesis):
            skip()
            let inner = try nested { (parser) throws(ChatTemplateError) in
                try parser.tupleOrExpression(isParenthesised: true)
            }
            try expectSymbol(.closeParenthesis)
            return inner
        case .symbol(.openBracket): return try list()
        case .symbol(.openBrace): return try dictionary()
        default: throw unexpected(expected: "an expression")
        }
    }

    // MARK: Steps

    /// An attribute, item, slice or call, if one follows.
    private mutating func accessStep() throws(ChatTemplateError) -> TemplateStep? {
        let line = self.line
        switch current.kind {
        case .symbol(.dot):
            skip()
            switch current.kind {
            case .name(let name):
                skip()
                return TemplateStep(line: line, kind: .attribute(name))
            case .integer(let index):
                skip()
                return TemplateStep(
                    line: line,
                    kind: .item(TemplateExpression(line: line, .literal(.integer(index))))
                )
            default: throw unexpected(expected: "the name of an attribute or an index")
            }
        case .symbol(.openBracket):
            skip()
            let kind = try subscriptKind()
            try expectSymbol(.closeBracket)
            return TemplateStep(line: line, kind: kind)
        case .symbol(.openParenthesis):
            return TemplateStep(line: line, kind: .call(try arguments()))
        default:
            return nil
        }
    }

    private mutating func subscriptKind() throws(ChatTemplateError) -> TemplateStep.Kind {
        let line = self.line
        var parts: [TemplateExpression?] = [nil]
        while !isSymbol(.closeBracket), !isSymbol(.comma) {
            if skipIfSymbol(.colon) {
                guard parts.count < 3 else { throw unexpected(expected: "']'") }
                parts.append(nil)
            } else {
                guard parts[parts.count - 1] == nil else { throw unexpected(expected: "']'") }
                parts[parts.count - 1] = try expression()
            }
        }
        if isSymbol(.comma) { throw .unsupported(line: line, construct: "a tuple in square brackets") }
        guard parts.count > 1 else {
            guard let index = parts[0] else { throw unexpected(expected: "an index") }
            return .item(index)
        }
        return .slice(lower: parts[0], upper: parts[1], step: parts.count > 2 ? parts[2] : nil)
    }

    /// A filter or test, or a call of what came out of one, if one follows.
    private mutating func filterOrTestStep() throws(ChatTemplateError) -> TemplateStep? {
        let line = self.line
        if skipIfSymbol(.pipe) { return try filterStep() }
        if skipIfName("is") { return try testStep(line: line) }
        return isSymbol(.openParenthesis) ? TemplateStep(line: line, kind: .call(try arguments())) : nil
    }

    private mutating func dottedName() throws(ChatTemplateError) -> String {
        var name = try expectName()
        while skipIfSymbol(.dot) { name += "." + (try expectName()) }
        return name
    }

    /// A filter's name and arguments; the pipe before it has been read.
    mutating func filterStep() throws(ChatTemplateError) -> TemplateStep {
        let line = self.line
        let name = try dottedName()
        guard let filter = TemplateFilter(rawValue: name) else {
            throw .unsupported(line: line, construct: "the filter '\(name)'")
        }
        let arguments = isSymbol(.openParenthesis) ? try arguments() : TemplateArgumentList()
        return TemplateStep(line: line, kind: .filter(filter, arguments))
    }

    private mutating func testStep(line: Int) throws(ChatTemplateError) -> TemplateStep {
        let isNegated = skipIfName("not")
        let name = try dottedName()
        guard let test = TemplateTest(name: name) else {
            throw .unsupported(line: line, construct: "the test '\(name)'")
        }
        var arguments = TemplateArgumentList()
        switch current.kind {
        case .symbol(.openParenthesis):
            arguments = try self.arguments()
        case .name("else"), .name("or"), .name("and"):
            break
        case .name("is"):
            throw unexpected(expected: "'and', because tests do not chain")
        case .name, .string, .integer, .number, .symbol(.openBracket), .symbol(.openBrace):
            let argumentLine = self.line
            let base = try nested { (parser) throws(ChatTemplateError) in try parser.primary() }
            var steps: [TemplateStep] = []
            while let step = try accessStep() { steps.append(step) }
            arguments.positional = [
                steps.isEmpty ? base : TemplateExpression(line: argumentLine, .chain(base, steps))
            ]
        default:
            break
        }
        return TemplateStep(line: line, kind: .test(test, arguments, isNegated: isNegated))
    }

    mutating func arguments() throws(ChatTemplateError) -> TemplateArgumentList {
        try expectSymbol(.openParenthesis)
        var result = TemplateArgumentList()
        var isFirst = true
        while !isSymbol(.closeParenthesis) {
            if !isFirst {
                try expectSymbol(.comma)
                if isSymbol(.closeParenthesis) { break }
            }
            isFirst = false
            if isSymbol(.multiply) || isSymbol(.power) {
                throw .unsupported(line: line, construct: "unpacking of arguments")
            }
            if case .name(let name) = current.kind, peek().kind == .symbol(.assign) {
                skip(2)
                guard !result.named.contains(where: { $0.name == name }) else {
                    throw .invalidSyntax(line: line, found: "a second '\(name)'", expected: "each argument once")
                }
                result.named.append((name, try expression()))
            } else {
                guard result.named.isEmpty else { throw unexpected(expected: "an argument with a name") }
                result.positional.append(try expression())
            }
        }
        skip()
        return result
    }
}
