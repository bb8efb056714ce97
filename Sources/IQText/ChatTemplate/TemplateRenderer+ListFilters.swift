// Filters that go through lists.

extension TemplateRenderer {
    func applyToList(
        _ filter: TemplateFilter,
        _ value: TemplateValue,
        _ arguments: TemplateArguments,
        _ name: String
    ) throws(ChatTemplateError) -> TemplateValue {
        switch filter {
        case .map, .select, .reject, .selectattr, .rejectattr:
            let elements = try elements(of: value, operation: name)
            try spend(elements.count)
            if filter == .map { return .iterator(try makeList(try map(elements, arguments, name))) }
            return .iterator(try makeList(try select(filter, elements, arguments, name)))
        case .items:
            if value.isUndefined { return .iterator(TemplateList([])) }
            guard case .dictionary(let dictionary) = value else { throw failure(name, value, expected: "a dictionary") }
            return .iterator(try pairs(of: dictionary))
        case .list:
            return .list(try makeList(try elements(of: value, operation: name)))
        case .first:
            return try elements(of: value, operation: name).first ?? .undefined(name: "the first item of an empty list")
        case .last:
            if case .iterator = value { throw failure(name, value, expected: "a list or string") }
            return try elements(of: value, operation: name).last ?? .undefined(name: "the last item of an empty list")
        case .join:
            let values = try bind(arguments, ["d", "attribute"], of: name)
            var texts: [TemplateText] = []
            for element in try elements(of: value, operation: name) {
                texts.append(try text(of: try path(values[1], of: element)))
            }
            return .text(try join(texts, separator: try text(of: values[0] ?? .string(""))))
        case .reverse:
            if case .text(let text) = value {
                try spend(text.byteCount)
                return .text(TemplateText(text.scalars.reversed()))
            }
            return .iterator(try makeList(try elements(of: value, operation: name).reversed()))
        case .sort:
            let values = try bind(arguments, ["reverse", "case_sensitive", "attribute"], of: name)
            var keyed: [Keyed] = []
            for element in try elements(of: value, operation: name) {
                let key = try foldedCase(try path(values[2], of: element), isSensitive: values[1]?.isTrue ?? false)
                keyed.append(Keyed(key: key, value: element))
            }
            return .list(try makeList(try sorted(keyed, isReversed: values[0]?.isTrue ?? false, name).map(\.value)))
        case .dictsort:
            return try sortDictionary(value, arguments, name)
        case .unique:
            return try unique(value, arguments, name)
        case .min, .max:
            return try extreme(filter, value, arguments, name)
        case .sum:
            let values = try bind(arguments, ["attribute", "start"], of: name)
            var total = values[1] ?? .integer(0)
            for element in try elements(of: value, operation: name) {
                total = try compute(total, .add, try path(values[0], of: element))
            }
            return total
        default:
            throw .unsupported(line: line, construct: name)
        }
    }

    // MARK: Attributes by path

    /// The value at a path such as `function.name` or `0.role`; the value itself without a path.
    private func path(
        _ path: TemplateValue?,
        of value: TemplateValue,
        default fallback: TemplateValue? = nil
    ) throws(ChatTemplateError) -> TemplateValue {
        guard let path else { return value }
        if case .none = path { return value }
        var result = value
        for part in try text(of: path).string.split(separator: ".", omittingEmptySubsequences: false) {
            try spend(Cost.step)
            let index = part.utf8.allSatisfy { $0 >= 48 && $0 <= 57 } ? Int(part) : nil
            result = try item(index.map { .integer($0) } ?? .string(part), of: result)
            if let fallback, result.isUndefined { result = fallback }
        }
        return result
    }

    // MARK: Map and select

    private func map(
        _ elements: [TemplateValue],
        _ arguments: TemplateArguments,
        _ name: String
    ) throws(ChatTemplateError) -> [TemplateValue] {
        var result: [TemplateValue] = []
        guard let first = arguments.positional.first else {
            let values = try bind(arguments, ["attribute", "default"], required: 1, of: name)
            for element in elements { result.append(try path(values[0], of: element, default: values[1])) }
            return result
        }
        let filterName = try requireText(first, name).string
        guard let filter = TemplateFilter(rawValue: filterName) else {
            throw .unsupported(line: line, construct: "the filter '\(filterName)'")
        }
        let rest = TemplateArguments(positional: Array(arguments.positional.dropFirst()), named: arguments.named)
        for element in elements {
            result.append(try recursing { () throws(ChatTemplateError) in try apply(filter, to: element, rest) })
        }
        return result
    }

    private func select(
        _ filter: TemplateFilter,
        _ elements: [TemplateValue],
        _ arguments: TemplateArguments,
        _ name: String
    ) throws(ChatTemplateError) -> [TemplateValue] {
        var positional = arguments.positional
        var attribute: TemplateValue?
        if filter == .selectattr || filter == .rejectattr {
            guard !positional.isEmpty else { throw failure(name, "the name of an attribute is missing") }
            attribute = positional.removeFirst()
        }
        var test: TemplateTest?
        if !positional.isEmpty {
            let testName = try requireText(positional.removeFirst(), name).string
            guard let known = TemplateTest(name: testName) else {
                throw .unsupported(line: line, construct: "the test '\(testName)'")
            }
            test = known
        }
        let rest = TemplateArguments(positional: positional, named: arguments.named)
        let keeps = filter == .select || filter == .selectattr
        var result: [TemplateValue] = []
        for element in elements {
            let value = try path(attribute, of: element)
            let passed = if let test { try passes(test, value, rest) } else { value.isTrue }
            if passed == keeps { result.append(element) }
        }
        return result
    }

    // MARK: Order

    private struct Keyed {
        var key: TemplateValue
        var value: TemplateValue
    }

    private func foldedCase(_ value: TemplateValue, isSensitive: Bool) throws(ChatTemplateError) -> TemplateValue {
        guard !isSensitive, case .text(let text) = value else { return value }
        try spend(text.byteCount)
        return .text(text.lowercased())
    }

    /// A stable merge sort, from the bottom up, so that comparisons can fail and need no recursion.
    private func sorted(
        _ elements: [Keyed],
        isReversed: Bool,
        _ name: String
    ) throws(ChatTemplateError) -> [Keyed] {
        var source = elements
        var width = 1
        while width < source.count {
            var merged: [Keyed] = []
            merged.reserveCapacity(source.count)
            for start in stride(from: 0, to: source.count, by: 2 * width) {
                let middle = min(start + width, source.count)
                let end = min(start + 2 * width, source.count)
                var (left, right) = (start, middle)
                while left < middle, right < end {
                    // The right one goes first only if it is strictly before, which keeps equals in order.
                    let isRightFirst =
                        isReversed
                        ? try isLess(source[left].key, source[right].key, name)
                        : try isLess(source[right].key, source[left].key, name)
                    merged.append(isRightFirst ? source[right] : source[left])
                    if isRightFirst { right += 1 } else { left += 1 }
                }
                merged += source[left..<middle]
                merged += source[right..<end]
            }
            source = merged
            width *= 2
        }
        return source
    }

    private func sortDictionary(
        _ value: TemplateValue,
        _ arguments: TemplateArguments,
        _ name: String
    ) throws(ChatTemplateError) -> TemplateValue {
        let values = try bind(arguments, ["case_sensitive", "by", "reverse"], of: name)
        let by = try optionalText(values[1], name)?.string ?? "key"
        guard by == "key" || by == "value" else { throw failure(name, "it sorts by 'key' or 'value', not by '\(by)'") }
        guard case .dictionary(let dictionary) = value else { throw failure(name, value, expected: "a dictionary") }
        var keyed: [Keyed] = []
        for (entry, pair) in zip(dictionary.entries, try pairs(of: dictionary).elements) {
            let key = try foldedCase(by == "key" ? entry.key : entry.value, isSensitive: values[0]?.isTrue ?? false)
            keyed.append(Keyed(key: key, value: pair))
        }
        return .list(try makeList(try sorted(keyed, isReversed: values[2]?.isTrue ?? false, name).map(\.value)))
    }

    private func unique(
        _ value: TemplateValue,
        _ arguments: TemplateArguments,
        _ name: String
    ) throws(ChatTemplateError) -> TemplateValue {
        let values = try bind(arguments, ["case_sensitive", "attribute"], of: name)
        var seen: Set<TemplateKey> = []
        var result: [TemplateValue] = []
        for element in try elements(of: value, operation: name) {
            let part = try foldedCase(try path(values[1], of: element), isSensitive: values[0]?.isTrue ?? false)
            if seen.insert(try key(part)).inserted { result.append(element) }
        }
        return .iterator(try makeList(result))
    }

    private func extreme(
        _ filter: TemplateFilter,
        _ value: TemplateValue,
        _ arguments: TemplateArguments,
        _ name: String
    ) throws(ChatTemplateError) -> TemplateValue {
        let values = try bind(arguments, ["case_sensitive", "attribute"], of: name)
        var best: Keyed?
        for element in try elements(of: value, operation: name) {
            let key = try foldedCase(try path(values[1], of: element), isSensitive: values[0]?.isTrue ?? false)
            guard let current = best else {
                best = Keyed(key: key, value: element)
                continue
            }
            let isBetter =
                filter == .min ? try isLess(key, current.key, name) : try isLess(current.key, key, name)
            if isBetter { best = Keyed(key: key, value: element) }
        }
        return best?.value ?? .undefined(name: "the \(filter.rawValue)imum of an empty list")
    }
}
