// Searches that only lead somewhere: they tell where a person went, not what interests them.

/// The form of a navigational text.
public enum NavigationalForm: Sendable, Hashable, CustomStringConvertible {
    /// Only an address or the name of a host.
    case address
    /// Only the name of a well-known site, perhaps with words such as "website".
    case siteName(String)
    /// The page, or the search for the page, where people sign in.
    case signIn

    public var description: String {
        switch self {
        case .address: "only an address"
        case .siteName(let name): "only the name of a site, '\(name)'"
        case .signIn: "a page to sign in"
        }
    }
}

/// Drops bare addresses, names of sites alone, and log-in pages (Broder, "A taxonomy of web search", SIGIR Forum 2002: about a
/// fifth of all searches).
///
/// Only whole texts are judged: "youtube" goes, "youtube copyright ruling" stays.
public struct NavigationalRule: TextRule, Hashable {
    public let name = "navigational"
    /// Names of sites, each as words in lower case with one space between.
    public var siteNames: Set<String>

    /// - Parameter siteNames: names of sites, in lower case.
    public init(siteNames: Set<String> = NavigationalRule.commonSiteNames) { self.siteNames = siteNames }

    public func finding(in text: String) -> CleaningFinding? {
        let trimmed = text.trimmingWhitespaceAndControls()
        let parts = trimmed.split(whereSeparator: \.isWhitespace)
        if !parts.isEmpty, parts.count <= 2, parts.allSatisfy({ Self.isAddress($0) || Self.isFiller($0) }),
            parts.contains(where: { Self.isAddress($0) })
        {
            return .navigational(.address)
        }
        var words = TextAnalyzer().tokens(trimmed)
        guard !words.isEmpty, words.count <= Self.mostWords else { return nil }
        let signIn = Self.removeSignIn(from: &words)
        let subject = words.filter { !Self.fillers.contains($0) }
        if signIn, subject.count <= 3 { return .navigational(.signIn) }
        guard subject.count < words.count || !words.isEmpty else { return nil }
        let name = subject.joined(separator: " ")
        return siteNames.contains(name) ? .navigational(.siteName(name)) : nil
    }

    private static let mostWords = 8

    /// An address with a scheme, or a host with a top-level domain: `https://…`, `www.example.org`, `example.co.uk/path`.
    static func isAddress(_ text: Substring) -> Bool {
        let lower = text.lowercased()
        for scheme in ["http://", "https://", "ftp://", "file://"] where lower.hasPrefix(scheme) { return true }
        if lower.hasPrefix("www.") { return lower.utf8.count > 6 }
        let host = lower.prefix { $0 != "/" && $0 != "?" && $0 != ":" }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2, let top = labels.last, topLevelDomains.contains(String(top)) else { return false }
        return labels.allSatisfy { label in
            !label.isEmpty && label.utf8.count <= 63
                && label.utf8.allSatisfy { byte in
                    (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte >= 0x80
                }
        }
    }

    private static func isFiller(_ word: Substring) -> Bool { fillers.contains(word.lowercased()) }

    /// Takes the words of signing in away; true if there were any.
    private static func removeSignIn(from words: inout [String]) -> Bool {
        let before = words.count
        var rest: [String] = []
        var index = 0
        while index < words.count {
            let pair = index + 1 < words.count ? words[index] + " " + words[index + 1] : ""
            if signInPairs.contains(pair) {
                index += 2
            } else if signInWords.contains(words[index]) {
                index += 1
            } else {
                rest.append(words[index])
                index += 1
            }
        }
        guard rest.count < before else { return false }
        words = rest
        return true
    }

    private static let signInWords: Set<String> = [
        "login", "logon", "signin", "signup", "anmelden", "einloggen", "connexion", "accedi",
    ]
    private static let signInPairs: Set<String> = [
        "log in", "sign in", "log on", "sign up", "se connecter", "iniciar sesión", "fazer login",
    ]
    private static let fillers: Set<String> = [
        "www", "com", "org", "net", "http", "https", "website", "site", "homepage", "home", "page", "official", "app",
        "online", "the", "my", "to", "go", "account", "accounts", "portal", "page", "open", "for",
    ]

    /// Top-level domains that are common, and unlikely to be a word after a full stop.
    private static let topLevelDomains: Set<String> = [
        "com", "org", "net", "edu", "gov", "mil", "info", "biz", "io", "co", "uk", "de", "fr", "es", "pt", "nl", "pl",
        "ru",
        "br", "jp", "cn", "ca", "au", "ch", "se", "dk", "fi", "cz", "eu", "tv", "ai", "dev", "app", "xyz", "example",
        "test",
    ]

    /// Sites whose name alone is a common search.
    public static let commonSiteNames: Set<String> = [
        "facebook", "fb", "youtube", "you tube", "google", "google maps", "google translate", "google docs",
        "google drive",
        "gmail", "google mail", "yahoo", "yahoo mail", "hotmail", "outlook", "msn", "bing", "twitter", "instagram",
        "pinterest", "reddit", "linkedin", "tiktok", "whatsapp", "whatsapp web", "netflix", "amazon", "amazon prime",
        "ebay",
        "craigslist", "wikipedia", "paypal", "spotify", "hulu", "roblox", "walmart", "etsy", "zillow", "duckduckgo",
        "aol",
        "aol mail", "discord", "twitch", "dropbox", "zoom", "github", "icloud", "office 365", "snapchat", "telegram",
    ]
}
