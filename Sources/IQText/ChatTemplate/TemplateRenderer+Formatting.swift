// Values as text: as Python's `str` and `repr` print them, and as its `json.dumps` does.

/// How `tojson` writes.
struct TemplateJSONFormat {
    var escapesNonASCII = false
    /// What one level is set in by; nil for one line.
    var indentation: String?
    var itemSeparator = ", "
    var keySeparator = ": "
    var sortsKeys = false
}

extension TemplateRenderer {
    /// What printing the value gives.
    func text(of value: TemplateValue) throws(ChatTemplateError) -> TemplateText {
        switch value {
        case .text(let text): return text
        case .undefined: return TemplateText("")
        default:
            var result = ""
            try appendRepresentation(of: value, to: &result)
            return TemplateText(result)
        }
    }

    private func append(_ text: String, to result: inout String) throws(ChatTemplateError) {
        try spend(text.utf8.count + Cost.step)
        result += text
    }

    private func appendRepresentation(
        of value: TemplateValue,
        to result: inout String
    ) throws(ChatTemplateError) {
        switch value {
        case .undefined: try append("Undefined", to: &result)
        case .none: try append("None", to: &result)
        case .boolean(let value): try append(value ? "True" : "False", to: &result)
        case .integer(let value): try append(String(value), to: &result)
        case .number(let value): try append(Self.representation(of: value), to: &result)
        case .text(let text): try append(Self.representation(of: text), to: &result)
        case .list(let list): try append(list.elements, between: "[", "]", to: &result)
        case .tuple(let list):
            try append(list.elements, between: "(", list.elements.count == 1 ? ",)" : ")", to: &result)
        case .view(let list, let name):
            try append("dict_\(name)(", to: &result)
            try append(list.elements, between: "[", "])", to: &result)
        case .dictionary(let dictionary):
            try append("{", to: &result)
            for (index, entry) in dictionary.entries.enumerated() {
                if index > 0 { try append(", ", to: &result) }
                try appendRepresentation(of: entry.key, to: &result)
                try append(": ", to: &result)
                try appendRepresentation(of: entry.value, to: &result)
            }
            try append("}", to: &result)
        case .iterator, .function, .method, .namespace, .loop, .macro:
            // Python prints an address here, which no template can mean.
            throw failure("printing", "\(value.kindName) has no text")
        }
    }

    private func append(
        _ elements: [TemplateValue],
        between opening: String,
        _ closing: String,
        to result: inout String
    ) throws(ChatTemplateError) {
        try append(opening, to: &result)
        for (index, element) in elements.enumerated() {
            if index > 0 { try append(", ", to: &result) }
            try appendRepresentation(of: element, to: &result)
        }
        try append(closing, to: &result)
    }

    /// Python's `repr` of a string: single quotes unless only those are in it.
    private static func representation(of text: TemplateText) -> String {
        let scalars = text.string.unicodeScalars
        let quote: Unicode.Scalar = scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
        var result = String.UnicodeScalarView()
        result.append(quote)
        for scalar in scalars {
            switch scalar {
            case "\n": result.append(contentsOf: "\\n".unicodeScalars)
            case "\r": result.append(contentsOf: "\\r".unicodeScalars)
            case "\t": result.append(contentsOf: "\\t".unicodeScalars)
            case "\\", quote:
                result.append("\\")
                result.append(scalar)
            default:
                if scalar.isPythonPrintable {
                    result.append(scalar)
                } else {
                    let (mark, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
                    result.append(contentsOf: "\\\(mark)\(hexadecimal(scalar.value, width))".unicodeScalars)
                }
            }
        }
        result.append(quote)
        return String(result)
    }

    private static func hexadecimal(_ value: UInt32, _ width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// Python's `repr` of a float: the shortest digits, with an exponent below 1e-4 and from 1e16 on.
    static func representation(of number: Double) -> String {
        guard number.isFinite else { return number.isNaN ? "nan" : number < 0 ? "-inf" : "inf" }
        let parts = number.magnitude.description.split(separator: "e")
        var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = mantissa[0].drop { $0 == "0" }
        var digits = String(whole) + (mantissa.count > 1 ? String(mantissa[1]) : "")
        exponent += whole.utf8.count - 1
        while digits.first == "0", digits.utf8.count > 1 {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.last == "0", digits.utf8.count > 1 { digits.removeLast() }
        let sign = number.sign == .minus ? "-" : ""
        if number == 0 { return sign + "0.0" }
        if exponent < -4 || exponent >= 16 {
            let fraction = digits.utf8.count > 1 ? "." + digits.dropFirst() : ""
            let power = String(abs(exponent))
            let padded = power.utf8.count < 2 ? "0" + power : power
            return "\(sign)\(digits.prefix(1))\(fraction)e\(exponent < 0 ? "-" : "+")\(padded)"
        }
        if exponent < 0 { return "\(sign)0.\(String(repeating: "0", count: -exponent - 1))\(digits)" }
        let missing = exponent + 1 - digits.utf8.count
        if missing >= 0 { return "\(sign)\(digits)\(String(repeating: "0", count: missing)).0" }
        return "\(sign)\(digits.prefix(exponent + 1)).\(digits.dropFirst(exponent + 1))"
    }

    // MARK: JSON

    func json(_ value: TemplateValue, _ format: TemplateJSONFormat) throws(ChatTemplateError) -> TemplateValue {
        var result = ""
        try appendJSON(value, format, level: 0, to: &result)
        return .text(TemplateText(result))
    }

    private func appendJSON(
        _ value: TemplateValue,
        _ format: TemplateJSONFormat,
        level: Int,
        to result: inout String
    ) throws(ChatTemplateError) {
        switch value {
        case .none: try append("null", to: &result)
        case .boolean(let value): try append(value ? "true" : "false", to: &result)
        case .integer(let value): try append(String(value), to: &result)
        case .number(let value): try append(Self.json(value), to: &result)
        case .text(let text): try append(Self.json(text, format), to: &result)
        case .list(let list), .tuple(let list):
            guard !list.elements.isEmpty else { return try append("[]", to: &result) }
            try append("[", to: &result)
            for (index, element) in list.elements.enumerated() {
                if index > 0 { try append(format.itemSeparator, to: &result) }
                try appendLineBreak(format, level: level + 1, to: &result)
                try appendJSON(element, format, level: level + 1, to: &result)
            }
            try appendLineBreak(format, level: level, to: &result)
            try append("]", to: &result)
        case .dictionary(let dictionary):
            guard !dictionary.entries.isEmpty else { return try append("{}", to: &result) }
            var entries: [(name: TemplateText, value: TemplateValue)] = []
            for (key, value) in dictionary.entries { entries.append((try jsonName(key), value)) }
            if format.sortsKeys { entries.sort { $0.name < $1.name } }
            try append("{", to: &result)
            for (index, entry) in entries.enumerated() {
                if index > 0 { try append(format.itemSeparator, to: &result) }
                try appendLineBreak(format, level: level + 1, to: &result)
                try append(Self.json(entry.name, format) + format.keySeparator, to: &result)
                try appendJSON(entry.value, format, level: level + 1, to: &result)
            }
            try appendLineBreak(format, level: level, to: &result)
            try append("}", to: &result)
        default:
            throw failure("tojson", value, expected: "a value of JSON")
        }
    }

    private func appendLineBreak(
        _ format: TemplateJSONFormat,
        level: Int,
        to result: inout String
    ) throws(ChatTemplateError) {
        guard let indentation = format.indentation else { return }
        try spend(indentation.utf8.count * level)
        try append("\n" + String(repeating: indentation, count: level), to: &result)
    }

    private func jsonName(_ key: TemplateValue) throws(ChatTemplateError) -> TemplateText {
        switch key {
        case .text(let text): text
        case .none: TemplateText("null")
        case .boolean(let value): TemplateText(value ? "true" : "false")
        case .number(let value): TemplateText(Self.json(value))
        default: try text(of: key)
        }
    }

    private static func json(_ number: Double) -> String {
        number.isFinite ? representation(of: number) : number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity"
    }

    private static func json(_ text: TemplateText, _ format: TemplateJSONFormat) -> String {
        var result = String.UnicodeScalarView()
        result.append("\"")
        for scalar in text.string.unicodeScalars {
            switch scalar {
            case "\"": result.append(contentsOf: "\\\"".unicodeScalars)
            case "\\": result.append(contentsOf: "\\\\".unicodeScalars)
            case "\n": result.append(contentsOf: "\\n".unicodeScalars)
            case "\r": result.append(contentsOf: "\\r".unicodeScalars)
            case "\t": result.append(contentsOf: "\\t".unicodeScalars)
            case "\u{8}": result.append(contentsOf: "\\b".unicodeScalars)
            case "\u{C}": result.append(contentsOf: "\\f".unicodeScalars)
            default:
                if scalar.value < 0x20 || (format.escapesNonASCII && scalar.value > 0x7E) {
                    for unit in String(scalar).utf16 {
                        result.append(contentsOf: "\\u\(hexadecimal(UInt32(unit), 4))".unicodeScalars)
                    }
                } else {
                    result.append(scalar)
                }
            }
        }
        result.append("\"")
        return String(result)
    }
}
