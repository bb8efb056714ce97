// What a person did: the kinds of signals, open to more.

/// The kind of a signal. Three come with the library; an app adds its own by a name: `SignalKind(rawValue: "videoWatch")`.
///
/// A kind of your own is read from files once it is among ``SignalFileOptions/acceptedKinds``, and is named in the prompt by
/// ``PromptOptions/headings``.
public struct SignalKind: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
    public let rawValue: String

    /// - Parameter rawValue: the kind's name in files.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A news article was opened; the text is its title.
    public static let newsClick = SignalKind(rawValue: "newsClick")
    /// Something was searched for on the web; the text is the search query.
    public static let webSearch = SignalKind(rawValue: "webSearch")
    /// A page was visited; the text is its title.
    public static let pageVisit = SignalKind(rawValue: "pageVisit")

    /// The kinds that come with the library.
    public static let standard: [SignalKind] = [.newsClick, .webSearch, .pageVisit]

    public var description: String { rawValue }
}
