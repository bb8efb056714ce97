// Evaluates expressions.

/// The values of a call's arguments.
struct TemplateArguments {
    var positional: [TemplateValue] = []
    var named: [(name: String, value: TemplateValue)] = []
}

extension TemplateRenderer {
    func evaluate(_ expression: TemplateExpression) throws(ChatTemplateError) -> TemplateValue {
        line = expression.line
        try spend(Cost.step)
        switch expression.kind {
        case .literal(let value): return value
        case .name(let name): return try value(of: name)
        default: return try recursing { () throws(ChatTemplateError) in try evaluateCompound(expression) }
        }
    }

    private func evaluateCompound(_ expression: TemplateExpression) throws(ChatTemplateError) -> TemplateValue {
        switch expression.kind {
        case .literal, .name:
            return try evaluate(expression)
        case .list(let elements):
            return .list(try makeList(try evaluate(elements)))
        case .tuple(let elements):
            return .tuple(try makeList(try evaluate(elements)))
        case .dictionary(let members):
            return try evaluate(members)
        case .chain(let base, let steps):
            return try apply(steps, to: try evaluate(base))
        case .not(let operand):
            return .boolean(!(try evaluate(operand).isTrue))
        case .sign(let operand, let isMinus):
            return try signed(try evaluate(operand), isMinus: isMinus)
        case .or(let operands):
            var value = TemplateValue.none
            for operand in operands {
                value = try evaluate(operand)
                if value.isTrue { break }
            }
            return value
        case .and(let operands):
            var value = TemplateValue.none
            for operand in operands {
                value = try evaluate(operand)
                if !value.isTrue { break }
            }
            return value
        case .concatenation(let operands):
            var result = ""
            for operand in operands {
                result += try text(of: try evaluate(operand)).string
                try spend(result.utf8.count)
            }
            return .text(TemplateText(result))
        case .arithmetic(let first, let others):
            var value = try evaluate(first)
            for (operation, operand) in others {
                let right = try evaluate(operand)
                line = expression.line
                value = try compute(value, operation, right)
            }
            return value
        case .comparison(let first, let others):
            var left = try evaluate(first)
            for (operation, operand) in others {
                let right = try evaluate(operand)
                line = expression.line
                guard try compare(left, operation, right) else { return .boolean(false) }
                left = right
            }
            return .boolean(true)
        case .conditional(let test, let then, let otherwise):
            if try evaluate(test).isTrue { return try evaluate(then) }
            if let otherwise { return try evaluate(otherwise) }
            return .undefined(name: "a conditional without 'else'")
        }
    }

    private func evaluate(_ expressions: [TemplateExpression]) throws(ChatTemplateError) -> [TemplateValue] {
        var values: [TemplateValue] = []
        values.reserveCapacity(expressions.count)
        for expression in expressions { values.append(try evaluate(expression)) }
        return values
    }

    private func evaluate(
        _ members: [(key: TemplateExpression, value: TemplateExpression)]
    ) throws(ChatTemplateError) -> TemplateValue {
        var dictionary = TemplateDictionary()
        for (keyExpression, valueExpression) in members {
            let key = try evaluate(keyExpression)
            let value = try evaluate(valueExpression)
            dictionary.set(try self.key(key), named: key, to: value)
        }
        return try makeDictionary(dictionary)
    }

    /// What a value is found by in a dictionary.
    func key(_ value: TemplateValue) throws(ChatTemplateError) -> TemplateKey {
        guard let key = TemplateKey(value) else {
            throw failure("a dictionary key", value, expected: "a string, number, boolean or none")
        }
        return key
    }

    private func value(of name: String) throws(ChatTemplateError) -> TemplateValue {
        if let value = scope.value(of: name) { return value }
        if let function = TemplateFunction(rawValue: name) { return .function(function) }
        if ["cycler", "joiner", "lipsum"].contains(name) {
            throw .unsupported(line: line, construct: "the function '\(name)'")
        }
        return .undefined(name: name)
    }

    // MARK: Steps

    func apply(_ steps: [TemplateStep], to base: TemplateValue) throws(ChatTemplateError) -> TemplateValue {
        var value = base
        for step in steps {
            try spend(Cost.step)
            line = step.line
            switch step.kind {
            case .attribute(let name):
                value = try attribute(name, of: value)
            case .item(let expression):
                let index = try evaluate(expression)
                line = step.line
                value = try item(index, of: value)
            case .slice(let lower, let upper, let stride):
                let bounds = (try bound(lower), try bound(upper), try bound(stride))
                line = step.line
                value = try slice(value, lower: bounds.0, upper: bounds.1, step: bounds.2)
            case .call(let list):
                let arguments = try evaluate(list)
                line = step.line
                value = try call(value, arguments)
            case .filter(let filter, let list):
                let arguments = try evaluate(list)
                line = step.line
                value = try apply(filter, to: value, arguments)
            case .test(let test, let list, let isNegated):
                let arguments = try evaluate(list)
                line = step.line
                value = .boolean(try passes(test, value, arguments) != isNegated)
            }
        }
        return value
    }

    private func evaluate(_ list: TemplateArgumentList) throws(ChatTemplateError) -> TemplateArguments {
        var arguments = TemplateArguments()
        arguments.positional = try evaluate(list.positional)
        for (name, expression) in list.named { arguments.named.append((name, try evaluate(expression))) }
        return arguments
    }

    private func bound(_ expression: TemplateExpression?) throws(ChatTemplateError) -> Int? {
        guard let expression else { return nil }
        let value = try evaluate(expression)
        if case .none = value { return nil }
        guard let integer = value.asInteger else { throw failure("a slice", value, expected: "an integer") }
        return integer
    }

    private func call(
        _ callee: TemplateValue,
        _ arguments: TemplateArguments
    ) throws(ChatTemplateError) -> TemplateValue {
        switch callee {
        case .function(let function): return try call(function, arguments)
        case .macro(let number): return try call(number, arguments)
        case .method(let receiver, let name): return try call(name, of: receiver, arguments)
        default: throw failure("a call", callee, expected: "a function")
        }
    }
}
