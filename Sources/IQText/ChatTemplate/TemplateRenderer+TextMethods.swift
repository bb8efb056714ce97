// The methods of Python's strings.

extension TemplateRenderer {
    static let textMethods: Set<String> = Set(TemplateTextMethod.allCases.map(\.rawValue)).union(unknownTextMethods)

    /// Methods that Python's strings have and that are refused when called.
    private static let unknownTextMethods: Set<String> = [
        "casefold", "center", "encode", "expandtabs", "format", "format_map", "index", "isascii", "isdecimal",
        "isidentifier", "isnumeric", "isprintable", "istitle", "ljust", "maketrans", "rindex", "rjust", "swapcase",
        "translate",
    ]

    private enum TemplateTextMethod: String, CaseIterable {
        case capitalize, count, endswith, find, isalnum, isalpha, isdigit, islower, isspace, isupper, join, lower,
            lstrip
        case partition, removeprefix, removesuffix, replace, rfind, rpartition, rsplit, rstrip, split, splitlines
        case startswith, strip, title, upper, zfill
    }

    func call(
        _ name: String,
        of text: TemplateText,
        _ arguments: TemplateArguments
    ) throws(ChatTemplateError) -> TemplateValue {
        guard let method = TemplateTextMethod(rawValue: name) else {
            throw .unsupported(line: line, construct: "the string method '\(name)'")
        }
        try spend(text.byteCount)
        switch method {
        case .capitalize, .lower, .title, .upper, .isalnum, .isalpha, .isdigit, .islower, .isspace, .isupper:
            _ = try bind(arguments, [], of: name)
            return plain(method, text)
        case .strip, .lstrip, .rstrip:
            let characters = try optionalText(try bind(arguments, ["chars"], of: name)[0], name)
            return .text(strip(text, method == .strip ? .both : method == .lstrip ? .leading : .trailing, characters))
        case .startswith, .endswith:
            return .boolean(try hasAffix(text, isPrefix: method == .startswith, arguments, name))
        case .removeprefix:
            let prefix = try requireText(try bind(arguments, ["prefix"], of: name)[0], name)
            return .text(text.hasPrefix(prefix) ? TemplateText(text.scalars.dropFirst(prefix.scalars.count)) : text)
        case .removesuffix:
            let suffix = try requireText(try bind(arguments, ["suffix"], of: name)[0], name)
            return .text(text.hasSuffix(suffix) ? TemplateText(text.scalars.dropLast(suffix.scalars.count)) : text)
        case .replace:
            let values = try bind(arguments, ["old", "new", "count"], required: 2, of: name)
            let limit = values[2] == nil ? -1 : try requireInteger(values[2], name)
            return .text(
                try replace(text, try requireText(values[0], name), try requireText(values[1], name), limit)
            )
        case .split, .rsplit:
            let values = try bind(arguments, ["sep", "maxsplit"], of: name)
            let limit = values[1] == nil ? -1 : try requireInteger(values[1], name)
            let parts = try split(text, try optionalText(values[0], name), limit, fromRight: method == .rsplit)
            return .list(try makeList(parts.map { .text($0) }))
        case .partition, .rpartition:
            let separator = try requireText(try bind(arguments, ["sep"], of: name)[0], name)
            let fromRight = method == .rpartition
            let parts = try split(text, separator, 1, fromRight: fromRight)
            let empty = TemplateText("")
            let three =
                parts.count == 2
                ? [parts[0], separator, parts[1]] : fromRight ? [empty, empty, text] : [text, empty, empty]
            return .tuple(try makeList(three.map { .text($0) }))
        case .splitlines:
            _ = try bind(arguments, [], of: name)
            return .list(try makeList(text.lines().map { .text($0) }))
        case .join:
            let parts = try bind(arguments, ["iterable"], required: 1, of: name)[0] ?? .none
            var texts: [TemplateText] = []
            for part in try elements(of: parts, operation: name) { texts.append(try requireText(part, name)) }
            return .text(try join(texts, separator: text))
        case .find, .rfind, .count:
            let part = try requireText(try bind(arguments, ["sub"], of: name)[0], name)
            return .integer(search(text, part, method))
        case .zfill:
            let width = try requireInteger(try bind(arguments, ["width"], of: name)[0], name)
            try spend(max(0, width))
            let scalars = text.scalars
            let sign = scalars.first == "-" || scalars.first == "+" ? 1 : 0
            let zeros = Array(repeating: Unicode.Scalar("0"), count: max(0, width - scalars.count))
            return .text(TemplateText(scalars.prefix(sign) + zeros + scalars.dropFirst(sign)))
        }
    }

    // MARK: Parts, shared with filters

    private func plain(_ method: TemplateTextMethod, _ text: TemplateText) -> TemplateValue {
        let scalars = text.string.unicodeScalars
        func all(_ matches: (Unicode.Scalar) -> Bool) -> TemplateValue {
            .boolean(!scalars.isEmpty && scalars.allSatisfy(matches))
        }
        func isLetter(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
            default: false
            }
        }
        func isDigit(_ scalar: Unicode.Scalar) -> Bool {
            scalar.properties.numericType == .decimal || scalar.properties.numericType == .digit
        }
        switch method {
        case .capitalize: return .text(text.capitalized())
        case .lower: return .text(text.lowercased())
        case .title: return .text(text.titled())
        case .upper: return .text(text.uppercased())
        case .isalpha: return all(isLetter)
        case .isdigit: return all(isDigit)
        case .isalnum: return all { isLetter($0) || $0.properties.numericType != nil }
        case .isspace: return all(\.isPythonWhitespace)
        case .islower: return .boolean(isLower(text))
        default: return .boolean(isUpper(text))
        }
    }

    func isLower(_ text: TemplateText) -> Bool {
        let cased = text.string.unicodeScalars.filter(\.properties.isCased)
        return !cased.isEmpty && cased.allSatisfy(\.properties.isLowercase)
    }

    func isUpper(_ text: TemplateText) -> Bool {
        let cased = text.string.unicodeScalars.filter(\.properties.isCased)
        return !cased.isEmpty && cased.allSatisfy(\.properties.isUppercase)
    }

    /// Without white space, or without `characters`, at the ends.
    func strip(_ text: TemplateText, _ sides: TemplateText.Sides, _ characters: TemplateText?) -> TemplateText {
        guard let characters else { return text.stripped(sides, where: \.isPythonWhitespace) }
        let set = Set(characters.string.unicodeScalars)
        return text.stripped(sides) { set.contains($0) }
    }

    func replace(
        _ text: TemplateText,
        _ old: TemplateText,
        _ new: TemplateText,
        _ limit: Int
    ) throws(ChatTemplateError) -> TemplateText {
        // The most that can come out, so that the bound holds before the memory is taken.
        let places = old.isEmpty ? text.byteCount + 1 : text.byteCount / old.byteCount
        let (growth, overflow) = places.multipliedReportingOverflow(by: new.byteCount)
        let found = TemplateText.indices(of: old.scalars, in: text.scalars, limit: limit < 0 ? .max : limit).count
        try spend(overflow ? .max : min(growth, found * new.byteCount) + text.byteCount)
        return text.replacing(old, with: new, limit: limit < 0 ? .max : limit)
    }

    private func split(
        _ text: TemplateText,
        _ separator: TemplateText?,
        _ limit: Int,
        fromRight: Bool
    ) throws(ChatTemplateError) -> [TemplateText] {
        let limit = limit < 0 ? Int.max : limit
        guard let separator else { return text.splitAtWhitespace(limit: limit, fromRight: fromRight) }
        guard !separator.isEmpty else { throw failure("split", "the separator is empty") }
        try spend(separator.byteCount)
        return text.split(at: separator, limit: limit, fromRight: fromRight)
    }

    func join(_ texts: [TemplateText], separator: TemplateText) throws(ChatTemplateError) -> TemplateText {
        var result = ""
        for (index, text) in texts.enumerated() {
            try spend(text.byteCount + separator.byteCount)
            if index > 0 { result += separator.string }
            result += text.string
        }
        return TemplateText(result)
    }

    private func hasAffix(
        _ text: TemplateText,
        isPrefix: Bool,
        _ arguments: TemplateArguments,
        _ name: String
    ) throws(ChatTemplateError) -> Bool {
        let affix = try bind(arguments, ["affix"], required: 1, of: name)[0] ?? .none
        var affixes = [affix]
        if case .tuple(let list) = affix { affixes = list.elements }
        for affix in affixes {
            let affix = try requireText(affix, name)
            if isPrefix ? text.hasPrefix(affix) : text.hasSuffix(affix) { return true }
        }
        return false
    }

    private func search(_ text: TemplateText, _ part: TemplateText, _ method: TemplateTextMethod) -> Int {
        let source = text.scalars
        let pattern = part.scalars
        switch method {
        case .find: return TemplateText.firstIndex(of: pattern, in: source) ?? -1
        case .count: return TemplateText.indices(of: pattern, in: source).count
        default:
            var start = source.count - pattern.count
            while start >= 0 {
                if source[start..<(start + pattern.count)].elementsEqual(pattern) { return start }
                start -= 1
            }
            return -1
        }
    }
}
