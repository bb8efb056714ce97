import IQInterest
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("A signal")
struct SignalTests {
    private let time = Date(timeIntervalSince1970: 1_773_477_000)

    @Test("keeps its values, with white space cut off")
    func values() throws {
        let signal = try UserSignal(
            kind: .newsClick,
            time: time,
            text: "  Comet brightens \n",
            url: URL(string: "https://news.example/1"),
            category: " "
        )
        #expect(signal.text == "Comet brightens")
        #expect(signal.category == nil)
        #expect(signal.url?.scheme == "https")
    }

    @Test("has a text", arguments: ["", " ", "\n\t", "\u{200B}\u{FEFF}", "\u{0}"])
    func emptyText(text: String) {
        #expect(throws: SignalError.emptyText) { try UserSignal(kind: .pageVisit, time: time, text: text) }
    }

    @Test("has a text of 8192 bytes at most")
    func longText() throws {
        _ = try UserSignal(kind: .pageVisit, time: time, text: String(repeating: "é", count: 4096))
        #expect(throws: SignalError.textTooLong(bytes: 8193, maximum: 8192)) {
            try UserSignal(kind: .pageVisit, time: time, text: String(repeating: "é", count: 4096) + "x")
        }
    }

    @Test("has an absolute address", arguments: ["", "news.example/1", "http://a b", "::::", "/relative"])
    func addresses(text: String) {
        #expect(throws: SignalError.invalidURL(text)) {
            try UserSignal(kind: .pageVisit, time: "2026-03-14T08:30:00Z", text: "x", url: text)
        }
    }

    @Test("is of a kind that has a name", arguments: ["", "news click", String(repeating: "k", count: 129)])
    func kinds(name: String) {
        #expect(throws: SignalError.self) {
            try UserSignal(kind: SignalKind(rawValue: name), time: time, text: "x")
        }
    }

    @Test("is not in milliseconds, not before 1970 and not at no time at all")
    func times() {
        for seconds in [1_773_477_000_000, -1, Double.infinity, 1e11] {
            #expect(throws: SignalError.timeOutOfRange(seconds: seconds)) {
                try UserSignal(kind: .webSearch, time: Date(timeIntervalSince1970: seconds), text: "x")
            }
        }
        #expect(throws: SignalError.self) {
            try UserSignal(kind: .webSearch, time: Date(timeIntervalSince1970: .nan), text: "x")
        }
    }

    @Test(
        "reads ISO 8601 with a zone: the instants are those that `date -u -d` gives",
        arguments: [
            ("2026-03-14T08:30:00Z", 1_773_477_000.0),
            ("2026-03-14T09:30:00+01:00", 1_773_477_000),
            ("2026-03-14 03:00:00-0530", 1_773_477_000),
            ("2026-03-14t08:30z", 1_773_477_000),
            ("2026-03-14T10:30:00+02", 1_773_477_000),
            ("2026-03-14T08:30:00.25Z", 1_773_477_000.25),
            ("2026-03-14T08:30:00,5Z", 1_773_477_000.5),
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("2024-12-31T23:59:60Z", 1_735_689_600),
        ]
    )
    func iso8601(text: String, seconds: Double) throws {
        let signal = try UserSignal(kind: .webSearch, time: text, text: "x")
        #expect(signal.time.timeIntervalSince1970 == seconds)
    }

    @Test(
        "refuses other times",
        arguments: [
            "", "yesterday", "2026-03-14", "2026-03-14T08:30:00", "2026-02-29T08:30:00Z", "2026-13-01T00:00:00Z",
            "2026-03-14T24:00:00Z", "2026-03-14T08:61:00Z", "2026-03-14T08:30:00Z ", "26-03-14T08:30:00Z",
            "２０２６-03-14T08:30:00Z",
            "2026-03-14T08:30:00+1:00", "2026-03-14T08:30:00.Z", "2100-02-29T00:00:00Z",
        ]
    )
    func otherTimes(text: String) {
        #expect {
            try UserSignal(kind: .webSearch, time: text, text: "x")
        } throws: { error in
            if case .invalidTime = error as? SignalError { true } else { false }
        }
    }

    @Test("survives JSON, with its time to the millisecond")
    func json() throws {
        let signal = try UserSignal(
            kind: SignalKind(rawValue: "videoWatch"),
            time: Date(timeIntervalSince1970: 951_825_600.125),
            text: "A \"title\"",
            url: URL(string: "https://a.example/?q=1"),
            category: "sports"
        )
        let data = try JSONEncoder().encode(signal)
        #expect(String(decoding: data, as: UTF8.self).contains("2000-02-29T12:00:00.125Z"))
        #expect(try JSONDecoder().decode(UserSignal.self, from: data) == signal)
        #expect(throws: (any Error).self) {
            try JSONDecoder().decode(UserSignal.self, from: Data(#"{"kind":"webSearch","time":1,"text":" "}"#.utf8))
        }
    }
}

@Suite("A person")
struct PersonTests {
    @Test("has signals in the order of time, those of one time in the order given")
    func order() throws {
        let signals = try [(5, "c"), (1, "a"), (5, "d"), (2, "b")].map { seconds, text in
            try UserSignal(kind: .webSearch, time: Date(timeIntervalSince1970: Double(seconds)), text: text)
        }
        #expect(try Person(id: "p", signals: signals).signals.map(\.text) == ["a", "b", "c", "d"])
    }

    @Test("has an id and, if any, a language tag")
    func names() throws {
        for id in ["", "a\u{0}b", "a\nb", String(repeating: "x", count: 257)] {
            #expect(throws: SignalError.self) { try Person(id: id, signals: []) }
        }
        for language in ["", "e", "english-", "de_DE", "日本", "en-abcdefghi"] {
            #expect(throws: SignalError.invalidLanguage(language)) {
                try Person(id: "p", language: language, signals: [])
            }
        }
        for language in ["en", "pt-BR", "zh-Hant-TW", "de-1996", "gsw"] {
            #expect(try Person(id: "p", language: language, signals: []).language == language)
        }
    }
}
