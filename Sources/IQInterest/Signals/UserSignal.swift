// One event of a person's behaviour.

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// One thing that a person did, in any stream: a news click, a web search, a page visit.
///
/// The text is data: whatever it contains, a prompt treats it as something to read, never as an instruction.
public struct UserSignal: Sendable, Hashable {
    public let kind: SignalKind
    public let time: Date
    /// A title or a search query, without white space at its ends; never empty.
    public let text: String
    /// The address of the article or page.
    public let url: URL?
    /// The article's or page's section, such as `sports`; never empty.
    public let category: String?

    /// The longest permitted text, in bytes of UTF-8. Titles and searches are shorter by far: more is a page's body.
    public static let maximumTextBytes = 8192
    /// The longest permitted category and kind, in bytes of UTF-8.
    public static let maximumNameBytes = 128
    /// The permitted times, in seconds from 1970. The upper end, in the year 5138, is where milliseconds given as seconds start.
    public static let permittedTimes: Range<Double> = 0..<1e11

    /// - Parameters:
    ///   - kind: what was done.
    ///   - time: when it was done.
    ///   - text: a title or a search query; white space at its ends is cut off.
    ///   - url: the address; it must have a scheme.
    ///   - category: a section; white space at its ends is cut off, and an empty one is taken as none.
    /// - Throws: ``SignalError`` with the value that was refused.
    public init(
        kind: SignalKind,
        time: Date,
        text: String,
        url: URL? = nil,
        category: String? = nil
    ) throws(SignalError) {
        let name = kind.rawValue
        guard !name.isEmpty, name.utf8.count <= Self.maximumNameBytes, name.allSatisfy({ !$0.isWhitespace }) else {
            throw .invalidKind(name.prefix(bytes: 64))
        }
        let seconds = time.timeIntervalSince1970
        guard Self.permittedTimes.contains(seconds) else { throw .timeOutOfRange(seconds: seconds) }
        let bytes = text.utf8.count
        guard bytes <= Self.maximumTextBytes else {
            throw .textTooLong(bytes: bytes, maximum: Self.maximumTextBytes)
        }
        let trimmed = text.trimmingWhitespaceAndControls()
        guard !trimmed.isEmpty else { throw .emptyText }
        if let url, url.scheme?.isEmpty ?? true { throw .invalidURL(url.relativeString.prefix(bytes: 200)) }
        let section = category?.trimmingWhitespaceAndControls() ?? ""
        guard section.utf8.count <= Self.maximumNameBytes else {
            throw .categoryTooLong(bytes: section.utf8.count, maximum: Self.maximumNameBytes)
        }
        self.kind = kind
        self.time = time
        self.text = trimmed
        self.url = url
        self.category = section.isEmpty ? nil : section
    }

    /// A signal whose time and address are given as text.
    ///
    /// - Parameters:
    ///   - time: ISO 8601 with a zone, such as `2026-03-14T08:30:00+01:00`.
    ///   - url: an absolute address.
    /// - Throws: ``SignalError``, also for a time or an address that cannot be read.
    public init(
        kind: SignalKind,
        time: String,
        text: String,
        url: String? = nil,
        category: String? = nil
    ) throws(SignalError) {
        let address = try url.map { text throws(SignalError) in try Self.address(text) }
        try self.init(
            kind: kind,
            time: try SignalTime.date(iso8601: time),
            text: text,
            url: address,
            category: category
        )
    }

    /// Reads an address; it must have a scheme and no character that addresses do not have.
    static func address(_ text: String) throws(SignalError) -> URL {
        guard text.utf8.count <= maximumTextBytes,
            let url = URL(string: text, encodingInvalidCharacters: false),
            let scheme = url.scheme, !scheme.isEmpty
        else { throw .invalidURL(text.prefix(bytes: 200)) }
        return url
    }
}

extension UserSignal: Codable {
    private enum CodingKeys: String, CodingKey { case kind, time, text, url, category }

    /// Reads what ``encode(to:)`` writes; the time may also be a number of seconds from 1970.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let time: Date
        if let seconds = try? container.decode(Double.self, forKey: .time) {
            time = Date(timeIntervalSince1970: seconds)
        } else {
            time = try SignalTime.date(iso8601: try container.decode(String.self, forKey: .time))
        }
        let address = try container.decodeIfPresent(String.self, forKey: .url)
        try self.init(
            kind: SignalKind(rawValue: try container.decode(String.self, forKey: .kind)),
            time: time,
            text: try container.decode(String.self, forKey: .text),
            url: try address.map { text throws(SignalError) in try Self.address(text) },
            category: try container.decodeIfPresent(String.self, forKey: .category)
        )
    }

    /// Writes the keys `kind`, `time` (ISO 8601, UTC, whole milliseconds), `text`, `url` and `category`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind.rawValue, forKey: .kind)
        try container.encode(SignalTime.text(of: time), forKey: .time)
        try container.encode(text, forKey: .text)
        try container.encodeIfPresent(url?.absoluteString, forKey: .url)
        try container.encodeIfPresent(category, forKey: .category)
    }
}
