// What a rule of cleaning is: two small protocols, so that teams add their own rules beside those of the library.

/// A rule that judges a text by itself.
///
/// ```swift
/// struct InternalLinkRule: TextRule {
///     let name = "internalLink"
///     func finding(in text: String) -> CleaningFinding? {
///         text.hasPrefix("intranet:") ? .other("an address of our intranet") : nil
///     }
/// }
/// ```
public protocol TextRule: Sendable {
    /// The name in reports, unique among the rules of a cleaner.
    var name: String { get }
    /// What speaks against the text; nil lets it pass. The same text must always get the same answer.
    func finding(in text: String) -> CleaningFinding?
}

/// A rule that judges what one person did, by looking at all of it.
public protocol HistoryRule: Sendable {
    /// The name in reports, unique among the rules of a cleaner.
    var name: String { get }
    /// What speaks against signals, by their index; the others pass. The same signals must always get the same answer.
    ///
    /// - Parameter signals: one person's, oldest first, without those that earlier rules dropped. The cleaner asks again after
    ///   something was dropped, until nothing is found.
    func findings(in signals: [UserSignal]) -> [Int: CleaningFinding]
}
