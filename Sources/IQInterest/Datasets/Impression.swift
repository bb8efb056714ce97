// One page of news as it was shown: who saw it, what they had read before, what was on it, what they clicked.

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A slate of articles that was shown to a person, with what they had read before and what they clicked.
public struct Impression: Sendable, Hashable {
    /// The impression's name in your data, if it has one.
    public let id: String?
    /// The person's name in your data.
    public let person: String
    /// When the slate was shown.
    public let time: Date
    /// Ids of the articles that the person had read before, oldest first. Clicks on this slate are not among them.
    public let history: [NewsArticle.ID]
    /// What was shown, in order; never empty.
    public let slate: [Candidate]

    /// An article of a slate.
    public struct Candidate: Sendable, Hashable {
        public let article: NewsArticle.ID
        public let isClicked: Bool

        public init(article: NewsArticle.ID, isClicked: Bool) {
            self.article = article
            self.isClicked = isClicked
        }
    }

    /// - Parameters:
    ///   - id: 1 to 256 bytes without control characters, or nil.
    ///   - person: 1 to 256 bytes without control characters.
    ///   - time: from 1970 on.
    ///   - history: article ids, oldest first; there may be none.
    ///   - slate: at least one article.
    /// - Throws: ``ImpressionError`` with the value that was refused.
    public init(
        id: String? = nil,
        person: String,
        time: Date,
        history: [NewsArticle.ID],
        slate: [Candidate]
    ) throws(ImpressionError) {
        if let id, !Self.isName(id) { throw .invalidID(id.prefix(bytes: 64)) }
        guard Self.isName(person) else { throw .invalidPersonID(person.prefix(bytes: 64)) }
        let seconds = time.timeIntervalSince1970
        guard UserSignal.permittedTimes.contains(seconds) else { throw .timeOutOfRange(seconds: seconds) }
        guard !slate.isEmpty else { throw .emptySlate }
        for article in history where !Self.isName(article) { throw .invalidArticleID(article.prefix(bytes: 64)) }
        for candidate in slate where !Self.isName(candidate.article) {
            throw .invalidArticleID(candidate.article.prefix(bytes: 64))
        }
        self.id = id
        self.person = person
        self.time = time
        self.history = history
        self.slate = slate
    }

    /// Ids of the clicked articles, in the order of the slate.
    public var clicks: [NewsArticle.ID] { slate.filter(\.isClicked).map(\.article) }

    /// Days from 1970-01-01 to the day of the impression, in UTC.
    public var day: Int { Self.day(of: time) }

    /// Days from 1970-01-01, UTC.
    static func day(of time: Date) -> Int { Int((time.timeIntervalSince1970 / 86400).rounded(.down)) }

    /// 1 to 256 bytes without control characters.
    private static func isName(_ text: String) -> Bool {
        let bytes = text.utf8.count
        guard bytes >= 1, bytes <= NewsArticle.maximumIDBytes else { return false }
        // Ids are almost always ASCII, where a look at the bytes is enough.
        if text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) { return true }
        return !text.unicodeScalars.contains(where: \.isControl)
    }
}

/// A value that no impression can have.
public enum ImpressionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The impression's id is empty, too long or has control characters.
    case invalidID(String)
    /// The person's id is empty, too long or has control characters.
    case invalidPersonID(String)
    /// An article's id is empty, too long or has control characters.
    case invalidArticleID(String)
    /// Nothing was shown.
    case emptySlate
    /// An entry of a MIND slate is no `id-0` or `id-1`.
    case invalidSlateEntry(String)
    /// A time of MIND is not in the form `11/15/2019 8:55:22 AM`.
    case invalidTime(String)
    /// The time is before 1970, or so late that it must be milliseconds.
    case timeOutOfRange(seconds: Double)

    public var description: String {
        switch self {
        case .invalidID(let text):
            "'\(text)' cannot be an impression's id; give 1 to 256 bytes without control characters, or none"
        case .invalidPersonID(let text):
            "'\(text)' cannot be a person's id; give 1 to 256 bytes without control characters"
        case .invalidArticleID(let text):
            "'\(text)' cannot be an article's id; give 1 to 256 bytes without control characters"
        case .emptySlate: "the slate is empty; leave out impressions that showed nothing"
        case .invalidSlateEntry(let text):
            "'\(text)' is no article with its click; write N123-1 for a clicked one, N123-0 for another (MIND's test set has "
                + "no clicks and cannot be evaluated)"
        case .invalidTime(let text): "'\(text)' is no time of MIND; write one such as 11/15/2019 8:55:22 AM"
        case .timeOutOfRange(let seconds):
            seconds > 0
                ? "\(seconds) is too large for seconds from 1970; milliseconds must be divided by 1000"
                : "\(seconds) seconds from 1970 is no time of an impression; it must be from 1970 on"
        }
    }
}
