import IQModel
import IQTensor
import IQText
import Testing

@Suite struct GrammarTests {
    // MARK: The algebra

    @Test(
        arguments: [
            ("", [""], ["a"]),
            ("abc", ["abc"], ["", "ab", "abcd", "abd"]),
            ("é\u{1F600}", ["é\u{1F600}"], ["é", "e"]),
        ] as [(String, [String], [String])]
    )
    func `a literal is its own bytes`(literal: String, fits: [String], fails: [String]) throws {
        let grammar = ByteGrammar.literal(literal)
        for text in fits { #expect(try accepts(grammar, text)) }
        for text in fails { #expect(try !accepts(grammar, text)) }
    }

    @Test func `choice, sequence, optional and repetition mean what they say`() throws {
        let word = ByteGrammar.choice("cat", "dog")
        let grammar = ByteGrammar.sequence(word, .repeated(.sequence(", ", word), 1...2), .optional("."))
        for text in ["cat, dog", "dog, dog, cat.", "cat, cat."] { #expect(try accepts(grammar, text)) }
        for text in ["cat", "cat.", "cat, dog, cat, dog", "cat, dog..", "cat,dog"] {
            #expect(try !accepts(grammar, text))
        }
        let open = ByteGrammar.repeated("ab", 2...)
        for (count, fits) in [(1, false), (2, true), (3, true), (500, true)] {
            #expect(try accepts(open, String(repeating: "ab", count: count)) == fits)
        }
    }

    @Test func `a character class takes whole characters, and only valid UTF-8`() throws {
        let grammar = ByteGrammar.character(except: ["\n", "é"])
        for text in ["a", "ü", "€", "\u{1F600}", "\u{10FFFF}", "\u{D7FF}", "\u{E000}"] {
            #expect(try accepts(grammar, text))
        }
        for text in ["\n", "é", "", "ab", "\u{1F}", "\u{7F}", "\u{85}"] { #expect(try !accepts(grammar, text)) }
        #expect(try accepts(.character(except: ["x"], allowingControls: true), "\n"))
        // Overlong forms, surrogates, values beyond U+10FFFF, and stray or missing continuation bytes.
        for bytes in [
            [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
            [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0x80], [0xC3],
            [0xE2, 0x82], [0xFF],
        ] as [[UInt8]] {
            #expect(try !accepts(grammar, bytes))
        }
    }

    @Test func `every scalar is in the class of its range and in no other`() throws {
        let ranges: [ClosedRange<Unicode.Scalar>] = [
            "b"..."y", "\u{7F}"..."\u{7FF}", "\u{900}"..."\u{FFFD}", "\u{12345}"..."\u{6789A}",
        ]
        let grammar = ByteGrammar.character(in: ranges[0], ranges[1], ranges[2], ranges[3])
        let reference = GrammarReference(grammar)
        for value in stride(from: UInt32(0), through: 0x10FFFF, by: 7) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let isInside = ranges.contains { $0.contains(scalar) }
            #expect(reference.matches(Array(String(Character(scalar)).utf8)) == isInside)
        }
        for range in ranges {
            for edge in [range.lowerBound, range.upperBound] { #expect(try accepts(grammar, String(Character(edge)))) }
        }
    }

    // MARK: Errors

    @Test func `a grammar that cannot be met is a typed error`() {
        let vocabulary = TinyVocabulary(["a", "b"]).vocabulary
        #expect(throws: GrammarError.unsatisfiable(vocabularySize: 3)) {
            try TokenGrammar("xyz", vocabulary: vocabulary)
        }
        #expect(throws: GrammarError.matchesNothing) { try TokenGrammar(.choice([]), vocabulary: vocabulary) }
        #expect(throws: GrammarError.matchesNothing) {
            try TokenGrammar(.sequence("a", .character(of: [])), vocabulary: vocabulary)
        }
        #expect(throws: GrammarError.invalidRepetition(minimum: -1, maximum: 3, supported: 0...1_000_000)) {
            try TokenGrammar(.optional(.repeated("a", -1...3)), vocabulary: vocabulary)
        }
        #expect(throws: GrammarError.invalidRepetition(minimum: 1, maximum: 1_000_001, supported: 0...1_000_000)) {
            try TokenGrammar(.repeated("a", 1...1_000_001), vocabulary: vocabulary)
        }
    }

    @Test func `branches that match nothing are left out`() throws {
        let grammar = ByteGrammar.choice(.sequence("a", .choice([])), .sequence("b", .repeated(.choice([]), 0...3)))
        #expect(try accepts(grammar, "b"))
        #expect(try !accepts(grammar, "a"))
    }

    @Test func `a vocabulary that gets stuck in the middle of a text is a dead end at run time`() throws {
        let vocabulary = TinyVocabulary(["a", "b"])
        let grammar = try TokenGrammar("axe", vocabulary: vocabulary.vocabulary)
        let context = try ComputeContext(threads: 1)
        let sampler = Sampler(
            options: .default,
            seed: 1,
            stream: 0,
            vocabularySize: 3,
            grammar: grammar,
            endTokens: []
        )
        var logits: [Float] = [0, 0, 0]
        #expect(try logits.withUnsafeMutableBufferPointer { try sampler.sample($0, context: context) }.id == 0)
        logits = [0, 0, 0]
        #expect(throws: GenerationError.grammarDeadEnd(generated: 1)) {
            try logits.withUnsafeMutableBufferPointer { try sampler.sample($0, context: context) }
        }
    }

    @Test func `a grammar for a larger vocabulary than the model's is refused`() throws {
        let grammar = try TokenGrammar("a", vocabulary: TinyVocabulary(["a", "b"]).vocabulary)
        let context = try ComputeContext(threads: 1)
        let sampler = Sampler(
            options: .default,
            seed: 1,
            stream: 0,
            vocabularySize: 2,
            grammar: grammar,
            endTokens: []
        )
        var logits: [Float] = [0, 0]
        #expect(throws: GenerationError.grammarVocabularyMismatch(grammar: 3, model: 2)) {
            try logits.withUnsafeMutableBufferPointer { try sampler.sample($0, context: context) }
        }
    }

    // MARK: The end

    @Test func `the end may follow exactly where a text is complete, and nothing follows the end`() throws {
        let vocabulary = TinyVocabulary(["a", "b"])
        var matcher = GrammarMatcher(try TokenGrammar(.repeated("a", 1...2), vocabulary: vocabulary.vocabulary))
        expect(matcher, allows: [0], mayEnd: false, isComplete: false)
        expect(&matcher, takes: [vocabulary.endToken: false, 1: false])
        expect(&matcher, takes: [0: true])
        expect(matcher, allows: [0, 2], mayEnd: true, isComplete: false)
        var other = matcher
        expect(&matcher, takes: [0: true])
        expect(matcher, allows: [2], mayEnd: true, isComplete: true)
        expect(&other, takes: [vocabulary.endToken: true])
        expect(other, allows: [], mayEnd: true, isComplete: true)
        expect(&other, takes: [0: false])
    }

    @Test func `end tokens of the engine count besides those of the tokenizer, and never as text`() throws {
        let vocabulary = TinyVocabulary(["a", "b"])
        let grammar = try TokenGrammar(.repeated(.choice("a", "b"), 1...2), vocabulary: vocabulary.vocabulary)
        var matcher = GrammarMatcher(grammar, endTokens: [1, 70])
        #expect(matcher.allowedTokens() == [0])
        expect(&matcher, takes: [0: true])
        #expect(matcher.allowedTokens() == [0, 1, 2, 70])
    }

    // MARK: Masks against the reference

    @Test func `random grammars allow what trying every token allows`() throws {
        var random = RandomStream(seed: 21)
        let vocabulary = TinyVocabulary(
            [
                "a", "b", "c", "ab", "ba", "aab", "abc", "cc", "é", "aé", "éb",
                String(repeating: "a", count: 17), String(repeating: "a", count: 49),
                String(repeating: "ab", count: 9), String(repeating: "ab", count: 30),
            ].map { Array($0.utf8) } + [[0xC3], [0xA9], [0x61, 0xC3], [0xA9, 0x62]]
        )
        for _ in 0..<60 {
            let grammar = randomGrammar(depth: 4, &random)
            let reference = GrammarReference(grammar)
            guard let compiled = try? TokenGrammar(grammar, vocabulary: vocabulary.vocabulary) else {
                #expect(vocabulary.allowed(by: reference, after: []) == [])
                continue
            }
            for _ in 0..<3 {
                var matcher = GrammarMatcher(compiled)
                var text: [UInt8] = []
                for _ in 0..<25 {
                    let allowed = matcher.allowedTokens()
                    #expect(allowed == vocabulary.allowed(by: reference, after: text))
                    #expect(matcher.mayEnd == reference.matches(text))
                    let continuing = allowed.filter { $0 != vocabulary.endToken }
                    // The class of "é" alone can leave only half a character open: some token always goes on.
                    guard !continuing.isEmpty else { break }
                    let token = continuing[random.uniform(below: continuing.count)]
                    expect(&matcher, takes: [token: true])
                    text += vocabulary.tokens[Int(token)]
                }
            }
        }
    }

    @Test func `what one sequence found out serves the others, from any thread`() async throws {
        let vocabulary = TinyVocabulary(bytesAnd: ["news", " about", "\n", "election", "\n\n"])
        let format = ByteGrammar.repeated(.sequence(.repeated(.character(except: []), 3...20), "\n"), 2...4)
        let grammar = try TokenGrammar(format, vocabulary: vocabulary.vocabulary)
        let alone = try TokenGrammar(format, vocabulary: vocabulary.vocabulary)
        func run(_ stream: UInt64, _ grammar: TokenGrammar) -> [[TokenID]] {
            var random = RandomStream(seed: 5, stream: stream)
            var matcher = GrammarMatcher(grammar)
            var masks: [[TokenID]] = []
            while !matcher.isComplete, masks.count < 40 {
                masks.append(matcher.allowedTokens())
                guard let last = masks.last, !last.isEmpty else { break }
                matcher.advance(last[random.uniform(below: last.count)])
            }
            return masks
        }
        let together = await withTaskGroup(of: (UInt64, [[TokenID]]).self) { group in
            for stream in 0..<8 as Range<UInt64> { group.addTask { (stream, run(stream, grammar)) } }
            var results: [UInt64: [[TokenID]]] = [:]
            for await (stream, masks) in group { results[stream] = masks }
            return results
        }
        for stream in 0..<8 as Range<UInt64> { #expect(together[stream] == run(stream, alone)) }
    }

    @Test func `dropping the kept states changes no mask`() throws {
        let vocabulary = TinyVocabulary(bytesAnd: ["news", " about", "\n", "é"])
        let format = ByteGrammar.repeated(.sequence(.repeated(.character(except: []), 3...20), "\n"), 2...4)
        let large = try TokenGrammar(format, vocabulary: vocabulary.vocabulary)
        let small = try TokenGrammar(format, vocabulary: vocabulary.vocabulary, maximumStates: 4)
        // Two sequences in turn, so that each finds the states dropped by the other.
        var pairs = (0..<2).map { _ in (GrammarMatcher(large), GrammarMatcher(small)) }
        var random = RandomStream(seed: 41)
        for step in 0..<60 {
            let allowed = pairs[step % 2].0.allowedTokens()
            #expect(pairs[step % 2].1.allowedTokens() == allowed)
            guard !allowed.isEmpty else { break }
            let token = allowed[random.uniform(below: allowed.count)]
            let taken = [pairs[step % 2].0.advance(token), pairs[step % 2].1.advance(token)]
            #expect(taken == [true, true])
        }
    }

    // MARK: Helpers

    private func expect(_ matcher: GrammarMatcher, allows tokens: [TokenID], mayEnd: Bool, isComplete: Bool) {
        #expect(matcher.allowedTokens() == tokens)
        #expect(matcher.mayEnd == mayEnd)
        #expect(matcher.isComplete == isComplete)
    }

    private func expect(_ matcher: inout GrammarMatcher, takes tokens: [TokenID: Bool]) {
        for (token, isTaken) in tokens {
            let result = matcher.advance(token)
            #expect(result == isTaken)
        }
    }

    private func accepts(_ grammar: ByteGrammar, _ text: String) throws -> Bool {
        try accepts(grammar, Array(text.utf8))
    }

    private func accepts(_ grammar: ByteGrammar, _ text: [UInt8]) throws -> Bool {
        let vocabulary = TinyVocabulary(bytesAnd: [])
        var matcher = GrammarMatcher(try TokenGrammar(grammar, vocabulary: vocabulary.vocabulary))
        for byte in text { guard matcher.advance(TokenID(byte)) else { return false } }
        return matcher.mayEnd
    }

    private func randomGrammar(depth: Int, _ random: inout RandomStream) -> ByteGrammar {
        switch depth == 0 ? 0 : random.uniform(below: 7) {
        case 0: return .literal(["a", "b", "ab", "é", "ca", ""][random.uniform(below: 6)])
        case 1: return .character(of: [["a", "b"], ["é", "a"], ["c", "b", "é"]][random.uniform(below: 3)])
        case 2, 3:
            return .sequence(
                (0..<(1 + random.uniform(below: 3))).map { _ in randomGrammar(depth: depth - 1, &random) }
            )
        case 4:
            return .choice((0..<(1 + random.uniform(below: 3))).map { _ in randomGrammar(depth: depth - 1, &random) })
        default:
            let minimum = random.uniform(below: 4)
            let maximum = minimum + [0, 1, 3, 20, 100][random.uniform(below: 5)]
            let body = randomGrammar(depth: depth - 1, &random)
            return random.uniform(below: 4) == 0 ? .repeated(body, minimum...) : .repeated(body, minimum...maximum)
        }
    }
}
