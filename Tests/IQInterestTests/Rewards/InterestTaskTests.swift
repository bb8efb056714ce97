// The task: what a completion means, and where its queries stand.

import IQModel
import IQText
import Testing
import _IQTestSupport

import IQInterest
import IQPolicy

@Suite struct InterestTaskTests {
    private func task(_ format: QueryListFormat) throws -> InterestTask {
        try InterestTask(tokenizer: try TinyTokenizer.make(), options: try InterestQueryOptions(format: format))
    }

    private func output(
        _ text: String,
        _ format: QueryListFormat = .lines,
        reason: StopReason = .endOfText
    ) throws -> (InterestOutput, [String]) {
        let found = try task(format).output(of: text, reason: reason, for: try sample())
        let bytes = Array(text.utf8)
        #expect(found.spans.count == found.value.list.count, "\(text)")
        for (first, second) in zip(found.spans, found.spans.dropFirst()) {
            #expect(first.upperBound <= second.lowerBound, "\(text)")
        }
        return (found.value, found.spans.map { String(decoding: bytes[$0], as: UTF8.self) })
    }

    @Test func spansOfLinesAreTheLines() throws {
        let (list, spans) = try output("tidal turbines\nLisbon flights\ngarden bulbs")
        #expect(list.isValid && spans == list.list.queries)
        let (noisy, parts) = try output(
            "Here are three queries:\n\n1. \"tidal énergie\"  \r\n2) Reykjavik\n3) Reykjavik\n- x\n"
        )
        #expect(!noisy.isValid)
        #expect(noisy.list.queries == ["tidal énergie", "Reykjavik"])
        #expect(parts == ["1. \"tidal énergie\"", "2) Reykjavik"])
    }

    @Test func spansOfJSONAreItsStrings() throws {
        let (list, spans) = try output(#"["tidal turbines", "Lisbon flights" , "garden \"bulbs\""]"#, .json)
        #expect(list.isValid)
        #expect(spans == [#""tidal turbines""#, #""Lisbon flights""#, #""garden \"bulbs\"""#])
        let (object, parts) = try output(
            #"Sure: {"queries": ["first thing","second thing"#,
            .json,
            reason: .maximumTokens
        )
        #expect(!object.isValid && parts == [#""first thing""#] && object.list.queries == ["first thing"])
        let (plain, lines) = try output("first thing\nsecond thing", .json)
        #expect(!plain.isValid && lines == ["first thing", "second thing"])
    }

    @Test func aListThatIsCutOffIsNotValid() throws {
        let text = "tidal turbines\nLisbon flights\ngarden bulbs"
        let (cut, spans) = try output(text, reason: .maximumTokens)
        #expect(!cut.isValid && spans == ["tidal turbines", "Lisbon flights"])
        let (short, _) = try output("tidal turbines\nLisbon flights")
        #expect(!short.isValid, "two queries where three to five were asked for")
    }

    /// Whatever a model writes, every query has a span of its own inside the text.
    @Test(arguments: [QueryListFormat.lines, .json])
    func spansFitAnyText(format: QueryListFormat) throws {
        let pieces = [
            "\n", "\"", "[", "]", "{", ":", ",", "\\", "\\\"", "a query", "é", "🗞️", "1. ", "```", " ", "\r\n", "\u{0}",
        ]
        var random = TestRandom(seed: 11)
        for _ in 0..<3000 {
            let text = (0..<random.below(14)).map { _ in pieces[random.below(pieces.count)] }.joined()
            _ = try output(text, format, reason: random.below(2) == 0 ? .endOfText : .maximumTokens)
        }
    }
}

/// A small generator of numbers, the same on every machine.
struct TestRandom {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }
}
