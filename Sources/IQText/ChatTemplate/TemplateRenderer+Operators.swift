// Arithmetic, comparison and membership, with Python's rules for mixed kinds.

extension TemplateRenderer {
    // MARK: Arithmetic

    func signed(_ value: TemplateValue, isMinus: Bool) throws(ChatTemplateError) -> TemplateValue {
        if case .number(let number) = value { return .number(isMinus ? -number : number) }
        guard let integer = value.asInteger else { throw failure("a sign", value, expected: "a number") }
        return .integer(isMinus ? try exact(0, integer, "-", { $0.subtractingReportingOverflow($1) }) : integer)
    }

    func compute(
        _ left: TemplateValue,
        _ operation: TemplateArithmetic,
        _ right: TemplateValue
    ) throws(ChatTemplateError) -> TemplateValue {
        let name = "'\(operation.rawValue)'"
        if left.isUndefined { throw failure(name, left, expected: "") }
        if right.isUndefined { throw failure(name, right, expected: "") }
        if let left = left.asInteger, let right = right.asInteger { return try compute(left, operation, right) }
        if let left = left.asNumber, let right = right.asNumber { return try compute(left, operation, right) }
        switch (operation, left, right) {
        case (.add, .text(let left), .text(let right)):
            try spend(left.byteCount + right.byteCount)
            return .text(TemplateText(left.string + right.string))
        case (.add, .list(let left), .list(let right)):
            return .list(try makeList(left.elements + right.elements))
        case (.add, .tuple(let left), .tuple(let right)):
            return .tuple(try makeList(left.elements + right.elements))
        case (.multiply, .text(let text), let count), (.multiply, let count, .text(let text)):
            guard let count = count.asInteger else { break }
            try spendProduct(text.byteCount, count)
            return .text(TemplateText(String(repeating: text.string, count: max(0, count))))
        case (.multiply, .list(let list), let count), (.multiply, let count, .list(let list)):
            guard let count = count.asInteger else { break }
            try spendProduct(max(1, list.elements.count) * Cost.element, count)
            let copies = repeatElement(list.elements, count: max(0, count))
            return .list(try makeList(Array(copies.joined())))
        case (.modulo, .text, _):
            throw .unsupported(line: line, construct: "formatting by '%'")
        default:
            break
        }
        throw failure(name, "it has no meaning for \(left.kindName) and \(right.kindName)")
    }

    private func spendProduct(_ length: Int, _ count: Int) throws(ChatTemplateError) {
        let (product, overflow) = length.multipliedReportingOverflow(by: max(0, count))
        try spend(overflow ? .max : product)
    }

    private func exact(
        _ left: Int,
        _ right: Int,
        _ name: String,
        _ body: (Int, Int) -> (partialValue: Int, overflow: Bool)
    ) throws(ChatTemplateError) -> Int {
        let (result, overflow) = body(left, right)
        guard !overflow else { throw failure("'\(name)'", "the result has more than 64 bits") }
        return result
    }

    private func compute(
        _ left: Int,
        _ operation: TemplateArithmetic,
        _ right: Int
    ) throws(ChatTemplateError) -> TemplateValue {
        let name = operation.rawValue
        switch operation {
        case .add: return .integer(try exact(left, right, name) { $0.addingReportingOverflow($1) })
        case .subtract: return .integer(try exact(left, right, name) { $0.subtractingReportingOverflow($1) })
        case .multiply: return .integer(try exact(left, right, name) { $0.multipliedReportingOverflow(by: $1) })
        case .divide:
            guard right != 0 else { throw failure("'/'", "the divisor is 0") }
            return .number(Double(left) / Double(right))
        case .floorDivide:
            guard right != 0 else { throw failure("'//'", "the divisor is 0") }
            let quotient = try exact(left, right, name) { $0.dividedReportingOverflow(by: $1) }
            return .integer(left % right != 0 && (left < 0) != (right < 0) ? quotient - 1 : quotient)
        case .modulo:
            guard right != 0 else { throw failure("'%'", "the divisor is 0") }
            let remainder = right == -1 ? 0 : left % right
            return .integer(remainder != 0 && (remainder < 0) != (right < 0) ? remainder + right : remainder)
        case .power:
            guard right >= 0 else { return try compute(Double(left), .power, Double(right)) }
            // A base of more than 1 overflows within 64 steps; the others repeat.
            guard abs(Double(left)) > 1 else {
                return .integer(left == -1 && right % 2 == 0 ? 1 : right == 0 ? 1 : left)
            }
            var result = 1
            for _ in 0..<right { result = try exact(result, left, name) { $0.multipliedReportingOverflow(by: $1) } }
            return .integer(result)
        }
    }

    private func compute(
        _ left: Double,
        _ operation: TemplateArithmetic,
        _ right: Double
    ) throws(ChatTemplateError) -> TemplateValue {
        switch operation {
        case .add: return .number(left + right)
        case .subtract: return .number(left - right)
        case .multiply: return .number(left * right)
        case .divide, .floorDivide, .modulo:
            guard right != 0 else { throw failure("'\(operation.rawValue)'", "the divisor is 0") }
            if operation == .divide { return .number(left / right) }
            if operation == .floorDivide { return .number((left / right).rounded(.down)) }
            let remainder = left.truncatingRemainder(dividingBy: right)
            return .number(remainder != 0 && (remainder < 0) != (right < 0) ? remainder + right : remainder)
        case .power:
            // Whole exponents only: no template was seen to need another, and the rest needs a mathematics library.
            guard let exponent = Int(exactly: right), abs(right) <= 1024 else {
                throw .unsupported(line: line, construct: "the power \(right)")
            }
            if exponent < 0, left == 0 { throw failure("'**'", "0 has no negative power") }
            let product = repeatElement(left, count: exponent.magnitude <= 1024 ? Swift.abs(exponent) : 0).reduce(1, *)
            return .number(exponent < 0 ? 1 / product : product)
        }
    }

    // MARK: Comparison

    func compare(
        _ left: TemplateValue,
        _ operation: TemplateComparison,
        _ right: TemplateValue
    ) throws(ChatTemplateError) -> Bool {
        switch operation {
        case .equal: try isEqual(left, right)
        case .notEqual: !(try isEqual(left, right))
        case .less: try isLess(left, right, "'<'")
        case .greater: try isLess(right, left, "'>'")
        case .lessOrEqual: try isLess(left, right, "'<='", orEqual: true)
        case .greaterOrEqual: try isLess(right, left, "'>='", orEqual: true)
        case .isIn: try contains(right, left)
        case .isNotIn: !(try contains(right, left))
        }
    }

    func isEqual(_ left: TemplateValue, _ right: TemplateValue) throws(ChatTemplateError) -> Bool {
        try spend(Cost.step)
        if let left = left.asInteger, let right = right.asInteger { return left == right }
        if let left = left.asNumber, let right = right.asNumber { return left == right }
        switch (left, right) {
        case (.none, .none), (.undefined, .undefined): return true
        case (.text(let left), .text(let right)):
            try spend(min(left.byteCount, right.byteCount))
            return left == right
        case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
            guard left.elements.count == right.elements.count else { return false }
            for (left, right) in zip(left.elements, right.elements) where !(try isEqual(left, right)) { return false }
            return true
        case (.dictionary(let left), .dictionary(let right)):
            guard left.entries.count == right.entries.count else { return false }
            for (key, value) in left.entries {
                guard let other = right[try self.key(key)], try isEqual(value, other) else { return false }
            }
            return true
        case (.namespace(let left), .namespace(let right)): return left == right
        case (.loop(let left), .loop(let right)): return left == right
        case (.macro(let left), .macro(let right)): return left == right
        case (.function(let left), .function(let right)): return left == right
        default: return false
        }
    }

    func isLess(
        _ left: TemplateValue,
        _ right: TemplateValue,
        _ operation: String,
        orEqual: Bool = false
    ) throws(ChatTemplateError) -> Bool {
        try spend(Cost.step)
        if let left = left.asInteger, let right = right.asInteger { return orEqual ? left <= right : left < right }
        if let left = left.asNumber, let right = right.asNumber { return orEqual ? left <= right : left < right }
        switch (left, right) {
        case (.text(let left), .text(let right)):
            try spend(min(left.byteCount, right.byteCount))
            return orEqual ? left <= right : left < right
        case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
            for (left, right) in zip(left.elements, right.elements) where !(try isEqual(left, right)) {
                return try isLess(left, right, operation, orEqual: orEqual)
            }
            return orEqual ? left.elements.count <= right.elements.count : left.elements.count < right.elements.count
        default:
            if left.isUndefined { throw failure(operation, left, expected: "") }
            if right.isUndefined { throw failure(operation, right, expected: "") }
            throw failure(operation, "\(left.kindName) and \(right.kindName) have no order")
        }
    }

    func contains(_ container: TemplateValue, _ member: TemplateValue) throws(ChatTemplateError) -> Bool {
        switch container {
        case .text(let text):
            guard case .text(let part) = member else {
                throw failure("'in' on a string", "\(member.kindName) is not a string")
            }
            try spend(text.byteCount + part.byteCount)
            return text.contains(part)
        case .dictionary(let dictionary):
            if member.isUndefined { return false }
            return dictionary[try key(member)] != nil
        default:
            for element in try elements(of: container, operation: "'in'") where try isEqual(element, member) {
                return true
            }
            return false
        }
    }

    // MARK: Iteration

    /// What a loop over the value goes through; nothing for an undefined one.
    func elements(of value: TemplateValue, operation: String) throws(ChatTemplateError) -> [TemplateValue] {
        switch value {
        case .list(let list), .tuple(let list), .iterator(let list), .view(let list, _): return list.elements
        case .undefined: return []
        case .dictionary(let dictionary): return dictionary.entries.map(\.key)
        case .text(let text):
            try spendElements(text.byteCount)
            return text.string.unicodeScalars.map { .text(TemplateText(String($0))) }
        default: throw failure(operation, value, expected: "a list, dictionary or string")
        }
    }
}
