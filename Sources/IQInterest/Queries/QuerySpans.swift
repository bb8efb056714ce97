// Where in a model's text its queries stand.

/// The list in a text, and the bytes of each query.
struct QuerySpans {
    let list: QueryList
    /// Ranges of the text's UTF-8 bytes, one for each query of the list, in order, without overlap: the query's line without the
    /// white space around it, or its JSON string with its quotation marks.
    let spans: [Range<Int>]

    init(of text: String, format: QueryListFormat, limits: QueryListLimits, examples: [String], isCut: Bool) {
        var parser = QueryListParser(format: format, limits: limits, examples: examples)
        var reader = SpanReader(bytes: Array(text.utf8))
        // A text without brackets is read as lines, at its end.
        if format == .json, text.utf8.contains(where: { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") }) {
            for scalar in text.unicodeScalars {
                let found = parser.append(String(scalar))
                // The query is known from the first character behind its string, which is not part of it.
                if !found.isEmpty { reader.takeString() }
                reader.position += UTF8.width(scalar)
            }
            if !parser.finish(isCut: isCut).isEmpty { reader.takeString() }
        } else {
            var lines = QueryListParser(format: .lines, limits: limits, examples: examples)
            var start = text.startIndex
            while start < text.endIndex {
                let end = text[start...].firstIndex(where: \.isNewline).map { text.index(after: $0) } ?? text.endIndex
                let line = text[start..<end]
                var found = lines.append(String(line))
                if end == text.endIndex { found += lines.finish(isCut: isCut) }
                reader.position += line.utf8.count
                if !found.isEmpty { reader.takeLine(line.utf8.count) }
                start = end
            }
            parser = lines
        }
        list = parser.list
        spans = reader.spans
        assert(list.count == spans.count, "\(list.count) queries, \(spans.count) spans")
    }
}

/// Cuts spans out of what has been read.
private struct SpanReader {
    let bytes: [UInt8]
    /// Bytes read so far.
    var position = 0
    private(set) var spans: [Range<Int>] = []

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// The last string that ended, with its quotation marks.
    mutating func takeString() {
        let quote = UInt8(ascii: "\"")
        let from = spans.last?.upperBound ?? 0
        guard let close = bytes[from..<position].lastIndex(of: quote) else { return spans.append(from..<position) }
        var open = close
        while open > from {
            open -= 1
            guard bytes[open] == quote else { continue }
            let backslashes = bytes[from..<open].reversed().prefix { $0 == UInt8(ascii: "\\") }.count
            if backslashes % 2 == 0 { break }
        }
        spans.append(open..<close + 1)
    }

    /// The last line, of so many bytes.
    mutating func takeLine(_ count: Int) {
        func isBlank(_ byte: UInt8) -> Bool { byte <= 0x20 }
        var (start, end) = (position - count, position)
        while start < end, isBlank(bytes[end - 1]) { end -= 1 }
        while start < end, isBlank(bytes[start]) { start += 1 }
        spans.append(start..<end)
    }
}
