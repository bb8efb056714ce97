// The synchronous engine on a tiny model: order of events, reasons, groups, batches, limits, errors.

import IQTensor
import IQText
import Testing
import _IQTestSupport

import IQModel

@Suite struct GenerationSessionTests {
    static let prompt: [TokenID] = [90, 81, 4, 19, 88]

    private func events(_ request: GenerationRequest, _ runner: DecoderRunner) throws -> [GenerationEvent] {
        let session = try GenerationSession(request, runner: runner, tokenizer: nil)
        var events: [GenerationEvent] = []
        while try session.step({ events.append($0) }) {}
        return events
    }

    private func sequences(_ events: [GenerationEvent]) -> [GeneratedSequence] {
        events.compactMap { if case .sequenceFinished(let sequence) = $0 { sequence } else { nil } }
            .sorted { $0.sequence < $1.sequence }
    }

    private func options(
        _ maximumTokens: Int,
        temperature: Float = 0,
        seed: UInt64 = 7
    ) throws -> GenerationOptions {
        try GenerationOptions(
            maximumTokens: maximumTokens,
            sampling: try SamplingOptions(temperature: temperature),
            seed: seed
        )
    }

    @Test func eventsComeInOrderAndAddUp() throws {
        let request = try GenerationRequest(prompts: [Self.prompt], options: try options(6), endTokens: [])
        let all = try events(request, try TestModel.tinyRunner())
        guard case .prefilled(let promptTokens, let seconds) = all[0] else {
            Issue.record("the first event is \(all[0])")
            return
        }
        #expect(promptTokens == 5 && seconds > 0)
        let tokens = all.compactMap { if case .token(let token) = $0 { token.id } else { nil } }
        #expect(tokens.count == 6)
        let sequence = try #require(sequences(all).first)
        #expect(sequence.tokens == tokens)
        #expect(sequence.reason == .maximumTokens)
        #expect(sequence.logProbabilities.count == 6 && sequence.rawLogProbabilities.count == 6)
        guard case .finished(let summary) = try #require(all.last) else {
            Issue.record("the last event is \(String(describing: all.last))")
            return
        }
        #expect(summary.reasons == [.maximumTokens])
        #expect(summary.promptTokens == 5 && summary.generatedTokens == 6)
        #expect(summary.prefillSeconds > 0 && summary.decodeSeconds > 0)
    }

    @Test func endTokenEndsAndIsRecorded() throws {
        let runner = try TestModel.tinyRunner()
        let free = sequences(
            try events(
                try GenerationRequest(prompts: [Self.prompt], options: try options(8), endTokens: []),
                runner
            )
        )[0]
        let end = free.tokens[3]
        let length = try #require(free.tokens.firstIndex(of: end)) + 1
        let ended = sequences(
            try events(
                try GenerationRequest(prompts: [Self.prompt], options: try options(8), endTokens: [end]),
                runner
            )
        )[0]
        #expect(ended.reason == .endOfText)
        #expect(ended.tokens == Array(free.tokens.prefix(length)))
        var ignoring = try options(8)
        ignoring.stopsAtEndOfText = false
        let ignored = sequences(
            try events(
                try GenerationRequest(prompts: [Self.prompt], options: ignoring, endTokens: [end]),
                runner
            )
        )[0]
        #expect(ignored.tokens == free.tokens)
    }

    @Test func aFullContextEndsTheSequence() throws {
        let runner = try DecoderRunner(
            decoder: try TestModel.decoder(at: GoldenFiles.url("llama_tied")),
            context: try ComputeContext(threads: 1),
            contextLength: 9,
            maximumRows: 16,
            maximumOutputs: 2
        )
        let result = sequences(
            try events(
                try GenerationRequest(prompts: [Self.prompt], options: try options(50), endTokens: []),
                runner
            )
        )[0]
        #expect(result.reason == .contextFull)
        #expect(Self.prompt.count + result.tokens.count == 9)
    }

    /// The log-probability of a token is that of the softmax of the logits the model gives when it reads the text again.
    @Test(arguments: [Float(1), 0.7])
    func logProbabilitiesEqualRecomputedOnes(temperature: Float) throws {
        let runner = try TestModel.tinyRunner("qwen3")
        let result = sequences(
            try events(
                try GenerationRequest(
                    prompts: [Self.prompt],
                    groupSize: 4,
                    options: try options(12, temperature: temperature),
                    endTokens: []
                ),
                runner
            )
        )
        for sequence in result {
            let logits = try runner.allLogits(Self.prompt + sequence.tokens)
            for (index, token) in sequence.tokens.enumerated() {
                let row = logits.row(Self.prompt.count - 1 + index)
                let raw = logarithm(softmax(row)[Int(token)])
                let sampled = logarithm(softmax(row.map { $0 / temperature })[Int(token)])
                #expect(abs(sequence.rawLogProbabilities[index] - raw) < 1e-4)
                #expect(abs(sequence.logProbabilities[index] - sampled) < 1e-4)
            }
        }
        #expect(Set(result.map(\.tokens)).count > 1, "members of a group have random streams of their own")
    }

    private func logarithm(_ x: Float) -> Float { Float(naturalLogarithm(Double(x))) }

    /// Member i of a group, prompt i of a batch and a single generation with stream i make the same tokens: here with
    /// greedy decoding, where the stream does not matter.
    @Test(arguments: TestModel.tiny)
    func batchedForkedAndSingleDecodingAgree(name: String) throws {
        let runner = try TestModel.tinyRunner(name)
        let prompts: [[TokenID]] = [Self.prompt, [7], [56, 53, 3, 67, 47, 92, 71, 57, 23, 22, 86, 21, 63], [1, 2]]
        let alone = try prompts.map { prompt in
            sequences(
                try events(
                    try GenerationRequest(prompts: [prompt], options: try options(10), endTokens: []),
                    runner
                )
            )[0]
            .tokens
        }
        let batched = sequences(
            try events(try GenerationRequest(prompts: prompts, options: try options(10), endTokens: []), runner)
        )
        #expect(batched.map(\.tokens) == alone)
        let forked = sequences(
            try events(
                try GenerationRequest(prompts: [prompts[2]], groupSize: 5, options: try options(10), endTokens: []),
                runner
            )
        )
        #expect(forked.allSatisfy { $0.tokens == alone[2] })
    }

    @Test func moreSequencesThanPlacesTakeTurns() throws {
        let runner = try TestModel.tinyRunner(maximumOutputs: 3)
        let prompts = (0..<11).map { [TokenID(3 + $0), TokenID(40 + $0)] }
        let all = sequences(
            try events(try GenerationRequest(prompts: prompts, options: try options(5), endTokens: []), runner)
        )
        #expect(all.map(\.sequence) == Array(0..<11))
        for (prompt, sequence) in zip(prompts, all) {
            let alone = sequences(
                try events(
                    try GenerationRequest(prompts: [prompt], options: try options(5), endTokens: []),
                    runner
                )
            )[0]
            #expect(sequence.tokens == alone.tokens)
        }
    }

    @Test func promptsLongerThanAStepAreReadInPieces() throws {
        let long = (0..<90).map { TokenID(3 + $0 % 90) }
        let pieces = try events(
            try GenerationRequest(prompts: [long], options: try options(4), endTokens: []),
            try TestModel.tinyRunner(maximumRows: 16, maximumOutputs: 2)
        )
        let whole = try events(
            try GenerationRequest(prompts: [long], options: try options(4), endTokens: []),
            try TestModel.tinyRunner(maximumRows: 128, maximumOutputs: 2)
        )
        #expect(sequences(pieces)[0].tokens == sequences(whole)[0].tokens)
    }

    @Test func sameSeedSameTokens() throws {
        func tokens(seed: UInt64) throws -> [[TokenID]] {
            sequences(
                try events(
                    try GenerationRequest(
                        prompts: [Self.prompt],
                        groupSize: 3,
                        options: try options(12, temperature: 1, seed: seed),
                        endTokens: []
                    ),
                    try TestModel.tinyRunner()
                )
            ).map(\.tokens)
        }
        #expect(try tokens(seed: 5) == tokens(seed: 5))
        #expect(try tokens(seed: 5) != tokens(seed: 6))
    }

    @Test func cancellingDeliversWhatThereIs() throws {
        let request = try GenerationRequest(
            prompts: [Self.prompt, [1], [2], [3]],
            options: try options(40),
            endTokens: []
        )
        let session = try GenerationSession(
            request,
            runner: try TestModel.tinyRunner(maximumOutputs: 2),
            tokenizer: nil
        )
        var all: [GenerationEvent] = []
        for _ in 0..<6 { _ = try session.step { all.append($0) } }
        session.cancel { all.append($0) }
        #expect(try session.step { _ in Issue.record("an event after the end") } == false)
        let results = sequences(all)
        #expect(results.map(\.reason) == [.cancelled, .cancelled, .cancelled, .cancelled])
        #expect(results[0].tokens.count > 1 && results[3].tokens.isEmpty)
        guard case .finished(let summary) = try #require(all.last) else {
            Issue.record("no summary")
            return
        }
        #expect(summary.reasons == results.map(\.reason))
    }

    @Test func badRequestsAreRefused() throws {
        let runner = try TestModel.tinyRunner(maximumOutputs: 4)
        func session(_ prompts: [[TokenID]], groupSize: Int = 1) throws {
            let request = try GenerationRequest(
                prompts: prompts,
                groupSize: groupSize,
                options: try options(4),
                endTokens: []
            )
            _ = try GenerationSession(request, runner: runner, tokenizer: nil)
        }
        #expect(throws: GenerationError.emptyBatch) { try session([]) }
        #expect(throws: GenerationError.emptyBatch) { try session([[1]], groupSize: 0) }
        #expect(throws: GenerationError.emptyPrompt) { try session([[1], []]) }
        #expect(throws: GenerationError.tokenOutOfRange(97, vocabularySize: 97)) { try session([[5, 97]]) }
        #expect(throws: GenerationError.tokenOutOfRange(-1, vocabularySize: 97)) { try session([[-1]]) }
        #expect(throws: GenerationError.promptTooLong(tokens: 128, context: 128)) {
            try session([Array(repeating: 5, count: 128)])
        }
        #expect(throws: GenerationError.groupTooLarge(5, maximumBatch: 4)) { try session([[1]], groupSize: 5) }
        #expect(throws: GenerationError.invalidMaximumTokens(0)) { try GenerationOptions(maximumTokens: 0) }
        #expect(throws: GenerationError.emptyStopString) { try GenerationOptions(stopStrings: ["a", ""]) }
        #expect(throws: GenerationError.invalidEngineOption(name: "maximumBatch", value: 0)) {
            try EngineOptions(maximumBatch: 0)
        }
    }
}
