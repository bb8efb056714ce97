// That the sampler draws from the distribution the options describe: against transformers' processors, against the full
// distribution in Double, and by counting.

import IQModel
import IQTensor
import IQText
import Testing
import _IQTestSupport

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct SamplingDistributionTests {
    private struct Recorded: Decodable {
        struct Case: Decodable {
            var options: SamplingOptions
            var history: [TokenID]
            var allowed: [TokenID]?
            var logits: [Float]
            var kept: [Int]
            var logProbabilities: [Float]
        }
        var cases: [Case]
    }

    @Test func `the distribution is that of transformers' processors`() throws {
        let file = packageFolder.appending(path: "Tests/IQModelTests/Fixtures/sampling/transformers.json")
        let recorded = try JSONDecoder().decode(Recorded.self, from: Data(contentsOf: file))
        #expect(recorded.cases.count == 24)
        for example in recorded.cases {
            let distribution = samplingLogProbabilities(
                logits: example.logits,
                options: example.options,
                history: example.history,
                allowed: example.allowed.map(Set.init)
            )
            #expect(distribution.indices.filter { distribution[$0] > -.infinity } == example.kept)
            for (token, expected) in zip(example.kept, example.logProbabilities) {
                #expect(abs(distribution[token] - expected) < 1e-5)
            }
        }
    }

    /// Options, and the tokens that a grammar allows.
    struct Combination: Sendable, CustomTestStringConvertible {
        var temperature: Float = 1
        var topK = 0
        var topP: Float = 1
        var minP: Float = 0
        var penalty: Float = 1
        var window: Int?
        var allowed: Set<TokenID>?

        var options: SamplingOptions {
            get throws {
                try SamplingOptions(
                    temperature: temperature,
                    topK: topK,
                    topP: topP,
                    minP: minP,
                    repetitionPenalty: penalty,
                    repetitionWindow: window
                )
            }
        }
        var testDescription: String { "\(self)" }
    }

    static let combinations: [Combination] = [
        Combination(),
        Combination(temperature: 0.6),
        Combination(temperature: 1e30),
        Combination(temperature: 1e-30),
        Combination(temperature: 0.9, topK: 7),
        Combination(topK: 1),
        Combination(temperature: 2, topK: 1000),
        Combination(topP: 0.8),
        Combination(temperature: 1.7, topP: 0.95),
        Combination(topP: 1e-6),
        Combination(minP: 0.1),
        Combination(temperature: 1.3, minP: 1),
        Combination(temperature: 0.8, topK: 12, topP: 0.9, minP: 0.05, penalty: 1.2),
        Combination(topK: 9, topP: 0.7, penalty: 0.7, window: 3),
        Combination(allowed: [3, 4, 5, 17, 30]),
        Combination(temperature: 1.5, topK: 3, topP: 0.9, penalty: 1.5, allowed: [0, 2, 6, 8, 10, 12, 39]),
        Combination(topP: 0.9, allowed: [11]),
    ]

    /// 40 logits: random ones, ties at the top, in the middle and at the bottom, and two impossible tokens.
    private static let logits: [Float] = {
        var random = RandomStream(seed: 77)
        var logits = (0..<40).map { _ in Float(2 * random.normal()) }
        logits[6] = 4
        logits[20] = 4
        for token in [1, 8, 9, 33] { logits[token] = 1.25 }
        for token in [13, 14] { logits[token] = -.infinity }
        return logits
    }()

    @Test(arguments: combinations)
    func `200,000 draws agree with the full distribution, and so does each log-probability`(
        combination: Combination
    ) throws {
        let prompt: [TokenID] = [6, 1, 1, 25, 38]
        let options = try combination.options
        let grammar = try combination.allowed.map { allowed in
            // One letter for each token; all of them may follow for ever.
            let letters = (0..<40).map { UInt8(ascii: "0") + UInt8($0) }
            let scalars = Set(allowed.map { Unicode.Scalar(letters[Int($0)]) })
            return try TokenGrammar(
                .repeated(.character(of: scalars), 1...),
                vocabulary: GrammarVocabulary(tokens: letters.map { [$0] }, endTokens: [])
            )
        }
        let expected = samplingLogProbabilities(
            logits: Self.logits,
            options: options,
            history: prompt,
            allowed: combination.allowed
        )
        let total = expected.reduce(0.0) { $0 + exponential(Double($1)) }
        #expect(abs(total - 1) < 1e-5)
        let raw = samplingLogProbabilities(logits: Self.logits, options: .default)

        let context = try ComputeContext(threads: 1)
        let draws = combination.penalty == 1 ? 200_000 : 20_000
        var counts = [Int](repeating: 0, count: 40)
        var row = Self.logits
        var largestDifference: Float = 0
        func makeSampler(_ stream: UInt64) -> Sampler {
            let sampler = Sampler(
                options: options,
                seed: 9,
                stream: stream,
                vocabularySize: 40,
                grammar: grammar,
                endTokens: []
            )
            sampler.observe(prompt: prompt)
            return sampler
        }
        var sampler = makeSampler(0)
        for draw in 0..<draws {
            // A drawn token enters the history: with a penalty, each draw begins anew.
            if combination.penalty != 1 { sampler = makeSampler(UInt64(draw)) }
            for index in row.indices { row[index] = Self.logits[index] }
            let token = try row.withUnsafeMutableBufferPointer { try sampler.sample($0, context: context) }
            counts[Int(token.id)] += 1
            largestDifference = max(
                largestDifference,
                abs(token.logProbability - expected[Int(token.id)]),
                abs(token.rawLogProbability - raw[Int(token.id)])
            )
        }
        #expect(largestDifference < 2e-5)
        expectAgreement(counts, expected, draws: draws)
    }

    /// Pearson's chi-square over the tokens expected at least 5 times, the others pooled.
    private func expectAgreement(_ counts: [Int], _ logProbabilities: [Float], draws: Int) {
        var (chiSquare, degrees) = (0.0, -1.0)
        var (pooledCount, pooledExpected) = (0.0, 0.0)
        for (count, logProbability) in zip(counts, logProbabilities) {
            let expected = exponential(Double(logProbability)) * Double(draws)
            if expected == 0 { #expect(count == 0) }
            if expected < 5 {
                pooledCount += Double(count)
                pooledExpected += expected
                continue
            }
            chiSquare += (Double(count) - expected) * (Double(count) - expected) / expected
            degrees += 1
        }
        #expect(abs(pooledCount - pooledExpected) <= 5 * pooledExpected.squareRoot() + 5)
        // Mean n and deviation sqrt(2n): five deviations and a little for small n.
        #expect(chiSquare < degrees + 5 * (2 * max(degrees, 0)).squareRoot() + 8)
    }

    @Test(arguments: InstructionLevel.supported)
    func `over 49,152 tokens every option agrees with the full distribution`(level: InstructionLevel) throws {
        let context = try ComputeContext(threads: 1, level: level)
        var random = RandomStream(seed: 4)
        let size = 49_152
        for (scale, offset) in [(0, 0), (0.01, 5), (1, 0), (3, -200), (30, 1e4)] as [(Double, Float)] {
            let logits = (0..<size).map { _ in Float(random.normal() * scale) + offset }
            for combination in [
                Combination(), Combination(temperature: 0.5), Combination(topK: 40), Combination(topK: 20_000),
                Combination(topP: 0.9), Combination(temperature: 0.7, topP: 0.999), Combination(minP: 0.02),
                Combination(temperature: 0.8, topK: 50, topP: 0.95, minP: 0.01), Combination(temperature: 0),
            ] {
                let options = try combination.options
                let expected = samplingLogProbabilities(logits: logits, options: options)
                let sampler = Sampler(
                    options: options,
                    seed: 1,
                    stream: 2,
                    vocabularySize: size,
                    grammar: nil,
                    endTokens: []
                )
                for _ in 0..<4 {
                    var row = logits
                    let token = try row.withUnsafeMutableBufferPointer { try sampler.sample($0, context: context) }
                    let difference = abs(token.logProbability - expected[Int(token.id)])
                    #expect(difference < 2e-4, "\(combination), scale \(scale)")
                }
            }
        }
    }
}
