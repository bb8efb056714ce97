// A person's news search queries, as a value that cannot hold two alike, an empty one or too many.

/// Bounds of a list of queries. Lengths are in characters.
public struct QueryListLimits: Sendable, Hashable {
    /// The most queries in a list.
    public let maximumCount: Int
    /// The shortest and longest query.
    public let length: ClosedRange<Int>

    /// At most 10 queries of 3 to 120 characters.
    public static let standard = QueryListLimits(checkedCount: 10, length: 3...120)

    /// - Throws: ``QueryListError/invalidLimits(maximumCount:length:)`` unless there are 1 to 100 queries of 1 to 1000 characters.
    public init(maximumCount: Int = 10, length: ClosedRange<Int> = 3...120) throws(QueryListError) {
        guard (1...100).contains(maximumCount), length.lowerBound >= 1, length.upperBound <= 1000 else {
            throw .invalidLimits(maximumCount: maximumCount, length: length)
        }
        self.init(checkedCount: maximumCount, length: length)
    }

    private init(checkedCount: Int, length: ClosedRange<Int>) {
        maximumCount = checkedCount
        self.length = length
    }
}

/// A text that did not become a query, and why.
public struct DroppedQuery: Sendable, Hashable, Codable {
    public enum Reason: String, Sendable, Hashable, Codable {
        /// Nothing is left without marks and quotation marks.
        case empty
        /// An earlier query is the same but for case, spaces or punctuation at the ends.
        case duplicate
        case tooShort
        case tooLong
        /// The list is full.
        case beyondLimit
        /// The generation ended within it.
        case unfinished
        /// It introduces or comments on the list, such as "Here are five queries:".
        case notAQuery
        /// It repeats an example of the prompt instead of speaking of the person.
        case fromExample
    }

    public let text: String
    public let reason: Reason

    public init(text: String, reason: Reason) {
        self.text = text
        self.reason = reason
    }
}

/// News search queries in the order in which they were written, each different, within limits.
///
/// A query is on one line, without marks of a list and quotation marks around it; see ``QueryNormalization``.
public struct QueryList: Sendable, Hashable {
    public let queries: [String]
    /// What was left out, in the order in which it was found.
    public let dropped: [DroppedQuery]

    /// Takes the queries that fit; the others are in ``dropped``.
    public init(_ texts: some Sequence<String>, limits: QueryListLimits = .standard) {
        var builder = QueryListBuilder(limits: limits)
        for text in texts { _ = builder.add(text) }
        self = builder.list
    }

    init(queries: [String], dropped: [DroppedQuery]) {
        self.queries = queries
        self.dropped = dropped
    }

    /// The list as text in a format; ``init(parsing:format:limits:)`` reads it back.
    public func text(format: QueryListFormat) -> String { format.text(of: queries) }
}

extension QueryList: RandomAccessCollection {
    public var startIndex: Int { queries.startIndex }
    public var endIndex: Int { queries.endIndex }
    public subscript(position: Int) -> String { queries[position] }
}

extension QueryList: CustomStringConvertible {
    public var description: String { text(format: .lines) }
}

/// Collects queries one by one.
struct QueryListBuilder {
    let limits: QueryListLimits
    /// Keys of texts that are no queries of this person: the prompt's examples.
    var exampleKeys: Set<String> = []
    private(set) var queries: [String] = []
    private(set) var dropped: [DroppedQuery] = []
    private var keys: Set<String> = []

    init(limits: QueryListLimits, examples: [String] = []) {
        self.limits = limits
        exampleKeys = Set(examples.map(QueryNormalization.key))
    }

    var list: QueryList { QueryList(queries: queries, dropped: dropped) }

    /// The query that the text became, or nil if it was dropped.
    mutating func add(_ text: String) -> String? {
        let query = QueryNormalization.normalized(text)
        let key = QueryNormalization.key(query)
        if let reason = reasonToDrop(query, key: key) {
            drop(query.isEmpty ? text : query, reason)
            return nil
        }
        keys.insert(key)
        queries.append(query)
        return query
    }

    mutating func drop(_ text: String, _ reason: DroppedQuery.Reason) {
        dropped.append(DroppedQuery(text: text, reason: reason))
    }

    func reasonToDrop(_ query: String, key: String) -> DroppedQuery.Reason? {
        if query.isEmpty || key.isEmpty { return .empty }
        if keys.contains(key) { return .duplicate }
        if exampleKeys.contains(key) { return .fromExample }
        if query.count < limits.length.lowerBound { return .tooShort }
        if query.count > limits.length.upperBound { return .tooLong }
        if queries.count >= limits.maximumCount { return .beyondLimit }
        return nil
    }
}
