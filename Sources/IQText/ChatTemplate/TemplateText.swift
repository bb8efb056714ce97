// A string as Python sees it: a sequence of code points, equal only if all of them are. Swift's own comparison and
// indices go by characters, which would make "é" and "e\u{301}" one key and "\r\n" one item.

/// Text of a template's value.
struct TemplateText: Sendable, Hashable, Comparable {
    var string: String

    init(_ string: String) { self.string = string }

    init(_ scalars: some Sequence<Unicode.Scalar>) {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        string = String(view)
    }

    var scalars: [Unicode.Scalar] { Array(string.unicodeScalars) }
    var byteCount: Int { string.utf8.count }
    var isEmpty: Bool { string.isEmpty }

    static func == (lhs: TemplateText, rhs: TemplateText) -> Bool { lhs.string.utf8.elementsEqual(rhs.string.utf8) }

    /// UTF-8 sorts as code points do.
    static func < (lhs: TemplateText, rhs: TemplateText) -> Bool {
        lhs.string.utf8.lexicographicallyPrecedes(rhs.string.utf8)
    }

    func hash(into hasher: inout Hasher) {
        for byte in string.utf8 { hasher.combine(byte) }
        hasher.combine(UInt8.max)
    }

    // MARK: Searching

    /// Where `pattern` starts in `scalars` at or after `start`; an empty pattern is found at once.
    static func firstIndex(
        of pattern: [Unicode.Scalar],
        in scalars: [Unicode.Scalar],
        from start: Int = 0
    ) -> Int? {
        guard pattern.count <= scalars.count - start else { return nil }
        guard let first = pattern.first else { return start }
        var index = start
        while index <= scalars.count - pattern.count {
            if scalars[index] == first, scalars[index..<(index + pattern.count)].elementsEqual(pattern) { return index }
            index += 1
        }
        return nil
    }

    /// The places where `pattern` stands, without overlap, left to right.
    static func indices(
        of pattern: [Unicode.Scalar],
        in scalars: [Unicode.Scalar],
        limit: Int = .max
    ) -> [Int] {
        var found: [Int] = []
        var start = 0
        while found.count < limit, let index = firstIndex(of: pattern, in: scalars, from: start) {
            found.append(index)
            start = index + max(1, pattern.count)
        }
        return found
    }

    func contains(_ other: TemplateText) -> Bool {
        Self.firstIndex(of: other.scalars, in: scalars) != nil
    }

    func hasPrefix(_ other: TemplateText) -> Bool { string.utf8.starts(with: other.string.utf8) }

    func hasSuffix(_ other: TemplateText) -> Bool {
        string.utf8.reversed().starts(with: other.string.utf8.reversed())
    }

    // MARK: Editing

    /// Python's `str.replace`; an empty `old` stands before, between and behind all code points.
    func replacing(_ old: TemplateText, with new: TemplateText, limit: Int) -> TemplateText {
        let source = scalars
        let pattern = old.scalars
        var result = String.UnicodeScalarView()
        var last = 0
        for index in Self.indices(of: pattern, in: source, limit: limit) {
            result.append(contentsOf: source[last..<index])
            result.append(contentsOf: new.string.unicodeScalars)
            last = index + pattern.count
        }
        result.append(contentsOf: source[last...])
        return TemplateText(String(result))
    }

    enum Sides { case leading, trailing, both }

    /// Without the code points at its ends that `matches` accepts.
    func stripped(_ sides: Sides, where matches: (Unicode.Scalar) -> Bool) -> TemplateText {
        var view = string.unicodeScalars[...]
        if sides != .trailing { view = view.drop(while: matches) }
        if sides != .leading {
            while let last = view.last, matches(last) { view.removeLast() }
        }
        return TemplateText(String(view))
    }

    /// Split at every `separator`, at most `limit` times, from the left or from the right.
    func split(at separator: TemplateText, limit: Int, fromRight: Bool) -> [TemplateText] {
        let source = scalars
        let pattern = separator.scalars
        var places: [Int] = []
        if fromRight {
            var end = source.count - pattern.count
            while end >= 0, places.count < limit {
                if source[end..<(end + pattern.count)].elementsEqual(pattern) {
                    places.insert(end, at: 0)
                    end -= pattern.count
                } else {
                    end -= 1
                }
            }
        } else {
            places = Self.indices(of: pattern, in: source, limit: limit)
        }
        var parts: [TemplateText] = []
        var last = 0
        for place in places {
            parts.append(TemplateText(source[last..<place]))
            last = place + pattern.count
        }
        parts.append(TemplateText(source[last...]))
        return parts
    }

    /// Split at runs of white space, which count for nothing at the ends, at most `limit` times.
    func splitAtWhitespace(limit: Int, fromRight: Bool) -> [TemplateText] {
        let source = fromRight ? Array(scalars.reversed()) : scalars
        var parts: [TemplateText] = []
        var index = 0
        while true {
            while index < source.count, source[index].isPythonWhitespace { index += 1 }
            guard index < source.count else { break }
            var end = index
            if parts.count < limit {
                while end < source.count, !source[end].isPythonWhitespace { end += 1 }
            } else {
                // The rest keeps the white space at its far end.
                end = source.count
            }
            let part = source[index..<end]
            parts.append(fromRight ? TemplateText(part.reversed()) : TemplateText(part))
            index = end
            if parts.count > limit { break }
        }
        return fromRight ? parts.reversed() : parts
    }

    /// Python's `str.splitlines`, without the ends of the lines.
    func lines() -> [TemplateText] {
        var lines: [TemplateText] = []
        var current = String.UnicodeScalarView()
        var previousWasReturn = false
        var isOpen = false
        for scalar in string.unicodeScalars {
            if previousWasReturn, scalar == "\n" {
                previousWasReturn = false
                continue
            }
            previousWasReturn = scalar == "\r"
            if scalar.isPythonLineBreak {
                lines.append(TemplateText(String(current)))
                current = String.UnicodeScalarView()
                isOpen = false
            } else {
                current.append(scalar)
                isOpen = true
            }
        }
        if isOpen { lines.append(TemplateText(String(current))) }
        return lines
    }

    // MARK: Case

    func uppercased() -> TemplateText { TemplateText(string.uppercased()) }
    func lowercased() -> TemplateText { TemplateText(string.lowercased()) }

    /// The first code point in title case, the rest in lower case.
    func capitalized() -> TemplateText {
        guard let first = string.unicodeScalars.first else { return self }
        let rest = String(string.unicodeScalars.dropFirst()).lowercased()
        return TemplateText(first.properties.titlecaseMapping + rest)
    }

    /// Python's `str.title`: every run of cased letters is capitalised.
    func titled() -> TemplateText {
        var result = ""
        var previousIsCased = false
        for scalar in string.unicodeScalars {
            let properties = scalar.properties
            result += previousIsCased ? properties.lowercaseMapping : properties.titlecaseMapping
            previousIsCased = properties.isCased
        }
        return TemplateText(result)
    }

    /// Jinja's filter `title`: words begin after white space, hyphens and opening brackets.
    func titledByWords() -> TemplateText {
        var result = ""
        var isStart = true
        for scalar in string.unicodeScalars {
            result += isStart ? scalar.properties.uppercaseMapping : scalar.properties.lowercaseMapping
            isStart = scalar.isPythonWhitespace || ["-", "(", "{", "[", "<"].contains(scalar)
        }
        return TemplateText(result)
    }
}

extension Unicode.Scalar {
    /// What Python's `str.isspace` accepts.
    var isPythonWhitespace: Bool {
        switch value {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// What ends a line for Python's `str.splitlines`.
    var isPythonLineBreak: Bool {
        switch value {
        case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    /// Whether Python's `repr` prints the code point as it is.
    var isPythonPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: self == " "
        default: true
        }
    }
}
