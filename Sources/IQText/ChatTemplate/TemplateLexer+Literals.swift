// Names, numbers and strings within the tags of a template.

extension TemplateLexer {
    /// Reads a name, number or string at the position; false if there is none.
    mutating func readLiteralOrName() throws(ChatTemplateError) -> Bool {
        guard let scalar = peek() else { return false }
        if scalar == "'" || scalar == "\"" {
            try readString(quote: scalar)
            return true
        }
        if Self.isDigit(scalar) {
            try readNumber()
            return true
        }
        guard Self.continuesName(scalar) else { return false }
        var end = position
        while end < source.count, Self.continuesName(source[end]) { end += 1 }
        let name = TemplateText(source[position..<end]).string
        guard scalar == "_" || scalar.properties.isXIDStart else {
            throw .invalidSyntax(line: line, found: "'\(name)'", expected: "a name")
        }
        append(.name(name))
        advance(to: end)
        return true
    }

    static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar >= "0" && scalar <= "9" }

    private static func continuesName(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar.properties.isXIDContinue
    }

    // MARK: Numbers

    /// Behind the digits of a base from `index` on, which "_" may part; `index` itself if there are none.
    private func digitsEnd(from index: Int, radix: Int = 10) -> Int {
        func isDigit(_ index: Int) -> Bool {
            index < source.count && source[index].isASCII
                && Character(source[index]).hexDigitValue.map { $0 < radix } ?? false
        }
        guard isDigit(index) else { return index }
        var end = index + 1
        while isDigit(end) || (end < source.count && source[end] == "_" && isDigit(end + 1)) { end += 1 }
        return end
    }

    private func digits(from start: Int, to end: Int) -> String {
        TemplateText(source[start..<end].filter { $0 != "_" }).string
    }

    private mutating func readNumber() throws(ChatTemplateError) {
        // "x.0.1" is item 1 of item 0 of x, not the number 0.1.
        let followsDot = position > 0 && source[position - 1] == "."
        if !followsDot, let end = fractionEnd() {
            append(.number(Double(digits(from: position, to: end)) ?? .infinity))
            advance(to: end)
            return
        }
        let radices: [(String, Int)] = [("0x", 16), ("0X", 16), ("0o", 8), ("0O", 8), ("0b", 2), ("0B", 2)]
        for (prefix, radix) in radices where startsWith(prefix, at: position) {
            let start = position + 2 < source.count && source[position + 2] == "_" ? position + 3 : position + 2
            let end = digitsEnd(from: start, radix: radix)
            if end > start {
                try appendInteger(digits(from: start, to: end), radix: radix, end: end)
                return
            }
        }
        var end = digitsEnd(from: position)
        if source[position] == "0" {
            // A decimal number does not start with 0: "01" is 0 and then 1.
            end = position + 1
            while end < source.count, source[end] == "0" { end += 1 }
        }
        try appendInteger(digits(from: position, to: end), radix: 10, end: end)
    }

    private mutating func appendInteger(_ digits: String, radix: Int, end: Int) throws(ChatTemplateError) {
        guard let value = Int(digits, radix: radix) else {
            throw .unsupported(line: line, construct: "the integer \(digits), which has more than 64 bits")
        }
        append(.integer(value))
        advance(to: end)
    }

    /// Behind a number with a fraction or an exponent at the position.
    private func fractionEnd() -> Int? {
        var end = digitsEnd(from: position)
        var isFraction = false
        if end < source.count, source[end] == ".", digitsEnd(from: end + 1) > end + 1 {
            end = digitsEnd(from: end + 1)
            isFraction = true
        }
        if end < source.count, source[end] == "e" || source[end] == "E" {
            var start = end + 1
            if start < source.count, source[start] == "+" || source[start] == "-" { start += 1 }
            let exponentEnd = digitsEnd(from: start)
            if exponentEnd > start { return exponentEnd }
        }
        return isFraction ? end : nil
    }

    // MARK: Strings

    private mutating func readString(quote: Unicode.Scalar) throws(ChatTemplateError) {
        var end = position + 1
        while end < source.count, source[end] != quote { end += source[end] == "\\" ? 2 : 1 }
        guard end < source.count else {
            throw .invalidSyntax(line: line, found: "a string without its end", expected: "'\(quote)'")
        }
        let text = try Self.unescaped(source[(position + 1)..<end], line: line)
        append(.string(text))
        advance(to: end + 1)
    }

    private static let simpleEscapes: [Unicode.Scalar: Unicode.Scalar] = [
        "n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", "\"": "\"",
        "a": "\u{7}", "b": "\u{8}", "f": "\u{C}", "v": "\u{B}",
    ]

    /// Resolves the escapes of Python's string literals; an unknown one stays as it is.
    private static func unescaped(_ text: ArraySlice<Unicode.Scalar>, line: Int) throws(ChatTemplateError) -> String {
        var result = String.UnicodeScalarView()
        var index = text.startIndex
        while index < text.endIndex {
            let scalar = text[index]
            index += 1
            guard scalar == "\\", index < text.endIndex else {
                result.append(scalar)
                continue
            }
            let escape = text[index]
            index += 1
            let lengths: [Unicode.Scalar: Int] = ["x": 2, "u": 4, "U": 8]
            if let simple = simpleEscapes[escape] {
                result.append(simple)
            } else if escape == "\n" {
                continue
            } else if let length = lengths[escape] {
                let digits = TemplateText(text[index..<min(index + length, text.endIndex)]).string
                guard digits.utf8.count == length, let value = UInt32(digits, radix: 16),
                    let decoded = Unicode.Scalar(value)
                else {
                    throw .invalidSyntax(
                        line: line,
                        found: "'\\\(escape)\(digits)'",
                        expected: "the \(length) hexadecimal digits of a code point"
                    )
                }
                result.append(decoded)
                index += length
            } else if escape >= "0", escape <= "7" {
                var value = escape.value - 48
                var count = 1
                while count < 3, index < text.endIndex, text[index] >= "0", text[index] <= "7" {
                    value = value * 8 + text[index].value - 48
                    index += 1
                    count += 1
                }
                if let decoded = Unicode.Scalar(value) { result.append(decoded) }
            } else if escape == "N" {
                throw .unsupported(line: line, construct: "'\\N{...}' in a string")
            } else {
                result.append("\\")
                result.append(escape)
            }
        }
        return String(result)
    }
}
