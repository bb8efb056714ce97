// Lists of queries out of a model's text, as it comes.

internal import IQText

/// Finds queries in text that arrives piece by piece, whatever noise a model puts around them.
///
/// In lines: numbers that count up, list marks, quotation marks, labels such as "Query 2:", code fences and lines that introduce
/// the list are taken away. In JSON: whatever stands before the first bracket is passed over, then every string that is not
/// a member's name is a query, so that `{"queries": ["a", "b"]}` and a list cut off in the middle can be read; text
/// without any bracket is read as lines.
public struct QueryListParser: Sendable {
    private enum Scanner {
        case lines(QueryLineScanner)
        case json(QueryJSONScanner)
    }

    private var scanner: Scanner
    private var builder: QueryListBuilder

    /// - Parameters:
    ///   - format: the format that was asked for.
    ///   - limits: bounds of the list.
    ///   - examples: queries that stand as examples in the prompt; a small model repeats them, and they are dropped.
    public init(format: QueryListFormat, limits: QueryListLimits = .standard, examples: [String] = []) {
        builder = QueryListBuilder(limits: limits, examples: examples)
        switch format {
        case .lines: scanner = .lines(QueryLineScanner())
        case .json: scanner = .json(QueryJSONScanner())
        }
    }

    /// The list so far.
    public var list: QueryList { builder.list }

    /// Reads on; returns the queries that this text completed.
    public mutating func append(_ text: String) -> [String] {
        switch scanner {
        case .lines(var lines):
            let items = lines.append(text)
            scanner = .lines(lines)
            return add(items)
        case .json(var json):
            let items = json.append(text)
            scanner = .json(json)
            return add(items)
        }
    }

    /// Ends the text; returns the queries that the end completed.
    ///
    /// - Parameter isCut: whether the text ends because it was cut off, and not because the model was done; then a query without an
    ///   end is dropped.
    public mutating func finish(isCut: Bool = false) -> [String] {
        switch scanner {
        case .lines(var lines):
            let items = lines.finish(isCut: isCut)
            scanner = .lines(QueryLineScanner())
            return add(items)
        case .json(var json):
            let items = json.finish(isCut: isCut)
            scanner = .json(QueryJSONScanner())
            return add(items)
        }
    }

    private mutating func add(_ items: [QueryScanItem]) -> [String] {
        items.compactMap { item in
            switch item {
            case .query(let text): return builder.add(text)
            case .dropped(let text, let reason):
                builder.drop(text, reason)
                return nil
            }
        }
    }
}

/// What a scanner found.
enum QueryScanItem: Equatable {
    case query(String)
    case dropped(String, DroppedQuery.Reason)
}

extension QueryList {
    /// Reads a model's text, passing over its noise. The result may be empty.
    public init(reading text: String, format: QueryListFormat, limits: QueryListLimits = .standard) {
        var parser = QueryListParser(format: format, limits: limits)
        _ = parser.append(text)
        _ = parser.finish()
        self = parser.list
    }

    /// Reads a text that must be a list and nothing else: every line, or every element of the JSON array, a query in its
    /// normal form, none twice, within the limits. Blank space around the whole text is permitted.
    ///
    /// - Throws: ``QueryListError`` with the first thing that is wrong.
    public init(
        parsing text: String,
        format: QueryListFormat,
        limits: QueryListLimits = .standard
    ) throws(QueryListError) {
        let texts =
            switch format {
            case .lines: Self.strictLines(text)
            case .json: try Self.strictElements(text)
            }
        guard !texts.isEmpty else { throw .empty }
        var builder = QueryListBuilder(limits: limits)
        guard texts.count <= limits.maximumCount else {
            throw .tooManyQueries(texts.count, maximum: limits.maximumCount)
        }
        for (index, text) in texts.enumerated() {
            let query = QueryNormalization.normalized(text)
            if let reason = builder.reasonToDrop(query, key: QueryNormalization.key(query)) {
                throw .invalidQuery(index: index, text: text, reason: reason)
            }
            var expected = query
            // Lines that count up from 1 are numbered; a single "1. …" is, too.
            if format == .lines, let plain = QueryNormalization.withoutNumber(query[...], index + 1) {
                expected = String(plain)
            }
            guard text == expected else { throw .notNormal(index: index, text: text, expected: expected) }
            _ = builder.add(text)
        }
        self = builder.list
    }

    private static func strictLines(_ text: String) -> [String] {
        let body = text.trimmingWhitespaceAndControls()
        return body.isEmpty
            ? [] : body.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
    }

    private static func strictElements(_ text: String) throws(QueryListError) -> [String] {
        let root: JSONValue
        do throws(JSONError) { root = try JSONDocument(Array(text.utf8), maximumDepth: 8).root } catch {
            throw .notJSON(problem: error.explanation, byteOffset: error.byteOffset)
        }
        guard let elements = root.elements else { throw .notAnArray(found: root.kindName) }
        var texts: [String] = []
        for (index, element) in elements.enumerated() {
            guard let text = element.string else { throw .notAString(index: index, found: element.kindName) }
            texts.append(text)
        }
        return texts
    }
}
