// One person's signals.

/// A person, with what they did in the order of time.
public struct Person: Sendable, Hashable {
    /// The person's name in your data; it is never put into a prompt.
    public let id: String
    /// The language of the person's queries as a tag such as `en` or `pt-BR`; nil lets the model follow the signals.
    public let language: String?
    /// The signals, oldest first; signals of the same time keep the order in which they were given.
    public let signals: [UserSignal]

    /// The longest permitted id, in bytes of UTF-8.
    public static let maximumIDBytes = 256

    /// - Parameters:
    ///   - id: 1 to 256 bytes without control characters.
    ///   - language: a tag such as `en` or `pt-BR`, or nil.
    ///   - signals: in any order; there may be none.
    /// - Throws: ``SignalError/invalidPersonID(_:)`` or ``SignalError/invalidLanguage(_:)``.
    public init(id: String, language: String? = nil, signals: [UserSignal]) throws(SignalError) {
        guard !id.isEmpty, id.utf8.count <= Self.maximumIDBytes, !id.unicodeScalars.contains(where: \.isControl) else {
            throw .invalidPersonID(id.prefix(bytes: 64))
        }
        if let language, !Self.isLanguageTag(language) { throw .invalidLanguage(language.prefix(bytes: 64)) }
        self.id = id
        self.language = language
        self.signals = signals.enumerated()
            .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
            .map(\.element)
    }

    /// A primary subtag of 2 to 8 letters, then subtags of 1 to 8 letters or digits (the shape of RFC 5646).
    private static func isLanguageTag(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard let primary = parts.first, (2...8).contains(primary.count), primary.allSatisfy(isLetter) else {
            return false
        }
        return parts.dropFirst().allSatisfy { part in
            (1...8).contains(part.count)
                && part.allSatisfy { isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}

extension Person: Codable {
    private enum CodingKeys: String, CodingKey { case id, language, signals }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            id: try container.decode(String.self, forKey: .id),
            language: try container.decodeIfPresent(String.self, forKey: .language),
            signals: try container.decode([UserSignal].self, forKey: .signals)
        )
    }
}
