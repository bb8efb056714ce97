// A news article as retrieval knows it.

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A news article: what it is found by (title, abstract) and what pools are cut by (section, time).
public struct NewsArticle: Sendable, Hashable, Identifiable {
    /// The article's name in your data, 1 to 256 bytes without control characters.
    public let id: String
    /// Without white space at its ends; never empty.
    public let title: String
    /// A summary of some sentences; never empty.
    public let abstract: String?
    /// The section, such as `sports`; never empty.
    public let category: String?
    /// The part of the section, such as `football_nfl`; never empty.
    public let subcategory: String?
    /// The address of the page.
    public let url: URL?
    /// When it was published, from 1970 on.
    public let published: Date?

    /// The longest permitted id, in bytes of UTF-8.
    public static let maximumIDBytes = 256
    /// The longest permitted title, in bytes of UTF-8.
    public static let maximumTitleBytes = UserSignal.maximumTextBytes
    /// The longest permitted abstract, in bytes of UTF-8. An abstract is some sentences: more is the article's body.
    public static let maximumAbstractBytes = 65_536
    /// The longest permitted category and subcategory, in bytes of UTF-8.
    public static let maximumNameBytes = UserSignal.maximumNameBytes
    /// The permitted times of publication, in seconds from 1970; as a signal's.
    public static let permittedTimes = UserSignal.permittedTimes

    /// White space at the ends of texts is cut off, and an empty abstract, category or subcategory is taken as none.
    ///
    /// - Parameters:
    ///   - id: 1 to 256 bytes without control characters.
    ///   - title: what the article is called.
    ///   - abstract: some sentences of what it says.
    ///   - category: its section.
    ///   - subcategory: a part of the section.
    ///   - url: its address; it must have a scheme.
    ///   - published: when it was published.
    /// - Throws: ``NewsArticleError`` with the value that was refused.
    public init(
        id: String,
        title: String,
        abstract: String? = nil,
        category: String? = nil,
        subcategory: String? = nil,
        url: URL? = nil,
        published: Date? = nil
    ) throws(NewsArticleError) {
        guard !id.isEmpty, id.utf8.count <= Self.maximumIDBytes, !id.unicodeScalars.contains(where: \.isControl) else {
            throw .invalidID(id.prefix(bytes: 64))
        }
        guard let title = try Self.checked(title, .title, maximumBytes: Self.maximumTitleBytes) else {
            throw .emptyTitle
        }
        if let url, url.scheme?.isEmpty ?? true { throw .invalidURL(url.relativeString.prefix(bytes: 200)) }
        if let published {
            let seconds = published.timeIntervalSince1970
            guard Self.permittedTimes.contains(seconds) else { throw .timeOutOfRange(seconds: seconds) }
        }
        self.id = id
        self.title = title
        self.abstract = try Self.checked(abstract, .abstract, maximumBytes: Self.maximumAbstractBytes)
        self.category = try Self.checked(category, .category, maximumBytes: Self.maximumNameBytes)
        self.subcategory = try Self.checked(subcategory, .subcategory, maximumBytes: Self.maximumNameBytes)
        self.url = url
        self.published = published
    }

    private static func checked(
        _ text: String?,
        _ field: NewsArticleError.Field,
        maximumBytes: Int
    ) throws(NewsArticleError) -> String? {
        guard let text else { return nil }
        let bytes = text.utf8.count
        guard bytes <= maximumBytes else { throw .tooLong(field, bytes: bytes, maximum: maximumBytes) }
        let trimmed = text.trimmingWhitespaceAndControls()
        return trimmed.isEmpty ? nil : trimmed
    }
}

extension NewsArticle: Codable {
    private enum CodingKeys: String, CodingKey { case id, title, abstract, category, subcategory, url, published }

    /// Reads what ``encode(to:)`` writes; the time may also be a number of seconds from 1970.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        var published: Date?
        if let seconds = try? container.decodeIfPresent(Double.self, forKey: .published) {
            published = Date(timeIntervalSince1970: seconds)
        } else if let text = try container.decodeIfPresent(String.self, forKey: .published) {
            published = try SignalTime.date(iso8601: text)
        }
        try self.init(
            id: try container.decode(String.self, forKey: .id),
            title: try container.decode(String.self, forKey: .title),
            abstract: try container.decodeIfPresent(String.self, forKey: .abstract),
            category: try container.decodeIfPresent(String.self, forKey: .category),
            subcategory: try container.decodeIfPresent(String.self, forKey: .subcategory),
            url: try container.decodeIfPresent(String.self, forKey: .url).map { try UserSignal.address($0) },
            published: published
        )
    }

    /// Writes `id`, `title`, `abstract`, `category`, `subcategory`, `url` and `published` (ISO 8601, UTC, whole
    /// milliseconds), each where it is known.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(title, forKey: .title)
        try container.encodeIfPresent(abstract, forKey: .abstract)
        try container.encodeIfPresent(category, forKey: .category)
        try container.encodeIfPresent(subcategory, forKey: .subcategory)
        try container.encodeIfPresent(url?.absoluteString, forKey: .url)
        try container.encodeIfPresent(published.map(SignalTime.text(of:)), forKey: .published)
    }
}

/// A value that no article can have.
public enum NewsArticleError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A text of an article.
    public enum Field: String, Sendable, Hashable { case title, abstract, category, subcategory }

    /// The id is empty, too long or has control characters.
    case invalidID(String)
    /// The title is empty or only white space.
    case emptyTitle
    case tooLong(Field, bytes: Int, maximum: Int)
    /// The address has no scheme.
    case invalidURL(String)
    /// The time is before 1970, or so late that it must be milliseconds.
    case timeOutOfRange(seconds: Double)

    public var description: String {
        switch self {
        case .invalidID(let id):
            "'\(id)' cannot be an article's id; give 1 to \(NewsArticle.maximumIDBytes) bytes without control characters"
        case .emptyTitle: "the title is empty; leave the article out or give its title"
        case .tooLong(let field, let bytes, let maximum):
            "the \(field.rawValue) has \(bytes) bytes and at most \(maximum) are accepted; shorten it"
        case .invalidURL(let text):
            "'\(text)' is no absolute address; write one such as https://example.org/page, or none"
        case .timeOutOfRange(let seconds):
            seconds > 0
                ? "\(seconds) is too large for seconds from 1970; milliseconds must be divided by 1000"
                : "\(seconds) seconds from 1970 is no time of publication; it must be from 1970 on"
        }
    }
}
