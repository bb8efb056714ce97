// Which language a short text is in, from its script and its function words.

/// Names the language of a short text, or says that it cannot tell.
///
/// The script decides where one language is by far its largest on the web (Hiragana and Katakana: `ja`; Hangul: `ko`; Han alone:
/// `zh`; Greek: `el`; Hebrew: `he`; Thai: `th`; Devanagari: `hi`; Arabic: `ar`, with Persian letters `fa`; Cyrillic: `ru`, with
/// Ukrainian letters `uk`). In the Latin script, function words and letters of their own speak for one of ten languages (`en`, `de`,
/// `fr`, `es`, `pt`, `it`, `nl`, `pl`, `sv`, `tr`).
///
/// Limits: a query of two nouns has no function word, so the answer is nil. Other languages in these scripts are taken for their
/// large neighbour or not recognised (Catalan, Danish, Bulgarian, Urdu, Marathi, ...). Where it matters more, put a classifier of
/// your own behind ``TextRule``.
public struct LanguageIdentifier: Sendable, Hashable {
    /// The fewest points, one for a function word and one for a letter of the language's own, for an answer in the Latin script.
    public var minimumEvidence: Int
    /// How many points the best language must be ahead of the second.
    public var minimumLead: Int

    /// - Precondition: both are at least 1.
    public init(minimumEvidence: Int = 2, minimumLead: Int = 2) {
        precondition(minimumEvidence >= 1 && minimumLead >= 1, "evidence \(minimumEvidence), lead \(minimumLead)")
        self.minimumEvidence = minimumEvidence
        self.minimumLead = minimumLead
    }

    /// The languages that can be named, as primary subtags of RFC 5646.
    public static let languages: Set<String> = Set(
        latinLanguages.map(\.tag) + ["ja", "ko", "zh", "el", "he", "th", "hi", "ar", "fa", "ru", "uk"]
    )

    /// The language's tag; nil if the text does not say.
    public func language(of text: String) -> String? {
        var counts: [Script: Int] = [:]
        var letters = 0
        for scalar in text.unicodeScalars {
            guard let script = Script(scalar) else { continue }
            counts[script, default: 0] += 1
            letters += 1
        }
        guard let (script, count) = counts.max(by: { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }) else {
            return nil
        }
        // Japanese mixes Kana and Han: some Kana are enough.
        if let kana = counts[.kana], kana + (counts[.han] ?? 0) > letters / 2 { return "ja" }
        guard count > letters / 2 else { return nil }
        switch script {
        case .latin: return latinLanguage(of: text)
        case .kana: return "ja"
        case .han: return "zh"
        case .hangul: return "ko"
        case .greek: return "el"
        case .hebrew: return "he"
        case .thai: return "th"
        case .devanagari: return "hi"
        case .arabic: return text.unicodeScalars.contains { "پچژگ".unicodeScalars.contains($0) } ? "fa" : "ar"
        case .cyrillic:
            return text.lowercased().unicodeScalars.contains { "іїєґ".unicodeScalars.contains($0) } ? "uk" : "ru"
        }
    }

    private func latinLanguage(of text: String) -> String? {
        let words = TextAnalyzer().tokens(text)
        let scalars = text.lowercased().unicodeScalars
        let scores = Self.latinLanguages.map { language in
            (
                language.tag,
                words.count(where: language.words.contains) + scalars.count(where: language.letters.contains)
            )
        }
        let ordered = scores.sorted { $0.1 > $1.1 }
        guard let best = ordered.first, best.1 >= minimumEvidence, best.1 - ordered[1].1 >= minimumLead else {
            return nil
        }
        return best.0
    }

    private enum Script: Int {
        case latin, cyrillic, greek, hebrew, arabic, devanagari, thai, hangul, kana, han

        /// nil for everything that is no letter of these.
        init?(_ scalar: Unicode.Scalar) {
            switch scalar.value {
            case 0x41...0x5A, 0x61...0x7A, 0xC0...0x24F, 0x1E00...0x1EFF: self = .latin
            case 0x370...0x3FF, 0x1F00...0x1FFF: self = .greek
            case 0x400...0x52F: self = .cyrillic
            case 0x5D0...0x5EA: self = .hebrew
            case 0x620...0x64A, 0x66E...0x6D3: self = .arabic
            case 0x904...0x939: self = .devanagari
            case 0xE01...0xE46: self = .thai
            case 0x1100...0x11FF, 0xAC00...0xD7A3: self = .hangul
            case 0x3041...0x30FF, 0xFF66...0xFF9D: self = .kana
            case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF: self = .han
            default: return nil
            }
        }
    }

    private struct LatinLanguage: Sendable {
        let tag: String
        /// Function words that are no common words of the other nine.
        let words: Set<String>
        /// Letters that the other nine do not have.
        let letters: Set<Unicode.Scalar>

        init(_ tag: String, letters: String, _ words: String) {
            self.tag = tag
            self.words = Set(words.split(separator: " ").map(String.init))
            self.letters = Set(letters.unicodeScalars)
        }
    }

    private static let latinLanguages = [
        LatinLanguage(
            "en",
            letters: "",
            "the of and to for with from are this that how what why when where who your you my not best at by after has have will "
                + "his her their its be can about into than an is it as out new says on over more against was were does"
        ),
        LatinLanguage(
            "de",
            letters: "ß",
            "der das und ist nicht mit von für auf dem den ein eine einen einer wie ich sie wir zu im zum zur bei nach über auch "
                + "aus kann wird warum wenn oder noch nur gegen durch sich vom"
        ),
        LatinLanguage(
            "fr",
            letters: "œÿ",
            "le les des du une et est pour dans avec sur au aux ce cette qui pas plus comment pourquoi où son ses nous vous mais "
                + "ou quel quelle sont être chez après contre leur"
        ),
        LatinLanguage(
            "es",
            letters: "ñ¿¡",
            "el los las y del una para con por que cómo más su sus es en cuando dónde sin sobre pero este esta hay muy mejor "
                + "mejores qué cuándo después desde hasta entre"
        ),
        LatinLanguage(
            "pt",
            letters: "ãõ",
            "o os as e do da dos das um uma em no na nos nas para com não mais ao como seu sua são melhores melhor está você "
                + "depois pelo pela até"
        ),
        LatinLanguage(
            "it",
            letters: "",
            "il lo la le gli di della delle dei del che è un una per con non sono più come perché nel nella alla dal ma anche migliori "
                + "questo questa dopo sul sulla quando"
        ),
        LatinLanguage(
            "nl",
            letters: "",
            "het een van en voor met niet aan bij naar wordt hoe waarom ook uit zijn dat deze dit maar nog beste tegen tussen wat "
                + "ik je wij over op te"
        ),
        LatinLanguage(
            "pl",
            letters: "łąęśźżń",
            "i w z na do nie się jest jak dla po od że co czy to o oraz przez przed gdzie kiedy najlepsze"
        ),
        LatinLanguage(
            "sv",
            letters: "å",
            "och att det som för på är med till av den inte om ett en från efter hur varför vid kan mot bästa eller"
        ),
        LatinLanguage(
            "tr",
            letters: "şğı",
            "ve bir bu için ile de da ne nasıl en çok daha olan olarak mi neden gibi sonra kadar nedir"
        ),
    ]
}

/// Drops texts that are certainly in another language than the accepted ones; where ``LanguageIdentifier`` cannot tell, the text
/// stays.
public struct LanguageRule: TextRule, Hashable {
    public let name = "language"
    /// Primary subtags such as `en`.
    public let accepted: Set<String>
    public var identifier: LanguageIdentifier

    /// - Parameters:
    ///   - accepted: tags such as `en` or `pt-BR`, of which the primary subtag counts; at least one.
    ///   - identifier: how the language is told.
    public init(accepted: Set<String>, identifier: LanguageIdentifier = LanguageIdentifier()) {
        precondition(!accepted.isEmpty, "a language rule that accepts no language drops everything")
        self.accepted = Set(accepted.map { String($0.lowercased().prefix { $0 != "-" }) })
        self.identifier = identifier
    }

    public func finding(in text: String) -> CleaningFinding? {
        guard let found = identifier.language(of: text), !accepted.contains(found) else { return nil }
        return .language(found: found, accepted: accepted.sorted())
    }
}
