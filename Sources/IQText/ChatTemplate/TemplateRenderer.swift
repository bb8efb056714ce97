// Runs the statements of a template. One renderer serves one rendering; it owns what changes while a template runs
// (variables, namespaces, loops) and keeps the bounds on work, recursion and output.

/// The variables of one block, and the block around it.
final class TemplateScope {
    var values: [String: TemplateValue] = [:]
    let parent: TemplateScope?

    init(parent: TemplateScope?) { self.parent = parent }

    func value(of name: String) -> TemplateValue? {
        var scope: TemplateScope? = self
        while let current = scope {
            if let value = current.values[name] { return value }
            scope = current.parent
        }
        return nil
    }
}

/// What a template sees as `loop`.
struct TemplateLoopState {
    var items: [TemplateValue]
    var index = 0
    /// What `loop.changed` saw last.
    var last: [TemplateValue]?
}

/// Renders a template once.
final class TemplateRenderer {
    /// Where the template is, for errors.
    var line = 1
    private var work = 0
    private var recursion = 0
    private var output = ""
    var scope: TemplateScope
    var namespaces: [TemplateDictionary] = []
    var macros: [(definition: TemplateMacro, scope: TemplateScope)] = []
    /// Loops that run, by number.
    var loops: [Int: TemplateLoopState] = [:]
    private var nextLoop = 0
    let date: ChatTemplateDate

    /// Where the statement at hand leads.
    private enum Flow { case next, leaveLoop, continueLoop }

    init(variables: [String: TemplateValue], date: ChatTemplateDate) {
        scope = TemplateScope(parent: nil)
        scope.values = variables
        self.date = date
    }

    /// The text of a template.
    func render(_ statements: [TemplateStatement]) throws(ChatTemplateError) -> String {
        _ = try execute(statements)
        return output
    }

    // MARK: Bounds and failures

    /// What the parts of rendering cost, in units of one byte of text: about their time and memory.
    enum Cost {
        static let step = 8
        static let element = 32
        static let loopPass = 64
    }

    /// Counts work, so that time and memory have a bound.
    func spend(_ amount: Int) throws(ChatTemplateError) {
        work += min(amount, ChatTemplateLimit.work.maximum)
        guard work <= ChatTemplateLimit.work.maximum else { throw .limitExceeded(line: line, limit: .work) }
    }

    func spendElements(_ count: Int) throws(ChatTemplateError) {
        let (cost, overflow) = count.multipliedReportingOverflow(by: Cost.element)
        try spend(overflow ? .max : cost)
    }

    /// Counts one evaluation within another for the length of the call.
    func recursing<Result>(_ body: () throws(ChatTemplateError) -> Result) throws(ChatTemplateError) -> Result {
        guard recursion < ChatTemplateLimit.recursion.maximum else {
            throw .limitExceeded(line: line, limit: .recursion)
        }
        recursion += 1
        defer { recursion -= 1 }
        return try body()
    }

    /// A list, if it does not nest too deeply.
    func checked(_ list: TemplateList) throws(ChatTemplateError) -> TemplateList {
        try spendElements(list.elements.count)
        guard list.depth <= ChatTemplateLimit.nesting.maximum else { throw .limitExceeded(line: line, limit: .nesting) }
        return list
    }

    func makeList(_ elements: [TemplateValue]) throws(ChatTemplateError) -> TemplateList {
        try checked(TemplateList(elements))
    }

    func makeDictionary(_ dictionary: TemplateDictionary) throws(ChatTemplateError) -> TemplateValue {
        try spendElements(dictionary.entries.count)
        guard dictionary.depth <= ChatTemplateLimit.nesting.maximum else {
            throw .limitExceeded(line: line, limit: .nesting)
        }
        return .dictionary(dictionary)
    }

    func failure(_ operation: String, _ reason: String) -> ChatTemplateError {
        .invalidOperation(line: line, operation: operation, reason: reason)
    }

    /// The error for a value that `operation` cannot take: undefined, or of the wrong kind.
    func failure(_ operation: String, _ value: TemplateValue, expected: String) -> ChatTemplateError {
        if case .undefined(let name) = value {
            return .undefinedValue(line: line, name: name, operation: operation)
        }
        return failure(operation, "\(value.kindName) is not \(expected)")
    }

    // MARK: Output

    private func emit(_ text: String) throws(ChatTemplateError) {
        try spend(text.utf8.count)
        output += text
        guard output.utf8.count <= ChatTemplateLimit.outputLength.maximum else {
            throw .limitExceeded(line: line, limit: .outputLength)
        }
    }

    /// The text that a body prints, in a scope of its own.
    private func captured(
        _ body: [TemplateStatement],
        in inner: TemplateScope
    ) throws(ChatTemplateError) -> (text: TemplateText, flow: Flow) {
        let outerOutput = output
        let outerScope = scope
        output = ""
        scope = inner
        defer {
            output = outerOutput
            scope = outerScope
        }
        let flow = try execute(body)
        return (TemplateText(output), flow)
    }

    // MARK: Statements

    private func execute(_ statements: [TemplateStatement]) throws(ChatTemplateError) -> Flow {
        guard recursion < ChatTemplateLimit.recursion.maximum else {
            throw .limitExceeded(line: line, limit: .recursion)
        }
        recursion += 1
        defer { recursion -= 1 }
        for statement in statements {
            line = statement.line
            try spend(Cost.step)
            let flow = try execute(statement)
            if flow != .next { return flow }
        }
        return .next
    }

    private func execute(_ statement: TemplateStatement) throws(ChatTemplateError) -> Flow {
        switch statement.kind {
        case .text(let text):
            try emit(text)
        case .output(let expression):
            let value = try evaluate(expression)
            try emit(try text(of: value).string)
        case .conditional(let branches, let otherwise):
            for (test, body) in branches where try evaluate(test).isTrue { return try execute(body) }
            return try execute(otherwise)
        case .loop(let loop):
            return try execute(loop)
        case .assignment(let target, let expression):
            try assign(try evaluate(expression), to: target)
        case .captured(let target, let filters, let body):
            let (text, flow) = try captured(body, in: TemplateScope(parent: scope))
            guard flow == .next else { return flow }
            try assign(try apply(filters, to: .text(text)), to: target)
        case .filtered(let filters, let body):
            let (text, flow) = try captured(body, in: TemplateScope(parent: scope))
            guard flow == .next else { return flow }
            try emit(try self.text(of: try apply(filters, to: .text(text))).string)
        case .macro(let macro):
            macros.append((macro, scope))
            scope.values[macro.name] = .macro(macros.count - 1)
        case .scope(let assignments, let body):
            let outer = scope
            let inner = TemplateScope(parent: outer)
            defer { scope = outer }
            for (target, expression) in assignments {
                // The values see the scope outside, not one another.
                let value = try evaluate(expression)
                scope = inner
                try assign(value, to: target)
                scope = outer
            }
            scope = inner
            return try execute(body)
        case .generation(let body):
            let outer = scope
            scope = TemplateScope(parent: outer)
            defer { scope = outer }
            return try execute(body)
        case .breakLoop:
            return .leaveLoop
        case .continueLoop:
            return .continueLoop
        }
        return .next
    }

    private func execute(_ loop: TemplateLoop) throws(ChatTemplateError) -> Flow {
        let outer = scope
        defer { scope = outer }
        var items = try elements(of: try evaluate(loop.items), operation: "a loop")
        try spendElements(items.count)
        if let condition = loop.condition {
            var kept: [TemplateValue] = []
            for item in items {
                try spend(Cost.loopPass)
                scope = TemplateScope(parent: outer)
                try assign(item, to: loop.target)
                if try evaluate(condition).isTrue { kept.append(item) }
            }
            items = kept
            scope = outer
        }
        guard !items.isEmpty else {
            scope = TemplateScope(parent: outer)
            return try execute(loop.otherwise)
        }
        let number = nextLoop
        nextLoop += 1
        loops[number] = TemplateLoopState(items: items)
        defer { loops[number] = nil }
        for (index, item) in items.enumerated() {
            try spend(Cost.loopPass)
            loops[number]?.index = index
            scope = TemplateScope(parent: outer)
            scope.values["loop"] = .loop(number)
            try assign(item, to: loop.target)
            if try execute(loop.body) == .leaveLoop { break }
        }
        return .next
    }

    // MARK: Assignment

    private func assign(_ value: TemplateValue, to target: TemplateTarget) throws(ChatTemplateError) {
        switch target {
        case .name(let name):
            scope.values[name] = value
        case .attribute(let object, let name):
            guard let holder = scope.value(of: object) else {
                throw .undefinedValue(line: line, name: object, operation: "setting its attribute '\(name)'")
            }
            guard case .namespace(let number) = holder else {
                throw failure("setting an attribute", "\(holder.kindName) is not a namespace")
            }
            try set(name, of: number, to: value)
        case .tuple(let targets):
            let values = try elements(of: value, operation: "unpacking")
            guard values.count == targets.count else {
                throw failure("unpacking", "there are \(values.count) values for \(targets.count) names")
            }
            for (target, value) in zip(targets, values) { try assign(value, to: target) }
        }
    }

    /// Sets an attribute of a namespace. Names that open with "_" are refused, as transformers does.
    func set(_ name: String, of namespace: Int, to value: TemplateValue) throws(ChatTemplateError) {
        guard !name.utf8.starts(with: "_".utf8) else {
            throw failure("setting an attribute", "the name '\(name)' opens with an underscore")
        }
        namespaces[namespace].set(name, to: value)
    }

    // MARK: Macros

    func call(_ number: Int, _ arguments: TemplateArguments) throws(ChatTemplateError) -> TemplateValue {
        let (definition, definitionScope) = macros[number]
        let parameters = definition.parameters
        let operation = "the call of \(definition.name)"
        guard arguments.positional.count <= parameters.count else {
            throw failure(operation, "it takes \(parameters.count) arguments and got \(arguments.positional.count)")
        }
        var named: [String: TemplateValue] = [:]
        for (name, value) in arguments.named {
            guard let place = parameters.firstIndex(where: { $0.name == name }) else {
                throw failure(operation, "it has no parameter '\(name)'")
            }
            guard place >= arguments.positional.count else {
                throw failure(operation, "the parameter '\(name)' is given twice")
            }
            named[name] = value
        }
        return try recursing { () throws(ChatTemplateError) in
            let inner = TemplateScope(parent: definitionScope)
            let outer = scope
            scope = inner
            defer { scope = outer }
            for (index, parameter) in parameters.enumerated() {
                if index < arguments.positional.count {
                    inner.values[parameter.name] = arguments.positional[index]
                } else if let value = named[parameter.name] {
                    inner.values[parameter.name] = value
                } else if let expression = parameter.value {
                    inner.values[parameter.name] = try evaluate(expression)
                } else {
                    inner.values[parameter.name] = .undefined(name: parameter.name)
                }
            }
            return .text(try captured(definition.body, in: inner).text)
        }
    }
}
