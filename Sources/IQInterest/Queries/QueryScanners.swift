// The scanners behind the tolerant parser: one for lines, one for JSON. Both take text in pieces of any size.

/// Cuts text into lines and takes away what numbers, labels and introduces them.
struct QueryLineScanner {
    private var pending = ""
    private var lastNumber = 0
    /// Lines with content so far; an introduction can only be the first.
    private var lines = 0

    mutating func append(_ text: String) -> [QueryScanItem] {
        pending += text
        var items: [QueryScanItem] = []
        while let end = pending.firstIndex(where: \.isNewline) {
            let line = String(pending[..<end])
            pending.removeSubrange(...end)
            if let item = item(line) { items.append(item) }
        }
        return items
    }

    mutating func finish(isCut: Bool) -> [QueryScanItem] {
        let line = pending
        pending = ""
        guard let item = item(line) else { return [] }
        if isCut, case .query(let text) = item { return [.dropped(text, .unfinished)] }
        return [item]
    }

    /// The line's query, or nil for a blank line or a code fence.
    private mutating func item(_ line: String) -> QueryScanItem? {
        let text = line.collapsingWhitespace()
        guard !text.isEmpty, !text.hasPrefix("```"), !text.hasPrefix("~~~") else { return nil }
        lines += 1
        let unmarked = QueryNormalization.normalized(text)
        if unmarked.hasSuffix(":") || (lines == 1 && isGreeting(unmarked)) { return .dropped(text, .notAQuery) }
        var query = unmarked[...]
        if let plain = QueryNormalization.withoutNumber(query, lastNumber + 1) {
            lastNumber += 1
            query = plain
        }
        return .query(String(withoutLabel(query)))
    }

    /// "Query: …", "Query 3: …", "Search query 3 - …" without the label.
    private func withoutLabel(_ text: Substring) -> Substring {
        var rest = text
        var sawLabel = false
        for word in ["news ", "search ", "query"] where rest.lowercased().hasPrefix(word) {
            rest = rest.dropFirst(word.count)
            sawLabel = word == "query"
        }
        guard sawLabel else { return text }
        rest = rest.drop { $0 == " " || $0.isNumber || $0 == "#" }
        guard rest.first == ":" else { return text }
        return rest.dropFirst()
    }

    /// "Sure! Here is …" and "Here are …", which name no topic.
    private func isGreeting(_ text: String) -> Bool {
        let lowered = text.lowercased()
        return ["sure,", "sure!", "certainly", "of course,", "here are ", "here is a list", "here's a list"]
            .contains { lowered.hasPrefix($0) }
    }
}

/// Collects the strings of a JSON text that are no names of members.
struct QueryJSONScanner {
    private enum State {
        /// Before the first bracket; the text is kept, in case it turns out to be lines.
        case preamble(String)
        case betweenStrings
        /// Inside a string: its content, whether a backslash is open, the hexadecimal digits of an open \u escape and
        /// the first half of a surrogate pair.
        case string(String, Escape)
        /// A string ended; what follows decides whether it was a name.
        case afterString(String)
    }

    private enum Escape {
        case none
        case backslash
        case unicode(digits: String)
    }

    private var state = State.preamble("")
    private var highSurrogate: UInt32?

    mutating func append(_ text: String) -> [QueryScanItem] {
        var items: [QueryScanItem] = []
        for scalar in text.unicodeScalars {
            if let item = read(scalar) { items.append(item) }
        }
        return items
    }

    mutating func finish(isCut: Bool) -> [QueryScanItem] {
        defer { state = .betweenStrings }
        switch state {
        case .preamble(let text):
            var lines = QueryLineScanner()
            return lines.append(text) + lines.finish(isCut: isCut)
        case .betweenStrings: return []
        case .string(let content, _): return content.isEmpty ? [] : [.dropped(content, .unfinished)]
        case .afterString(let content): return [.query(content)]
        }
    }

    private mutating func read(_ scalar: Unicode.Scalar) -> QueryScanItem? {
        switch state {
        case .preamble(var text):
            if scalar == "[" || scalar == "{" {
                state = .betweenStrings
                return nil
            }
            text.unicodeScalars.append(scalar)
            state = .preamble(text)
        case .betweenStrings:
            if scalar == "\"" { state = .string("", .none) }
        case .afterString(let content):
            if scalar.properties.isWhitespace { return nil }
            state = scalar == "\"" ? .string("", .none) : .betweenStrings
            return scalar == ":" ? nil : .query(content)
        case .string(var content, let escape):
            state = .betweenStrings
            switch escape {
            case .none where scalar == "\"": state = .afterString(content)
            case .none where scalar == "\\": state = .string(content, .backslash)
            case .none:
                content.unicodeScalars.append(scalar)
                state = .string(content, .none)
            case .backslash where scalar == "u": state = .string(content, .unicode(digits: ""))
            case .backslash:
                // White space in a query is a space, whichever it was; an unknown escape stands for its letter.
                content.unicodeScalars.append("nrtbf".unicodeScalars.contains(scalar) ? " " : scalar)
                state = .string(content, .none)
            case .unicode(let digits): state = unicodeEscape(digits, scalar, content)
            }
        }
        return nil
    }

    private mutating func unicodeEscape(_ digits: String, _ scalar: Unicode.Scalar, _ content: String) -> State {
        var content = content
        guard Character(scalar).hexDigitValue != nil else {
            content.unicodeScalars.append("\u{FFFD}")
            return scalar == "\"" ? .afterString(content) : .string(content, .none)
        }
        let digits = digits + String(scalar)
        guard digits.count == 4, let code = UInt32(digits, radix: 16) else {
            return .string(content, .unicode(digits: digits))
        }
        if (0xD800..<0xDC00).contains(code) {
            highSurrogate = code
        } else {
            var value = code
            if (0xDC00..<0xE000).contains(code), let high = highSurrogate {
                value = 0x10000 + (high - 0xD800) << 10 + (code - 0xDC00)
            }
            highSurrogate = nil
            content.unicodeScalars.append(Unicode.Scalar(value) ?? "\u{FFFD}")
        }
        return .string(content, .none)
    }
}
