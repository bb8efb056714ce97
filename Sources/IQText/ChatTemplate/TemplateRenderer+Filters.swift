// Filters of single values. Those that go through lists are in `TemplateRenderer+ListFilters.swift`.

extension TemplateRenderer {
    func apply(
        _ filter: TemplateFilter,
        to value: TemplateValue,
        _ arguments: TemplateArguments
    ) throws(ChatTemplateError) -> TemplateValue {
        try spend(Cost.step)
        let name = "the filter '\(filter.rawValue)'"
        switch filter {
        case .default, .d:
            let values = try bind(arguments, ["default_value", "boolean"], of: name)
            let isMissing = value.isUndefined || (values[1]?.isTrue ?? false && !value.isTrue)
            return isMissing ? values[0] ?? .string("") : value
        case .upper, .lower, .title, .capitalize, .string, .safe:
            _ = try bind(arguments, [], of: name)
            return .text(try changedCase(try text(of: value), filter))
        case .trim:
            let characters = try optionalText(try bind(arguments, ["chars"], of: name)[0], name)
            let text = try text(of: value)
            try spend(text.byteCount)
            return .text(strip(text, .both, characters))
        case .replace:
            let values = try bind(arguments, ["old", "new", "count"], required: 2, of: name)
            var limit = -1
            if let count = values[2], case .integer(let integer) = count { limit = integer }
            let old = try text(of: values[0] ?? .none)
            return .text(try replace(try text(of: value), old, try text(of: values[1] ?? .none), limit))
        case .indent:
            return try indent(value, arguments, name)
        case .tojson:
            return try json(value, try jsonFormat(arguments, name))
        case .int:
            return .integer(try integer(value, arguments, name))
        case .float:
            let fallback = try bind(arguments, ["default"], of: name)[0]
            if value.isUndefined { throw failure(name, value, expected: "a number") }
            if let number = value.asNumber { return .number(number) }
            return number(in: value).map { .number($0) } ?? fallback ?? .number(0)
        case .abs:
            if let integer = value.asInteger { return .integer(Int(clamping: integer.magnitude)) }
            guard case .number(let number) = value else { throw failure(name, value, expected: "a number") }
            return .number(number.magnitude)
        case .round:
            return try round(value, arguments, name)
        case .attr:
            let attributeName = try requireText(try bind(arguments, ["name"], of: name)[0], name).string
            if value.isUndefined { throw failure(name, value, expected: "a value with attributes") }
            // Attributes only: the keys of a dictionary are not.
            if case .dictionary = value, !Self.dictionaryMethods.contains(attributeName) {
                return .undefined(name: attributeName)
            }
            return try attribute(attributeName, of: value)
        case .length, .count:
            _ = try bind(arguments, [], of: name)
            return .integer(try length(of: value, name))
        default:
            return try applyToList(filter, value, arguments, name)
        }
    }

    private func changedCase(_ text: TemplateText, _ filter: TemplateFilter) throws(ChatTemplateError) -> TemplateText {
        try spend(text.byteCount)
        switch filter {
        case .upper: return text.uppercased()
        case .lower: return text.lowercased()
        case .title: return text.titledByWords()
        case .capitalize: return text.capitalized()
        default: return text
        }
    }

    private func length(of value: TemplateValue, _ name: String) throws(ChatTemplateError) -> Int {
        switch value {
        case .undefined: return 0
        case .text(let text):
            try spend(text.byteCount)
            return text.string.unicodeScalars.count
        case .list(let list), .tuple(let list), .view(let list, _): return list.elements.count
        case .dictionary(let dictionary): return dictionary.entries.count
        case .loop(let number): return loops[number]?.items.count ?? 0
        default: throw failure(name, value, expected: "a string, list or dictionary")
        }
    }

    private func indent(
        _ value: TemplateValue,
        _ arguments: TemplateArguments,
        _ name: String
    ) throws(ChatTemplateError) -> TemplateValue {
        let values = try bind(arguments, ["width", "first", "blank"], of: name)
        var indentation = "    "
        if let width = values[0] {
            if case .text(let text) = width {
                indentation = text.string
            } else {
                let count = max(0, try requireInteger(width, name))
                try spend(count)
                indentation = String(repeating: " ", count: count)
            }
        }
        guard case .text(let text) = value else { throw failure(name, value, expected: "a string") }
        // The newline at the end makes the last line one even if it is empty.
        let lines = TemplateText(text.string + "\n").lines()
        let indentsBlank = values[2]?.isTrue ?? false
        var result = values[1]?.isTrue ?? false ? indentation : ""
        for (index, line) in lines.enumerated() {
            if index > 0 { result += "\n" }
            if index > 0, indentsBlank || !line.isEmpty {
                try spend(indentation.utf8.count)
                result += indentation
            }
            result += line.string
        }
        try spend(result.utf8.count)
        return .text(TemplateText(result))
    }

    private func jsonFormat(
        _ arguments: TemplateArguments,
        _ name: String
    ) throws(ChatTemplateError) -> TemplateJSONFormat {
        let values = try bind(arguments, ["ensure_ascii", "indent", "separators", "sort_keys"], of: name)
        var format = TemplateJSONFormat()
        format.escapesNonASCII = values[0]?.isTrue ?? false
        format.sortsKeys = values[3]?.isTrue ?? false
        switch values[1] {
        case nil, .some(.none): break
        case .text(let text): format.indentation = text.string
        case .some(let width):
            let count = max(0, try requireInteger(width, name))
            try spend(count)
            format.indentation = String(repeating: " ", count: count)
        }
        if format.indentation != nil { format.itemSeparator = "," }
        if case .some(let separators) = values[2], separators.isTrue {
            let parts = try elements(of: separators, operation: name)
            guard parts.count == 2 else { throw failure(name, "there are \(parts.count) separators, not 2") }
            format.itemSeparator = try requireText(parts[0], name).string
            format.keySeparator = try requireText(parts[1], name).string
        }
        return format
    }

    // MARK: Numbers

    private func number(in value: TemplateValue) -> Double? {
        if let number = value.asNumber { return number }
        guard case .text(let text) = value else { return nil }
        let trimmed = text.stripped(.both, where: \.isPythonWhitespace).string
        guard !trimmed.utf8.contains(UInt8(ascii: "x")), !trimmed.utf8.contains(UInt8(ascii: "X")) else { return nil }
        return Double(trimmed)
    }

    private func integer(
        _ value: TemplateValue,
        _ arguments: TemplateArguments,
        _ name: String
    ) throws(ChatTemplateError) -> Int {
        let values = try bind(arguments, ["default", "base"], of: name)
        if value.isUndefined { throw failure(name, value, expected: "a number") }
        if let integer = value.asInteger { return integer }
        let fallback = values[0] == nil ? 0 : try requireInteger(values[0], name)
        let base = values[1] == nil ? 10 : try requireInteger(values[1], name)
        if case .text(let text) = value, (2...36).contains(base) {
            let digits = text.stripped(.both, where: \.isPythonWhitespace).string
            if let integer = Int(digits, radix: base) { return integer }
        }
        guard let number = number(in: value) else { return fallback }
        return Int(exactly: number.rounded(.towardZero)) ?? fallback
    }

    private func round(
        _ value: TemplateValue,
        _ arguments: TemplateArguments,
        _ name: String
    ) throws(ChatTemplateError) -> TemplateValue {
        let values = try bind(arguments, ["precision", "method"], of: name)
        let precision = values[0] == nil ? 0 : try requireInteger(values[0], name)
        let method = try optionalText(values[1], name)?.string ?? "common"
        guard (0...15).contains(precision) else {
            throw .unsupported(line: line, construct: "rounding to \(precision) digits")
        }
        let rules: [String: FloatingPointRoundingRule] = ["common": .toNearestOrEven, "ceil": .up, "floor": .down]
        guard let rule = rules[method] else { throw failure(name, "there is no method '\(method)'") }
        guard let number = value.asNumber else { throw failure(name, value, expected: "a number") }
        if method == "common", let integer = value.asInteger { return .integer(integer) }
        let scale = repeatElement(10.0, count: precision).reduce(1, *)
        return .number((number * scale).rounded(rule) / scale)
    }
}
