import IQInterest
import Testing

@Suite("Normalising a query")
struct QueryNormalizationTests {
    @Test(
        "takes off what is around it",
        arguments: [
            ("  solar  storms \n", "solar storms"), ("- solar storms", "solar storms"),
            ("• solar storms", "solar storms"),
            ("*  solar storms,", "solar storms"), ("\"solar storms\"", "solar storms"),
            ("“solar storms”;", "solar storms"),
            ("„Sonnenstürme heute“", "Sonnenstürme heute"), ("« tempêtes solaires »", "tempêtes solaires"),
            ("「太陽嵐」", "太陽嵐"), ("- **\"solar storms\",**", "solar storms"), ("`solar storms`", "solar storms"),
            ("solar storms over Europe.", "solar storms over Europe"), ("\"solar storms", "solar storms"),
            ("--- solar storms", "solar storms"), ("> solar storms", "solar storms"), ("太陽嵐。", "太陽嵐"),
            ("\u{FEFF}solar\u{200B} storms\u{0}", "solar storms"), ("", ""), ("\"\"", ""), ("- ", ""), ("-", ""),
            ("***", ""),
        ]
    )
    func around(text: String, expected: String) {
        #expect(QueryNormalization.normalized(text) == expected)
    }

    @Test(
        "leaves what belongs to it",
        arguments: [
            "-5 degrees in Oslo", "#ocean cleanup", "2. Bundesliga", "Apple Inc.", "news from the U.S.",
            "what's new in rock 'n' roll",
            "C++ 26", "\"Dune\" and \"Arrival\"", "rock 'n' roll", "3.5% inflation", "é", "👩‍👩‍👧 family news",
            "F*CK cancer run",
        ]
    )
    func inside(text: String) {
        #expect(QueryNormalization.normalized(text) == text)
    }

    @Test("once is enough, and the text never grows (20,000 texts of marks and letters, seed 1)")
    func idempotence() {
        var random = Lehmer(state: 1)
        let pieces = Array("-*•\"'`“”„«»,.;:#>_ ()[]1 29abcé太\u{301}\u{200D}\n\t")
        for _ in 0..<20_000 {
            let text = String(
                (0..<Int(random.next() % 14)).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }
            )
            let once = QueryNormalization.normalized(text)
            #expect(QueryNormalization.normalized(once) == once, "from \(text.debugDescription)")
            #expect(once.utf8.count <= text.utf8.count)
        }
    }
}

/// The minimal standard generator of Lehmer with 64-bit state; enough to vary test inputs.
struct Lehmer: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 20
    }
}

@Suite("A query list")
struct QueryListTests {
    @Test("holds each query once, and says what it left out")
    func dropping() throws {
        let limits = try QueryListLimits(maximumCount: 3, length: 3...20)
        let list = QueryList(
            ["Solar storms", "- solar  storms!", "", "ok", String(repeating: "x", count: 21), "b b", "c c", "d d"],
            limits: limits
        )
        #expect(Array(list) == ["Solar storms", "b b", "c c"])
        #expect(list.dropped.map(\.reason) == [.duplicate, .empty, .tooShort, .tooLong, .beyondLimit])
    }

    @Test("has the same queries when it is made of its own (2,000 lists, seed 2)")
    func fixedPoint() throws {
        var random = Lehmer(state: 2)
        let words = [
            "solar", "Solar", "storms", "- x", "1.", "\"moon\"", "日食", "news,", "C++", "#tag", "", "a.b.", "(x)",
        ]
        for _ in 0..<2000 {
            let texts = (0..<Int(random.next() % 8)).map { _ in
                (0..<Int(random.next() % 4)).map { _ in words[Int(random.next() % UInt64(words.count))] }
                    .joined(separator: " ")
            }
            let list = QueryList(texts, limits: try QueryListLimits(maximumCount: 5, length: 2...30))
            let again = QueryList(list, limits: try QueryListLimits(maximumCount: 5, length: 2...30))
            #expect(again.queries == list.queries)
            #expect(again.dropped.isEmpty)
            #expect(list.count + list.dropped.count == texts.count)
            #expect(Set(list.map { $0.lowercased() }).count == list.count)
            guard !list.isEmpty else { continue }
            let limits = try QueryListLimits(maximumCount: 5, length: 2...30)
            let json = try QueryList(parsing: list.text(format: .json), format: .json, limits: limits)
            #expect(json == again)
        }
    }

    @Test("has sensible limits")
    func limits() {
        for (count, length) in [(0, 1...5), (101, 1...5), (5, 0...5), (5, 1...1001)] {
            #expect(throws: QueryListError.invalidLimits(maximumCount: count, length: length)) {
                try QueryListLimits(maximumCount: count, length: length)
            }
        }
    }

    @Test(
        "is read from a model's noisy lines",
        arguments: [
            ("1. solar storms\n2. moon base\n3) comet\n", ["solar storms", "moon base", "comet"]),
            ("Here are five queries:\n\n- solar storms\n- moon base", ["solar storms", "moon base"]),
            ("Sure! I can do that.\nsolar storms\n", ["solar storms"]),
            ("```\nsolar storms\n```\n", ["solar storms"]),
            ("Query 1: solar storms\r\nQuery 2: moon base\r\n", ["solar storms", "moon base"]),
            ("Search query: \"solar storms\"", ["solar storms"]),
            ("solar storms\u{2028}moon base", ["solar storms", "moon base"]),
            ("1. FC Köln\n2. Bundesliga Tabelle", ["FC Köln", "Bundesliga Tabelle"]),
            ("Handball\n2. Bundesliga", ["Handball", "2. Bundesliga"]),
            ("2024 election\n7 days in Crete", ["2024 election", "7 days in Crete"]),
            ("query engines compared\nnews query language", ["query engines compared", "news query language"]),
            ("", []), ("\n\n\n", []), ("```", []),
        ]
    )
    func lines(text: String, expected: [String]) {
        #expect(Array(QueryList(reading: text, format: .lines)) == expected)
    }

    @Test(
        "is read from a model's noisy JSON",
        arguments: [
            (#"["solar storms", "moon base"]"#, ["solar storms", "moon base"]),
            ("Sure!\n```json\n[\"solar storms\",\n\"moon base\",]\n```", ["solar storms", "moon base"]),
            (#"{"queries": ["solar storms", "moon base"], "language": "en"}"#, ["solar storms", "moon base"]),
            (#"[{"query": "solar storms"}, {"query":"moon base"}]"#, ["solar storms", "moon base"]),
            (
                #"["solar \"storms\"\n", "\u65e5\u98df \ud83d\ude80", "\ud83d", "a\/b c"]"#,
                ["solar \"storms\"", "日食 🚀", "a/b c"]
            ),
            ("- solar storms\n- moon base", ["solar storms", "moon base"]),
            (#"["solar storms", "moon ba"#, ["solar storms"]),
            ("", []), ("[", []), ("[]", []), ("{\"a\":", []),
        ]
    )
    func json(text: String, expected: [String]) {
        let list = QueryList(reading: text, format: .json)
        #expect(Array(list.filter { $0 != "en" }) == expected)
    }

    @Test("is the same however the text is cut into pieces")
    func pieces() {
        let text = "Here:\n1. solär \"storms\"\n• 日食 🚀\r\n3. a\\u00e9 b\n"
        let json = #"x [ "solär \"storms\"", {"q": "日食 \ud83d\ude80"} , "a\u00e9 b" ]"#
        for (text, format) in [(text, QueryListFormat.lines), (json, .json)] {
            let whole = QueryList(reading: text, format: format)
            for size in 1...7 {
                var parser = QueryListParser(format: format)
                var found: [String] = []
                var rest = text.unicodeScalars[...]
                while !rest.isEmpty {
                    found += parser.append(String(rest.prefix(size)))
                    rest = rest.dropFirst(size)
                }
                found += parser.finish()
                #expect(parser.list == whole)
                #expect(found == whole.queries)
            }
        }
    }

    @Test("does not keep a query that was cut off, nor an example of the prompt")
    func cut() {
        var parser = QueryListParser(format: .lines, examples: ["Tulip bulbs"])
        #expect(parser.append("tulip bulbs.\nsolar storms\nmoon ba") == ["solar storms"])
        #expect(parser.finish(isCut: true).isEmpty)
        #expect(parser.list.dropped.map(\.reason) == [.fromExample, .unfinished])
        var json = QueryListParser(format: .json)
        #expect(json.append("[\"solar storms\"") == [])
        #expect(json.finish(isCut: true) == ["solar storms"])
    }
}

@Suite("The strict reading of a list")
struct StrictQueryListTests {
    @Test("accepts a list and nothing else")
    func accepted() throws {
        #expect(try QueryList(parsing: "solar storms\nmoon base\n", format: .lines).count == 2)
        #expect(try QueryList(parsing: " [\"solar storms\", \"2. Bundesliga\"]\n", format: .json).count == 2)
    }

    @Test(
        "says what is wrong",
        arguments: [
            ("", QueryListFormat.lines, QueryListError.empty),
            (" \n", .lines, .empty),
            ("solar storms\n\nmoon base", .lines, .invalidQuery(index: 1, text: "", reason: .empty)),
            ("1. solar storms", .lines, .notNormal(index: 0, text: "1. solar storms", expected: "solar storms")),
            ("a b c\n- moon base", .lines, .notNormal(index: 1, text: "- moon base", expected: "moon base")),
            ("moon base\nMoon Base", .lines, .invalidQuery(index: 1, text: "Moon Base", reason: .duplicate)),
            ("ab", .lines, .invalidQuery(index: 0, text: "ab", reason: .tooShort)),
            ("aaa\nbbb\nccc\nddd", .lines, .tooManyQueries(4, maximum: 3)),
            ("[]", .json, .empty),
            ("{}", .json, .notAnArray(found: "an object")),
            ("[\"moon base\", 7]", .json, .notAString(index: 1, found: "a number")),
            ("[\"moon base\" ", .json, .notJSON(problem: "the text ends in the middle of a value", byteOffset: 13)),
            ("[\"\\\"moon base\\\"\"]", .json, .notNormal(index: 0, text: "\"moon base\"", expected: "moon base")),
        ]
    )
    func refused(text: String, format: QueryListFormat, expected: QueryListError) throws {
        let limits = try QueryListLimits(maximumCount: 3, length: 3...40)
        #expect(throws: expected) { try QueryList(parsing: text, format: format, limits: limits) }
    }
}
