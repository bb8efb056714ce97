// Sampling from weights in training: whose random numbers a completion takes, and what its log-probabilities are.

import IQModel
import IQPolicy
import IQTensor
import IQText
import IQTraining
import Testing
import _IQTestSupport

@Suite struct RolloutTests {
    static let prompts = ["one", "two and", "three: "]

    static func sampled(
        _ session: TrainingSession,
        _ options: RolloutOptions,
        prompts: [RolloutPrompt],
        groupSize: Int = 3,
        grammar: TokenGrammar? = nil
    ) throws -> [[GeneratedSequence]] {
        let engine = try RolloutEngine(session: session, options: options, grammar: grammar, groupSize: groupSize)
        try engine.refresh()
        var groups = [[GeneratedSequence]](repeating: [], count: prompts.count)
        let cost = try engine.generate(prompts, groupSize: groupSize, seed: 5) { groups[$0] = $1 }
        #expect(cost?.sampledTokens == groups.joined().reduce(0) { $0 + $1.tokens.count })
        return groups
    }

    static func prompt(_ text: String, stream: UInt64) throws -> RolloutPrompt {
        RolloutPrompt(tokens: try TinyTokenizer.make().encode(text), firstStream: stream)
    }

    /// A completion depends on its prompt, seed and stream, not on its company or on how many are decoded together.
    @Test func `company changes nothing`() throws {
        let session = try TinyPolicy.session(try TinyPolicy.options())
        let requests = try Self.prompts.enumerated().map { try Self.prompt($1, stream: UInt64($0) << 12) }
        let together = try Self.sampled(session, try RolloutOptions(maximumTokens: 12), prompts: requests)
        let narrow = try RolloutOptions(maximumTokens: 12, sequencesTogether: 3)
        #expect(
            try Self.sampled(session, narrow, prompts: requests).map { $0.map(\.tokens) }
                == together.map { $0.map(\.tokens) }
        )
        for (index, request) in requests.enumerated().reversed() {
            let alone = try Self.sampled(session, narrow, prompts: [request])[0]
            #expect(alone.map(\.tokens) == together[index].map(\.tokens))
            #expect(Set(alone.map(\.tokens)).count > 1)
        }
    }

    /// trl#6789: what the sampler reports is what the training pass finds for the same tokens.
    @Test(arguments: [Float(1), 0.7, 1.6])
    func `a sampled token's log-probability equals its recomputed one`(temperature: Float) throws {
        let session = try TinyPolicy.session(try TinyPolicy.options())
        let options = try RolloutOptions(
            maximumTokens: 12,
            sampling: try SamplingOptions(temperature: temperature)
        )
        let request = try Self.prompt("two and", stream: 7)
        for completion in try Self.sampled(session, options, prompts: [request])[0] {
            var micro = PolicyMicroBatch()
            micro.append(
                prompt: request.tokens,
                completions: [
                    TrainedCompletion(
                        tokens: completion.tokens,
                        advantages: completion.tokens.map { _ in 1 },
                        mask: completion.tokens.map { _ in true }
                    )
                ]
            )
            let found = try session.head.statistics(
                try session.pass.forward(micro.batch),
                targets: micro.targets,
                temperature: temperature
            )
            for (a, b) in zip(found.logProbabilities, completion.logProbabilities) { #expect(abs(a - b) < 2e-5) }
        }
    }

    /// The same under truncation and a grammar, where the distribution is that of the tokens which may be drawn.
    @Test func `truncated log-probabilities equal their recomputed ones`() throws {
        let session = try TinyPolicy.session(try TinyPolicy.options())
        let tokenizer = try TinyTokenizer.make()
        let letters = try TokenGrammar(
            .repeated(.character(in: "a"..."z"), 12...12),
            tokenizer: tokenizer
        )
        let allowed = Set(tokenizer.encode("abcdefghijklmnopqrstuvwxyz"))
        let cases: [(SamplingOptions, TokenGrammar?)] = [
            (try SamplingOptions(topK: 5), nil),
            (try SamplingOptions(temperature: 0.8, topP: 0.7), nil),
            (try SamplingOptions(temperature: 1.3, topK: 40, topP: 0.9, minP: 0.02), nil),
            (.default, letters),
            (try SamplingOptions(temperature: 0.9, topK: 7), letters),
        ]
        for (sampling, grammar) in cases {
            let options = try RolloutOptions(maximumTokens: 12, sampling: sampling)
            let request = try Self.prompt("three: ", stream: 40)
            let runner = try DecoderRunner(
                decoder: session.decoder.model,
                context: session.context,
                maximumRows: 64,
                maximumOutputs: 64
            )
            for completion in try Self.sampled(session, options, prompts: [request], grammar: grammar)[0] {
                let all = request.tokens + completion.tokens
                try runner.batch.append(all, to: runner.makeCache(), outputs: .all)
                let logits = try runner.step()
                for (place, token) in completion.tokens.enumerated() {
                    let row = request.tokens.count + place - 1
                    let expected = samplingLogProbabilities(
                        logits: logits.rows(row..<row + 1).values,
                        options: sampling,
                        allowed: grammar == nil ? nil : allowed
                    )[Int(token)]
                    #expect(abs(expected - completion.logProbabilities[place]) < 2e-5)
                }
            }
        }
    }

    /// Rollouts in another precision sample from a copy of the weights as they are now, base and adapters.
    @Test(arguments: [NumberFormat.bf16, .q8_0], [TrainingMethod.full, .adapters(try LoRAOptions(rank: 2))])
    func `copies follow the weights`(format: NumberFormat, method: TrainingMethod) throws {
        let session = try TinyPolicy.session(try TinyPolicy.options(method: method))
        let options = try RolloutOptions(maximumTokens: 12, precision: .copy(format))
        let request = try Self.prompt("seven", stream: 0)
        let engine = try RolloutEngine(session: session, options: options, grammar: nil, groupSize: 2)
        func sample() throws -> [GeneratedSequence] {
            var group: [GeneratedSequence] = []
            try engine.refresh()
            _ = try engine.generate([request], groupSize: 2, seed: 5) { group = $1 }
            return group
        }
        let before = try sample()
        let runner = try DecoderRunner(decoder: session.decoder.model, context: session.context)
        let logits = try runner.prefill(request.tokens, into: runner.makeCache()).values
        let exact = samplingLogProbabilities(logits: logits, options: options.sampling)[Int(before[0].tokens[0])]
        // Weights and activations are rounded; the tiny model's logits, which are large, feel both.
        #expect(abs(before[0].logProbabilities[0] - exact) < (format == .bf16 ? 0.3 : 0.5))
        session.decoder.parameters.values.buffer.withFloats { values in
            for index in values.indices { values[index] += index % 2 == 0 ? 0.05 : -0.05 }
        }
        #expect(try sample()[0].logProbabilities != before[0].logProbabilities)
    }

    // MARK: Bytes of tokens

    @Test func `spans of bytes become spans of tokens`() throws {
        let tokenizer = try TinyTokenizer.make()
        let tokens = tokenizer.encode("ab, cd") + [TinyTokenizer.end]
        let texts = TokenTexts(tokens, tokenizer: tokenizer, byteCount: 6)
        #expect(texts.ranges == [0..<1, 1..<2, 2..<3, 3..<4, 4..<5, 5..<6, 6..<6])
        #expect(texts.spans(of: [0..<2, 4..<6]) == [0, 0, nil, nil, 1, 1, nil])
        // What was cut off with a stop string belongs to nothing.
        #expect(
            TokenTexts(tokens, tokenizer: tokenizer, byteCount: 2).spans(of: [0..<2]) == [
                0, 0, nil, nil, nil, nil, nil,
            ]
        )
    }

    @Test(.enabled(if: ModelFiles.has(ModelFiles.smolLM2), "SmolLM2 is not there"))
    func `tokens that share a character have it together`() throws {
        let model = try loadModel(
            at: ModelFiles.url(ModelFiles.smolLM2),
            precision: .stored,
            context: try ComputeContext(threads: 1)
        )
        let tokenizer = try #require(model.tokenizer)
        let text = "caf\u{E9} \u{1F9EA}, news about 東京"
        let tokens = tokenizer.encode(text)
        let texts = TokenTexts(tokens, tokenizer: tokenizer, byteCount: text.utf8.count)
        // Every byte is some token's, in order, and none is lost.
        #expect(texts.ranges.first?.lowerBound == 0 && texts.ranges.last?.upperBound == text.utf8.count)
        for (one, next) in zip(texts.ranges, texts.ranges.dropFirst()) {
            #expect(next == one || next.lowerBound == one.upperBound)
        }
        #expect(texts.ranges.contains { range in texts.ranges.count { $0 == range } > 1 })
    }

    @Test func `options that cannot be are refused`() {
        #expect(throws: TrainingError.self) { try RolloutOptions(sampling: .greedy) }
        #expect(throws: TrainingError.self) {
            try RolloutOptions(sampling: try SamplingOptions(repetitionPenalty: 1.1))
        }
        #expect(throws: TrainingError.self) { try RolloutOptions(precision: .copy(.q6_K)) }
        #expect(throws: TrainingError.self) {
            try RolloutOptions(sampling: try SamplingOptions(temperature: 0.5, topK: 3), precision: .copy(.bf16))
        }
    }
}
