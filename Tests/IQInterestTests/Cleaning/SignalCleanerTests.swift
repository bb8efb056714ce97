import IQInterest
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Signals of the same kind at seconds from a start.
func signals(_ texts: [(Double, String)], kind: SignalKind = .webSearch) throws -> [UserSignal] {
    try texts.map { try UserSignal(kind: kind, time: Date(timeIntervalSince1970: 1_773_000_000 + $0.0), text: $0.1) }
}

private struct Judge: NoiseScorer {
    let name = "judge"
    let threshold = 0.5
    func noiseProbabilities(of texts: [String]) async throws -> [Double] {
        texts.map { $0.contains("noise") ? 0.9 : 0.1 }
    }
}

private struct Refusing: Error, Equatable {}

private struct BrokenJudge: NoiseScorer {
    let name = "judge"
    let threshold = 0.5
    func noiseProbabilities(of texts: [String]) async throws -> [Double] { throw Refusing() }
}

@Suite("Rules on histories")
struct HistoryRuleTests {
    @Test("find a burst, all of it, and nothing beside it")
    func burst() throws {
        let history = try signals(
            [(0, "a")] + (0..<5).map { (100 + Double($0), "b\($0)") } + [(200, "c"), (203, "d")]
        )
        let found = BurstRule(count: 5, seconds: 4).findings(in: history)
        #expect(found.keys.sorted() == [1, 2, 3, 4, 5])
        #expect(found[3] == .burst(count: 5, seconds: 4))
        #expect(BurstRule(count: 6, seconds: 4).findings(in: history).isEmpty)
        #expect(BurstRule(count: 5, seconds: 3.9).findings(in: history).isEmpty)
    }

    @Test("find texts that come again and again, numbers aside")
    func repetition() throws {
        let history = try signals((0..<6).map { (600 * Double($0), "price of item \($0)") } + [(10, "item price")])
        let found = RepetitionRule(count: 6, seconds: 3000).findings(in: history)
        #expect(found.count == 6)
        #expect(found[0] == .repetition(count: 6, seconds: 3000))
        #expect(RepetitionRule(count: 6, seconds: 2999).findings(in: history).isEmpty)
    }

    @Test("find the beat of a clock if asked to")
    func clock() throws {
        let history = try signals((0..<12).map { (60 * Double($0), "text \($0)") } + [(5000, "x"), (5400, "y")])
        #expect(RegularIntervalRule().findings(in: history).keys.sorted() == Array(0..<12))
        #expect(RegularIntervalRule(count: 13).findings(in: history).isEmpty)
        #expect(!CleaningOptions.standard().ruleNames.contains("regularInterval"))
    }

    @Test("find duplicates of what stays, within a time, by words and kind")
    func duplicates() throws {
        let history =
            try signals([(0, "Heat pump"), (5, "heat  PUMP!"), (90_000, "heat pump")])
            + signals([(90_001, "heat pump")], kind: .pageVisit)
        #expect(DuplicateRule().findings(in: history) == [1: .duplicate(secondsBefore: 5)])
        #expect(DuplicateRule(within: nil).findings(in: history).keys.sorted() == [1, 2])
        // A chain of repetitions does not renew itself: what is dropped does not count as said.
        let chain = try signals([(0, "a b"), (60, "a b"), (110, "a b")])
        #expect(DuplicateRule(within: 100).findings(in: chain).keys.sorted() == [1])
    }
}

@Suite("Cleaning of signals")
struct SignalCleanerTests {
    @Test("keeps the order and says what was dropped and why, without personal data")
    func report() async throws {
        let person = try Person(
            id: "p1",
            language: "en",
            signals: signals([
                (0, "comet april"), (60, "my mail jane@mail.example"), (120, "facebook"), (180, "Comet April"),
                (240, "heat pump"),
            ])
        )
        let cleaned = try await SignalCleaner().clean(person)
        #expect(cleaned.person.signals.map(\.text) == ["comet april", "heat pump"])
        #expect(cleaned.person.id == "p1")
        #expect(cleaned.person.language == "en")
        #expect(cleaned.dropped.map(\.index) == [1, 2, 3])
        #expect(cleaned.dropped.map(\.reason.rule) == ["personalData", "navigational", "duplicate"])
        #expect(cleaned.dropped.map(\.redactedText) == ["my mail [emailAddress]", "facebook", "Comet April"])
        #expect(cleaned.dropped[0].reason.description == "personalData: holds an e-mail address")
        var summary = CleaningSummary()
        summary.add(cleaned)
        #expect(summary.kept == 2)
        #expect(summary.dropped == 3)
        #expect(summary.rules.map(\.name) == ["duplicate", "navigational", "personalData"])
    }

    @Test("asks a learned judge about what the rules leave, and takes its word at its threshold")
    func judge() async throws {
        let person = try Person(id: "p", signals: signals([(0, "noise one"), (60, "comet"), (120, "noise")]))
        let cleaned = try await SignalCleaner(scorer: Judge()).clean(person)
        #expect(cleaned.person.signals.map(\.text) == ["comet"])
        #expect(
            cleaned.dropped[0].reason
                == CleaningReason(rule: "judge", finding: .classified(probability: 0.9, threshold: 0.5))
        )
        #expect(try SignalCleaner(scorer: Judge()).cleanByRules(person).dropped.isEmpty)
        await #expect(throws: Refusing()) { try await SignalCleaner(scorer: BrokenJudge()).clean(person) }
    }

    @Test("takes rules of a team's own")
    func ownRule() async throws {
        struct Shouting: TextRule {
            let name = "shouting"
            func finding(in text: String) -> CleaningFinding? {
                text == text.uppercased() ? .other("all in capitals") : nil
            }
        }
        var options = CleaningOptions.standard()
        options.textRules.append(Shouting())
        let person = try Person(id: "p", signals: signals([(0, "BUY NOW"), (60, "buy later")]))
        let cleaned = try await SignalCleaner(options: options).clean(person)
        #expect(cleaned.dropped.map(\.reason) == [CleaningReason(rule: "shouting", finding: .other("all in capitals"))])
    }

    @Test("twice is once, whatever the signals", arguments: 0..<40 as Range<UInt64>)
    func idempotence(seed: UInt64) async throws {
        var random = SplitMix(state: seed)
        let texts = [
            "comet", "heat pump", "item 1", "item 2", "item 3", "facebook", "a@b.example", "Zürich 2026", "noise",
            "x\u{0}y",
        ]
        let history = (0..<80).map { _ in
            (Double(random.next() % 2000), texts[Int(random.next() % UInt64(texts.count))])
        }
        let options = CleaningOptions(
            textRules: CleaningOptions.standard().textRules,
            historyRules: [
                BurstRule(count: 6, seconds: 40), RepetitionRule(count: 8, seconds: 400),
                RegularIntervalRule(count: 4, tolerance: 15),
                DuplicateRule(within: 200),
            ]
        )
        let cleaner = SignalCleaner(options: options, scorer: seed % 2 == 0 ? Judge() : nil)
        let person = try Person(id: "p", signals: signals(history))
        let once = try await cleaner.clean(person)
        let twice = try await cleaner.clean(once.person)
        #expect(twice.dropped.isEmpty)
        #expect(twice.person == once.person)
        // What stays and what goes make up the whole, in order.
        let gone = Set(once.dropped.map(\.index))
        #expect(once.dropped.map(\.index) == gone.sorted())
        #expect(once.person.signals == person.signals.indices.filter { !gone.contains($0) }.map { person.signals[$0] })
    }

    @Test("streams people in order, and hands an error on after the people before it", arguments: [false, true])
    func streaming(judged: Bool) async throws {
        let lines = (0..<70).map { #"{"id":"p\#($0)","signals":[{"kind":"webSearch","time":\#($0),"text":"comet"}]}"# }
        let file = try TemporaryFile((lines + ["broken"]).joined(separator: "\n"))
        let cleaner = SignalCleaner(scorer: judged ? Judge() : nil)
        var seen: [String] = []
        var failure: SignalFileError?
        do {
            for try await cleaned in cleaner.clean(PersonFile(path: file.path)) { seen.append(cleaned.person.id) }
        } catch let error as SignalFileError {
            failure = error
        }
        #expect(seen == (0..<70).map { "p\($0)" })
        #expect(failure != nil)
    }
}

@Suite("Cleaning of lines")
struct LineCleanerTests {
    @Test("drops duplicates of the last texts in bounded memory, in order")
    func duplicates() async throws {
        var cleaner = LineCleaner(memory: 2)
        let lines = try await cleaner.clean(["comet one", "Comet ONE", "heat pump", "bakery", "comet one", "bakery"])
        #expect(lines.map { $0.verdict == .kept } == [true, false, true, true, true, false])
        #expect(lines.map(\.text).first == "comet one")
    }

    @Test("twice is once, part by part or at a stroke")
    func idempotence() async throws {
        let texts = ["a b", "c d", "a b", "facebook", "e f", "g h", "a b", "noise"]
        var first = LineCleaner(scorer: Judge(), memory: 2)
        var parts: [CleanedLine] = []
        for text in texts { parts += try await first.clean([text]) }
        var second = LineCleaner(scorer: Judge(), memory: 2)
        let whole = try await second.clean(texts)
        #expect(parts == whole)
        let kept = whole.filter { $0.verdict == .kept }.map(\.text)
        var third = LineCleaner(scorer: Judge(), memory: 2)
        #expect(try await third.clean(kept).allSatisfy { $0.verdict == .kept })
    }

    @Test("does not look for duplicates without the rule")
    func withoutDuplicates() async throws {
        var cleaner = LineCleaner(options: .standard().without(["duplicate"]))
        #expect(try await cleaner.clean(["a b", "a b"]).allSatisfy { $0.verdict == .kept })
    }

    @Test("reads plain lines with any bytes, and objects with a text")
    func files() async throws {
        let plain = try TemporaryFile([0x61, 0xFF, 0x62, 0x0A, 0x63, 0x64])
        #expect(try TextLineFile(path: plain.path, form: .lines).readAll() == ["a\u{FFFD}b", "cd"])
        let objects = try TemporaryFile("{\"text\": \"one\", \"x\": 1}\n{\"no\": 1}")
        do {
            _ = try TextLineFile(path: objects.path, form: .texts).readAll()
            Issue.record("a line without a text was read")
        } catch {
            #expect(
                error
                    == .invalidLine(
                        path: objects.path,
                        InvalidLine(line: 2, column: 1, field: "text", problem: .missingField)
                    )
            )
        }
    }
}

/// Vigna's SplitMix64: random enough for tests, the same everywhere.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
