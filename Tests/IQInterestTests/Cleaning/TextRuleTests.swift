import IQInterest
import Testing

/// Texts that no rule may touch: titles and searches of many kinds.
private let cleanTexts = [
    "Comet brightens faster than predicted ahead of April pass", "heat pump running costs",
    "U.S. stocks fall 3.5% on trade fears",
    "What is 5G?", "iPhone 11 Pro vs Galaxy S10+", "F-16s scrambled", "C++ move semantics",
    "Trump's 'perfect' call: 7 takeaways",
    "5 ways to drive, save fuel and have fun", "Population reaches 7,800,000,000", "Score: 21-14, 2019-11-15", "24/7",
    "Amazon fires spread to Bolivia", "youtube copyright ruling", "Facebook to pay $5 billion",
    "login fatigue at work explained at length by experts",
    "日本の天気", "Погода в Москве", "طقس القاهرة اليوم", "שלום עולם", "ngắm hoa anh đào ở Nhật Bản",
    "Donaudampfschifffahrtsgesellschaft",
    "café décor ideas", "São Paulo elections", "Motörhead reunion", "Node.js vs Deno",
    "$1.5B deal & what's next; analysts react", "🎄 markets in Germany",
    "Route 66 road trip, day 2", "10 Downing Street: who lives there", "9/11 memorial", "win 2:1 after 90+3 minutes",
    "what is std::vector",
    "Windows 10.0.1 update", "A.I. beats humans at Go", "Mississippi", "Brrr! It's cold", "Zzz: sleep better",
]

@Suite("Rules on texts")
struct TextRuleTests {
    private let rules = CleaningOptions.standard()

    @Test("leave titles and searches alone", arguments: cleanTexts)
    func clean(text: String) {
        #expect(rules.reason(against: text) == nil)
    }

    @Test(
        "find what is too short or too long",
        arguments: [
            ("", CleaningFinding.tooShort(characters: 0, minimum: 2)), ("?", .tooShort(characters: 0, minimum: 2)),
            ("x !", .tooShort(characters: 1, minimum: 2)),
            (String(repeating: "word ", count: 81), .tooLong(characters: 405, maximum: 400)),
        ]
    )
    func length(text: String, finding: CleaningFinding) {
        #expect(rules.reason(against: text) == CleaningReason(rule: "length", finding: finding))
    }

    @Test("count one Han character as a character, and can be told to accept it")
    func hanLength() {
        #expect(TextLengthRule().finding(in: "猫") == .tooShort(characters: 1, minimum: 2))
        #expect(TextLengthRule(minimumCharacters: 1).finding(in: "猫") == nil)
    }

    @Test(
        "find broken text",
        arguments: [
            ("news\u{0}title", MalformedText.controlCharacters(1)),
            ("a title \u{85}\u{9C} here", .controlCharacters(2)),
            ("private \u{E000}", .controlCharacters(1)), ("caf\u{FFFD} d\u{FFFD}cor", .replacementCharacters(2)),
            ("cafÃ© dÃ©cor", .mojibake(2)), ("Trumpâ€™s call", .mojibake(1)), ("ÐŸÐ¾Ð³Ð¾Ð´Ð°", .mojibake(6)),
            ("exe.\u{202E}fdp report", .directionOverride(1)),
            ("Z" + String(repeating: "\u{301}", count: 5) + "algo", .combiningMarks(5)),
            ("<div class=\"title\">Comet</div>", .markup), ("Tom &amp; Jerry", .markup), ("it&#39;s here", .markup),
            ("function(a){return b(a);}", .markup), ("!!! ### $$$ ok", .fewLetters(letters: 2, characters: 11)),
            ("heeeeeelp me", .repeatedCharacter(6)), (String(repeating: "ab", count: 25), .longWord(50)),
        ]
    )
    func malformed(text: String, form: MalformedText) {
        #expect(MalformedTextRule().finding(in: text) == .malformed(form))
    }

    @Test("read bytes that are no UTF-8 as broken text")
    func invalidUTF8() {
        let text = String(decoding: [0x63, 0x61, 0x66, 0xE9, 0x20, 0xFF], as: UTF8.self)
        #expect(MalformedTextRule().finding(in: text) == .malformed(.replacementCharacters(2)))
    }

    @Test("turn each check on broken text off by its option")
    func malformedOptions() {
        var rule = MalformedTextRule()
        rule.maximumRepetition = nil
        rule.maximumWordLength = nil
        rule.findsMarkup = false
        rule.findsMojibake = false
        rule.maximumCombiningMarks = nil
        rule.minimumLetterShare = nil
        for text in [
            "heeeeeelp", "<b>x</b>", "cafÃ©", String(repeating: "ab", count: 25),
            "e\u{301}\u{301}\u{301}\u{301}\u{301}", "!!!",
        ] {
            #expect(rule.finding(in: text) == nil)
        }
    }

    @Test(
        "find texts that only lead somewhere",
        arguments: [
            ("facebook.com", NavigationalForm.address), ("www.bbc.co.uk", .address),
            ("https://example.org/a?b=c", .address),
            ("example.co.uk/path", .address), ("go to nytimes.com", .siteName("")), ("YouTube", .siteName("youtube")),
            ("google maps app", .siteName("google maps")), ("gmail login", .signIn),
            ("Sign in - Google Accounts", .signIn),
            ("chase bank log in", .signIn), ("login", .signIn), ("Log in | Facebook", .signIn),
        ]
    )
    func navigational(text: String, form: NavigationalForm) {
        let expected: NavigationalForm? = form == .siteName("") ? nil : form
        #expect(NavigationalRule().finding(in: text) == expected.map(CleaningFinding.navigational))
    }

    @Test("take a team's own site names")
    func siteNames() {
        let rule = NavigationalRule(siteNames: ["our intranet"])
        #expect(rule.finding(in: "Our intranet") == .navigational(.siteName("our intranet")))
        #expect(rule.finding(in: "youtube") == nil)
    }

    @Test(
        "tell a language by script and function words, or say that they cannot",
        arguments: [
            ("how to fix the kitchen sink", "en"), ("wie kann ich das Auto nicht verkaufen", "de"),
            ("comment faire pour les enfants", "fr"), ("cómo hacer una tarta para los niños", "es"),
            ("como fazer um bolo não muito doce", "pt"), ("le migliori ricette della nonna", "it"),
            ("hoe maak je het beste brood", "nl"), ("jak zrobić chleb w domu", "pl"),
            ("hur bakar man bröd för på jul", "sv"),
            ("en iyi ekmek nasıl yapılır ve neden", "tr"), ("Погода в Москве", "ru"), ("Погода у Києві", "uk"),
            ("東京の天気", "ja"),
            ("北京天气", "zh"), ("서울 날씨", "ko"), ("طقس القاهرة", "ar"), ("آب و هوای گرم پاریس", "fa"), ("מזג אוויר", "he"),
            ("Καιρός Αθήνα", "el"), ("อากาศ", "th"), ("दिल्ली का मौसम", "hi"),
        ]
    )
    func language(text: String, tag: String) {
        #expect(LanguageIdentifier().language(of: text) == tag)
    }

    @Test("name no language without evidence", arguments: ["pizza", "Barack Obama", "12345", "", "!!", "comet 2026"])
    func noLanguage(text: String) {
        #expect(LanguageIdentifier().language(of: text) == nil)
        #expect(LanguageRule(accepted: ["fr"]).finding(in: text) == nil)
    }

    @Test("drop other languages than the accepted ones")
    func languageRule() {
        let rule = LanguageRule(accepted: ["en-GB", "de"])
        #expect(rule.finding(in: "Погода в Москве") == .language(found: "ru", accepted: ["de", "en"]))
        #expect(rule.finding(in: "wie kann ich das Auto nicht verkaufen") == nil)
    }

    @Test("name the first rule that finds something, and drop rules by name")
    func order() {
        #expect(rules.reason(against: "a@b.example \u{0}")?.rule == "malformed")
        #expect(rules.without(["malformed"]).reason(against: "a@b.example \u{0}")?.rule == "personalData")
        #expect(rules.without(["malformed", "personalData"]).ruleNames.count == rules.ruleNames.count - 2)
    }

    @Test(
        "come to an answer on hostile texts",
        arguments: [
            String(repeating: "a", count: 1 << 20), String(repeating: "\u{301}", count: 1 << 18),
            String(repeating: "@", count: 1 << 18),
            String(repeating: "1 ", count: 1 << 18), String(repeating: "a@", count: 1 << 18),
            String(repeating: "<", count: 1 << 18),
            String(repeating: "\u{0}", count: 1 << 18), String(repeating: "\u{202E}abc", count: 1 << 16),
        ]
    )
    func hostile(text: String) {
        #expect(rules.reason(against: text) != nil)
        // Each rule by itself too, at the longest text of a signal.
        let part = String(text.prefix(4096))
        for rule in rules.textRules { _ = rule.finding(in: part) }
        #expect(PersonalData().redacted(part).unicodeScalars.count >= 0)
    }
}
