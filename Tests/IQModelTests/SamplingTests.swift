import IQModel
import IQTensor
import IQText
import Testing
import _IQTestSupport

@Suite struct SamplingTests {
    private let context: ComputeContext

    init() throws { context = try ComputeContext(threads: 1) }

    private func makeSampler(
        _ options: SamplingOptions,
        size: Int,
        seed: UInt64 = 1,
        stream: UInt64 = 0
    ) -> Sampler {
        Sampler(options: options, seed: seed, stream: stream, vocabularySize: size, grammar: nil, endTokens: [])
    }

    private func sample(_ sampler: Sampler, _ logits: [Float]) throws -> SampledToken {
        var row = logits
        return try row.withUnsafeMutableBufferPointer { try sampler.sample($0, context: context) }
    }

    @Test func `greedy takes the first of equal maxima with probability one`() throws {
        let token = try sample(makeSampler(.greedy, size: 4), [0, 2, 2, 1])
        #expect(token.id == 1)
        #expect(token.logProbability == 0)
        // ln(e² / (1 + 2e² + e))
        #expect(
            abs(token.rawLogProbability - Float(2 - naturalLogarithm(1 + 2 * exponential(2) + exponential(1)))) < 1e-6
        )
    }

    @Test func `tokens as probable as the k-th stay`() throws {
        let distribution = samplingLogProbabilities(logits: [3, 1, 1, 1, 0], options: try SamplingOptions(topK: 2))
        #expect(distribution.map { $0 > -.infinity } == [true, true, true, true, false])
    }

    @Test func `equally probable tokens stay in the nucleus together`() throws {
        // 0.4, 0.2, 0.2, 0.2: half of the mass is reached with one of the three.
        let logits = [0.4, 0.2, 0.2, 0.2].map { Float(naturalLogarithm($0)) }
        let distribution = samplingLogProbabilities(logits: logits, options: try SamplingOptions(topP: 0.5))
        #expect(distribution.allSatisfy { $0 > -.infinity })
        let narrow = samplingLogProbabilities(logits: logits, options: try SamplingOptions(topP: 0.39))
        #expect(narrow == [0, -.infinity, -.infinity, -.infinity])
    }

    @Test func `top-p renormalises what top-k left`() throws {
        // 0.4, 0.3, 0.2, 0.1; top-k 2 leaves 4/7 and 3/7, so that half of the mass is the first alone.
        let logits = [0.4, 0.3, 0.2, 0.1].map { Float(naturalLogarithm($0)) }
        let options = try SamplingOptions(topK: 2, topP: 0.5)
        #expect(samplingLogProbabilities(logits: logits, options: options) == [0, -.infinity, -.infinity, -.infinity])
    }

    @Test func `the penalty divides positive logits and multiplies negative ones, once for each token`() throws {
        let options = try SamplingOptions(temperature: 0, repetitionPenalty: 2)
        let sampler = makeSampler(options, size: 3)
        sampler.observe(prompt: [0, 0])
        // 3 / 2 = 1.5 is over 1.4, and 3 / 4 would not be.
        #expect(try sample(sampler, [3, 1.4, -1]).id == 0)
        let negative = makeSampler(options, size: 2)
        negative.observe(prompt: [0])
        #expect(try sample(negative, [-1, -1.9]).id == 1)
    }

    @Test func `the window forgets what is older, drawn tokens included`() throws {
        let options = try SamplingOptions(temperature: 0, repetitionPenalty: 100, repetitionWindow: 2)
        let sampler = makeSampler(options, size: 4)
        sampler.observe(prompt: [0, 1, 2])
        // 1 and 2 are penalised, then 2 and 0, then 0 and 1, then 1 and 2.
        let ids = try (0..<5).map { _ in try sample(sampler, [4, 3, 2, -900]).id }
        #expect(ids == [0, 1, 2, 0, 1])
    }

    @Test func `the raw log-probability is that of the logits before the penalty`() throws {
        let sampler = makeSampler(try SamplingOptions(topK: 1, repetitionPenalty: 1.5), size: 3)
        sampler.observe(prompt: [0])
        let token = try sample(sampler, [9, 1, 1])
        #expect(token.id == 0 && token.logProbability == 0)
        #expect(abs(token.rawLogProbability - Float(-naturalLogarithm(1 + 2 * exponential(-8)))) < 1e-7)
    }

    @Test func `logits that are not numbers are an error with the position`() throws {
        for bad in [[0, .nan, 1], [0, .infinity, 1], [-.infinity, -.infinity, -.infinity]] as [[Float]] {
            for options in [.greedy, .default, try SamplingOptions(topK: 2)] {
                let sampler = makeSampler(options, size: 3)
                sampler.observe(prompt: [1, 2])
                _ = try sample(sampler, [0, 0, 0])
                #expect(throws: GenerationError.notFinite(position: 3)) { try sample(sampler, bad) }
            }
        }
        // 1e38 / 1e-10 is over the largest number.
        let overflowing = makeSampler(try SamplingOptions(repetitionPenalty: 1e-10), size: 2)
        overflowing.observe(prompt: [0])
        #expect(throws: GenerationError.notFinite(position: 1)) { try sample(overflowing, [1e38, 0]) }
    }

    @Test func `seed and stream alone decide, and each of them matters`() throws {
        let logits = (0..<500).map { Float($0 % 7) }
        func run(_ seed: UInt64, _ stream: UInt64) throws -> [TokenID] {
            let sampler = makeSampler(.default, size: 500, seed: seed, stream: stream)
            return try (0..<20).map { _ in try sample(sampler, logits).id }
        }
        let first = try run(1, 0)
        #expect(try run(1, 0) == first)
        #expect(try run(2, 0) != first)
        #expect(try run(1, 1) != first)
    }

    @Test func `extreme logits are drawn without overflow`() throws {
        let largest = Float.greatestFiniteMagnitude
        for options in [
            .default, try SamplingOptions(topK: 2), try SamplingOptions(topP: 0.9), try SamplingOptions(minP: 0.1),
            try SamplingOptions(temperature: 1e-30), try SamplingOptions(temperature: 1e30, topK: 3, topP: 0.5),
        ] {
            let sampler = makeSampler(options, size: 4)
            for logits in [[largest, -largest, 0, 1], [-largest, -.infinity, -largest, -.infinity]] as [[Float]] {
                let token = try sample(sampler, logits)
                #expect(logits[Int(token.id)] > -.infinity)
                #expect(token.logProbability.isFinite && token.logProbability <= 0)
            }
        }
    }

    @Test(.enabled(if: AllocationCounter.works, "the allocator cannot be counted here"))
    func `a warm sampler asks the heap for nothing`() throws {
        let size = 5000
        var random = RandomStream(seed: 6)
        let logits = (0..<size).map { _ in Float(2 * random.normal()) }
        let vocabulary = GrammarVocabulary(
            tokens: (0..<size).map { [UInt8(ascii: "a") + UInt8($0 % 26), UInt8(ascii: "a") + UInt8($0 / 26 % 26)] },
            endTokens: []
        )
        let grammar = try TokenGrammar(.repeated(.character(in: "a"..."y"), 1...), vocabulary: vocabulary)
        for (options, grammar) in [
            (.greedy, nil), (.default, nil), (try SamplingOptions(topK: 50), nil),
            (try SamplingOptions(topP: 0.9), nil),
            (try SamplingOptions(minP: 0.01), nil),
            (
                try SamplingOptions(topK: 20, topP: 0.9, minP: 0.1, repetitionPenalty: 1.1, repetitionWindow: 32),
                grammar
            ),
            (try SamplingOptions(repetitionPenalty: 1.1), grammar),
        ] as [(SamplingOptions, TokenGrammar?)] {
            let sampler = Sampler(
                options: options,
                seed: 1,
                stream: 0,
                vocabularySize: size,
                grammar: grammar,
                endTokens: []
            )
            var row = logits
            func draw(_ times: Int) throws {
                for _ in 0..<times {
                    for index in row.indices { row[index] = logits[index] }
                    _ = try row.withUnsafeMutableBufferPointer { try sampler.sample($0, context: context) }
                }
            }
            try draw(50)
            let count = try AllocationCounter.count { try draw(200) }
            #expect(count == 0, "\(options), grammar \(grammar != nil)")
        }
    }
}
