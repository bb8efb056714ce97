// The tests that follow `is`.

extension TemplateRenderer {
    func passes(
        _ test: TemplateTest,
        _ value: TemplateValue,
        _ arguments: TemplateArguments
    ) throws(ChatTemplateError) -> Bool {
        let name = "the test '\(test.rawValue)'"
        func operand() throws(ChatTemplateError) -> TemplateValue {
            try bind(arguments, ["other"], required: 1, of: name)[0] ?? .none
        }
        switch test {
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .in:
            guard let comparison = TemplateComparison(rawValue: test.rawValue) else { return false }
            return try compare(value, comparison, try operand())
        case .sameas:
            return try isSame(value, try operand())
        case .divisibleby:
            let divisor = try requireInteger(try bind(arguments, ["num"], of: name)[0], name)
            guard divisor != 0 else { throw failure(name, "the divisor is 0") }
            let dividend = try requireInteger(value, name)
            return divisor == -1 || dividend % divisor == 0
        default:
            _ = try bind(arguments, [], of: name)
            return try passes(test, value)
        }
    }

    private func passes(_ test: TemplateTest, _ value: TemplateValue) throws(ChatTemplateError) -> Bool {
        switch (test, value) {
        case (.defined, _): !value.isUndefined
        case (.undefined, _): value.isUndefined
        case (.none, .none), (.boolean, .boolean), (.string, .text), (.mapping, .dictionary), (.float, .number): true
        case (.true, .boolean(let flag)): flag
        case (.false, .boolean(let flag)): !flag
        case (.integer, .integer), (.number, .integer), (.number, .number), (.number, .boolean): true
        case (.callable, .function), (.callable, .method), (.callable, .macro), (.callable, .undefined): true
        case (.iterable, .list), (.iterable, .tuple), (.iterable, .iterator), (.iterable, .view): true
        case (.iterable, .dictionary), (.iterable, .text), (.iterable, .undefined), (.iterable, .loop): true
        case (.sequence, .list), (.sequence, .tuple), (.sequence, .dictionary), (.sequence, .text): true
        case (.sequence, .undefined): true
        case (.odd, _): try requireInteger(value, "the test 'odd'") % 2 != 0
        case (.even, _): try requireInteger(value, "the test 'even'") % 2 == 0
        case (.lower, _): isLower(try text(of: value))
        case (.upper, _): isUpper(try text(of: value))
        default: false
        }
    }

    /// Python's `is`, for the values that are the same object whenever they are equal.
    private func isSame(_ left: TemplateValue, _ right: TemplateValue) throws(ChatTemplateError) -> Bool {
        switch (left, right) {
        case (.boolean, .boolean), (.none, .none), (.integer, .integer), (.namespace, .namespace), (.text, .text):
            try isEqual(left, right)
        default: false
        }
    }
}
