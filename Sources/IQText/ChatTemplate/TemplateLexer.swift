// Cuts a template into tokens, with Jinja's rules for white space under trim_blocks and lstrip_blocks: the newline behind
// a statement or comment goes, and so does the white space before one that opens a line; "-" takes all white space on its
// side, "+" keeps it.

/// Reads a template's text from left to right.
struct TemplateLexer {
    let source: [Unicode.Scalar]
    var position = 0
    var line = 1
    var tokens: [TemplateToken] = []
    /// Whether `position` is the start of a line, once white space control has taken its share.
    private var isLineStart = true

    /// All tokens of a template; the last is the end.
    static func tokens(of template: String) throws(ChatTemplateError) -> [TemplateToken] {
        guard template.utf8.count <= ChatTemplateLimit.sourceLength.maximum else {
            throw .limitExceeded(line: 1, limit: .sourceLength)
        }
        var lexer = TemplateLexer(template)
        try lexer.readTemplate()
        return lexer.tokens
    }

    private init(_ template: String) {
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(template.utf8.count)
        var previous: Unicode.Scalar = " "
        for scalar in template.unicodeScalars {
            if scalar == "\r" || (scalar == "\n" && previous != "\r") {
                scalars.append("\n")
            } else if scalar != "\n" {
                scalars.append(scalar)
            }
            previous = scalar
        }
        // One newline at the very end is the file's, not the template's.
        if scalars.last == "\n" { scalars.removeLast() }
        source = scalars
    }

    // MARK: Characters

    func peek(_ offset: Int = 0) -> Unicode.Scalar? {
        position + offset < source.count ? source[position + offset] : nil
    }

    func startsWith(_ text: String, at index: Int) -> Bool {
        source[min(index, source.count)...].starts(with: text.unicodeScalars)
    }

    mutating func advance(to index: Int) {
        while position < index {
            if source[position] == "\n" { line += 1 }
            position += 1
        }
    }

    private func skippingWhitespace(from index: Int) -> Int {
        var index = index
        while index < source.count, source[index].isPythonWhitespace { index += 1 }
        return index
    }

    mutating func append(_ kind: TemplateToken.Kind, line: Int? = nil) {
        tokens.append(TemplateToken(kind: kind, line: line ?? self.line))
    }

    // MARK: Text and tags

    private mutating func readTemplate() throws(ChatTemplateError) {
        while let start = nextTag() {
            let sign: Unicode.Scalar? = start + 2 < source.count ? source[start + 2] : nil
            let opening = source[start + 1]
            appendText(upTo: start, sign: sign, permitsIndentation: opening == "{")
            if opening == "%", let end = rawStart(at: start) {
                advance(to: end)
                isLineStart = position > 0 && source[position - 1] == "\n"
                try readRaw()
                continue
            }
            let tagLine = line
            advance(to: start + (sign == "-" || sign == "+" ? 3 : 2))
            switch opening {
            case "#":
                try readComment(line: tagLine)
            case "{":
                append(.expressionStart, line: tagLine)
                try readTag(isStatement: false)
            default:
                append(.statementStart, line: tagLine)
                try readTag(isStatement: true)
            }
            isLineStart = position > 0 && source[position - 1] == "\n"
        }
        if position < source.count {
            append(.text(TemplateText(source[position...]).string))
            advance(to: source.count)
        }
        append(.endOfTemplate)
    }

    private func nextTag() -> Int? {
        var index = position
        while index + 1 < source.count {
            if source[index] == "{", ["{", "%", "#"].contains(source[index + 1]) { return index }
            index += 1
        }
        return nil
    }

    /// Appends the text before a tag at `start`, cut as the tag's sign says, and moves to the tag.
    private mutating func appendText(upTo start: Int, sign: Unicode.Scalar?, permitsIndentation: Bool) {
        var end = start
        if sign == "-" {
            while end > position, source[end - 1].isPythonWhitespace { end -= 1 }
        } else if sign != "+", !permitsIndentation {
            var lineStart = end
            while lineStart > position, source[lineStart - 1] != "\n" { lineStart -= 1 }
            let opensLine = lineStart > position || isLineStart
            if opensLine, source[lineStart..<end].allSatisfy(\.isPythonWhitespace) { end = lineStart }
        }
        if end > position { append(.text(TemplateText(source[position..<end]).string)) }
        advance(to: start)
    }

    /// Where the text behind `{% raw %}` starts, if that is the tag at `start`.
    private func rawStart(at start: Int) -> Int? {
        var index = start + 2
        if index < source.count, source[index] == "-" || source[index] == "+" { index += 1 }
        index = skippingWhitespace(from: index)
        guard startsWith("raw", at: index) else { return nil }
        index = skippingWhitespace(from: index + 3)
        if startsWith("-%}", at: index) { return skippingWhitespace(from: index + 3) }
        return startsWith("%}", at: index) ? index + 2 : nil
    }

    private mutating func readRaw() throws(ChatTemplateError) {
        let startLine = line
        var index = position
        while index < source.count {
            defer { index += 1 }
            guard startsWith("{%", at: index) else { continue }
            var name = index + 2
            let sign: Unicode.Scalar? = name < source.count ? source[name] : nil
            if sign == "-" || sign == "+" { name += 1 }
            name = skippingWhitespace(from: name)
            guard startsWith("endraw", at: name) else { continue }
            guard let end = statementEnd(at: skippingWhitespace(from: name + 6)) else { continue }
            appendText(upTo: index, sign: sign, permitsIndentation: false)
            advance(to: end)
            isLineStart = source[position - 1] == "\n"
            return
        }
        throw .invalidSyntax(line: startLine, found: "the end of the template", expected: "'{% endraw %}'")
    }

    private mutating func readComment(line startLine: Int) throws(ChatTemplateError) {
        var index = position
        while index + 1 < source.count {
            if source[index] == "#", source[index + 1] == "}" {
                let isTrimmed = index > position && source[index - 1] == "-"
                let isKept = index > position && source[index - 1] == "+"
                var end = index + 2
                if isTrimmed {
                    end = skippingWhitespace(from: end)
                } else if !isKept, end < source.count, source[end] == "\n" {
                    end += 1
                }
                advance(to: end)
                return
            }
            index += 1
        }
        throw .invalidSyntax(line: startLine, found: "the end of the template", expected: "'#}'")
    }

    /// Behind the end of a statement that stands at `index`, with the white space that it takes along.
    private func statementEnd(at index: Int) -> Int? {
        if startsWith("-%}", at: index) { return skippingWhitespace(from: index + 3) }
        if startsWith("+%}", at: index) { return index + 3 }
        guard startsWith("%}", at: index) else { return nil }
        return index + 2 < source.count && source[index + 2] == "\n" ? index + 3 : index + 2
    }

    private func expressionEnd(at index: Int) -> Int? {
        if startsWith("-}}", at: index) { return skippingWhitespace(from: index + 3) }
        return startsWith("}}", at: index) ? index + 2 : nil
    }

    /// Reads tokens up to the end of the tag. Inside brackets, what looks like the end is punctuation.
    private mutating func readTag(isStatement: Bool) throws(ChatTemplateError) {
        var open: [TemplateSymbol] = []
        while position < source.count {
            if open.isEmpty, let end = isStatement ? statementEnd(at: position) : expressionEnd(at: position) {
                append(isStatement ? .statementEnd : .expressionEnd)
                advance(to: end)
                return
            }
            let scalar = source[position]
            if scalar.isPythonWhitespace {
                advance(to: position + 1)
            } else if try readLiteralOrName() {
                continue
            } else if let symbol = symbolAtPosition() {
                if let closing = symbol.closing {
                    open.append(closing)
                } else if symbol.isClosing {
                    guard let expected = open.popLast() else {
                        throw .invalidSyntax(line: line, found: "'\(symbol.rawValue)'", expected: "an expression")
                    }
                    guard expected == symbol else {
                        throw .invalidSyntax(
                            line: line,
                            found: "'\(symbol.rawValue)'",
                            expected: "'\(expected.rawValue)'"
                        )
                    }
                }
                append(.symbol(symbol))
                advance(to: position + symbol.rawValue.utf8.count)
            } else {
                throw .invalidSyntax(line: line, found: "the character '\(scalar)'", expected: "an expression")
            }
        }
    }

    private func symbolAtPosition() -> TemplateSymbol? {
        TemplateSymbol.allCases.first { startsWith($0.rawValue, at: position) }
    }
}
