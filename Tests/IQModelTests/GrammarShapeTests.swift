// The two shapes of a query list, on a small vocabulary and on that of SmolLM2, with the time that masks take.

import IQModel
import IQTensor
import IQText
import Testing
import _IQTestSupport

@Suite struct GrammarShapeTests {
    /// 3 to 12 lines of 3 to 90 characters.
    static let lines: ByteGrammar = {
        let line = ByteGrammar.repeated(.character(except: []), 3...90)
        return .sequence(line, .repeated(.sequence("\n", line), 2...11))
    }()

    /// A JSON array of 1 to 12 strings of 3 to 90 characters.
    static let json: ByteGrammar = {
        let string = ByteGrammar.jsonString(characters: 3...90)
        return .sequence("[", string, .repeated(.sequence(", ", string), 0...11), "]")
    }()

    private static let small = TinyVocabulary(
        bytesAnd: [
            "climate", " policy", " news", "news\n", "\n\n", "ab\ncd", "\", \"", "[\"", "\"]", "\\u00", "\\n", "é",
            "日本",
            String(repeating: " ", count: 20), String(repeating: "=", count: 80), String(repeating: "-", count: 91),
        ]
    )

    @Test(arguments: [
        ("abc\ndef\nghi", true), ("abc\ndef", false), ("ab\ndef\nghi", false), ("abc\n\ndef\nghi", false),
        (Array(repeating: "日本é", count: 12).joined(separator: "\n"), true),
        (Array(repeating: "abc", count: 13).joined(separator: "\n"), false),
        (Array(repeating: String(repeating: "日", count: 90), count: 3).joined(separator: "\n"), true),
        (Array(repeating: String(repeating: "日", count: 91), count: 3).joined(separator: "\n"), false),
    ])
    func `lines are counted, and their characters`(text: String, fits: Bool) throws {
        #expect(try accepts(Self.lines, text) == fits)
    }

    @Test(arguments: [
        (#"["abc"]"#, true), (#"["abc", "d\"\\\/\b\f\n\r\te"]"#, true), (#"["ab"]"#, false), (#"[]"#, false),
        (#"["abc","def"]"#, false), (#"["abc" ]"#, false), (#"["a"bc"]"#, false), (#"["ab\x"]"#, false),
        (#"["ab\u00e9"]"#, true), (#"["ab\u00e"]"#, false), (#"["ab\ud83d\ude00"]"#, true), (#"["abc\ud83d"]"#, false),
        (#"["abc\ude00"]"#, false), ("[\"a\nbc\"]", false), ("[\"abc\u{7F}\u{1F600}\"]", true),
        ("[" + Array(repeating: "\"abc\"", count: 12).joined(separator: ", ") + "]", true),
        ("[" + Array(repeating: "\"abc\"", count: 13).joined(separator: ", ") + "]", false),
    ])
    func `JSON arrays hold valid strings only`(text: String, fits: Bool) throws {
        #expect(try accepts(Self.json, text) == fits)
    }

    @Test(arguments: [lines, json])
    func `what is drawn at random is allowed by the reference, near the limits too`(grammar: ByteGrammar) throws {
        let reference = GrammarReference(grammar)
        let compiled = try TokenGrammar(grammar, vocabulary: Self.small.vocabulary)
        var random = RandomStream(seed: 31)
        for _ in 0..<3 {
            var matcher = GrammarMatcher(compiled)
            var text: [UInt8] = []
            var step = 0
            while !matcher.isComplete, step < 120 {
                let allowed = matcher.allowedTokens().filter { $0 != Self.small.endToken }
                if step % 24 == 0 || step < 6 {
                    let expected = Self.small.allowed(by: reference, after: text).filter { $0 != Self.small.endToken }
                    #expect(allowed == expected)
                }
                // Long tokens come late in the vocabulary: take them often, so that limits are reached.
                let late = allowed.suffix(12)
                let pool = random.uniform(below: 2) == 0 ? Array(late) : allowed
                let token = pool[random.uniform(below: pool.count)]
                let isTaken = matcher.advance(token)
                #expect(isTaken)
                text += Self.small.tokens[Int(token)]
                step += 1
            }
        }
    }

    private func accepts(_ grammar: ByteGrammar, _ text: String) throws -> Bool {
        var matcher = GrammarMatcher(try TokenGrammar(grammar, vocabulary: Self.small.vocabulary))
        for byte in text.utf8 { guard matcher.advance(TokenID(byte)) else { return false } }
        return matcher.mayEnd
    }
}

@Suite struct GrammarRealVocabularyTests {
    @Test(
        .enabled(if: ModelFiles.has(ModelFiles.smolLM2), "SmolLM2 is not on this machine"),
        arguments: [("lines", GrammarShapeTests.lines), ("JSON", GrammarShapeTests.json)]
    )
    func `lists drawn at random from 49,152 tokens are well-formed`(name: String, grammar: ByteGrammar) throws {
        let context = try ComputeContext(threads: 1)
        let model = try loadModel(at: ModelFiles.url(ModelFiles.smolLM2), precision: .stored, context: context)
        let tokenizer = try #require(model.tokenizer)
        let size = tokenizer.vocabularySize
        let clock = ContinuousClock()

        var compiled: TokenGrammar?
        let compileTime = try clock.measure { compiled = try TokenGrammar(grammar, tokenizer: tokenizer) }
        let tokens = try #require(compiled)
        var rounds: [[Duration]] = []
        for round in 0..<4 as Range<UInt64> {
            // The last round repeats the one before: all masks are known.
            let seed = min(round, 2)
            let sampler = Sampler(
                options: .default,
                seed: seed,
                stream: 0,
                vocabularySize: size,
                grammar: tokens,
                endTokens: []
            )
            var random = RandomStream(seed: seed, stream: 1)
            var times: [Duration] = []
            var text: [TokenID] = []
            var logits = [Float](repeating: 0, count: size)
            var noise = logits
            noise.withUnsafeMutableBufferPointer { random.fillNormal($0, standardDeviation: 2) }
            while !sampler.isGrammarComplete, text.count < 2000 {
                let turn = random.uniform(below: size)
                for index in 0..<size { logits[index] = noise[(index + turn) % size] }
                var id: TokenID = 0
                times.append(
                    try clock.measure {
                        id = try logits.withUnsafeMutableBufferPointer { try sampler.sample($0, context: context).id }
                    }
                )
                text.append(id)
                if tokenizer.endOfGeneration.contains(id) { break }
            }
            #expect(sampler.mayEnd)
            rounds.append(times)
            let written = tokenizer.decode(text, skippingSpecialTokens: true)
            #expect(!written.unicodeScalars.contains("\u{FFFD}"))
            if name == "lines" {
                let items = written.split(separator: "\n", omittingEmptySubsequences: false)
                #expect((3...12).contains(items.count))
                #expect(items.allSatisfy { (3...90).contains($0.unicodeScalars.count) })
            } else {
                #expect(written.hasPrefix("[\"") && written.hasSuffix("\"]"))
            }
        }
        let counts = tokens.cacheCounts
        print("\(name): compiled in \(compileTime); \(counts.states) states, \(counts.masks) masks kept")
        for times in rounds {
            let sorted = times.sorted()
            print("  \(times.count) tokens: median \(sorted[sorted.count / 2]), longest \(sorted[sorted.count - 1])")
        }
    }
}
