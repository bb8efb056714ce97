// Sessions that get their prompts one by one, and groups whose members begin in rounds.

import IQText
import Testing
import _IQTestSupport

import IQModel

@Suite("A session that prompts are appended to") struct OpenSessionTests {
    /// Prompts of 2 to 12 tokens.
    private static let prompts: [[TokenID]] = (0..<11).map { number in
        let rest: [TokenID] = (0..<number).map { TokenID(20 + $0) }
        return [TokenID(3 + number), TokenID(40 + number)] + rest
    }

    private func options(_ maximumTokens: Int = 6) throws -> GenerationOptions {
        try GenerationOptions(maximumTokens: maximumTokens, sampling: try SamplingOptions(temperature: 1), seed: 7)
    }

    private func run(_ session: GenerationSession, _ events: inout [GenerationEvent]) throws {
        while try session.step({ events.append($0) }) {}
    }

    private func sequences(_ events: [GenerationEvent]) -> [GeneratedSequence] {
        events.compactMap { if case .sequenceFinished(let sequence) = $0 { sequence } else { nil } }
            .sorted { $0.sequence < $1.sequence }
    }

    @Test("makes the tokens that each prompt's stream makes alone, whenever it was appended")
    func sameAsAlone() throws {
        let runner = try TestModel.tinyRunner(maximumOutputs: 3)
        let session = try GenerationSession(options: try options(), endTokens: [9], runner: runner, tokenizer: nil)
        var events: [GenerationEvent] = []
        for (number, prompt) in Self.prompts.enumerated() {
            #expect(try session.append(prompt, stream: UInt64(100 + number)) == number)
            // A different number of steps behind each, once until nothing is left to do.
            for _ in 0..<number where number != 5 { _ = try session.step { events.append($0) } }
            if number == 5 {
                try run(session, &events)
                #expect(sequences(events).count == 6)
                #expect(try !session.step { events.append($0) }, "an idle session waits")
            }
        }
        session.close()
        try run(session, &events)
        let all = sequences(events)
        #expect(all.map(\.sequence) == Array(Self.prompts.indices))
        for (number, prompt) in Self.prompts.enumerated() {
            var alone: [GenerationEvent] = []
            let request = try GenerationRequest(
                prompts: [prompt],
                options: try options(),
                endTokens: [9],
                firstStreams: [UInt64(100 + number)]
            )
            try run(try GenerationSession(request, runner: runner, tokenizer: nil), &alone)
            #expect(all[number].tokens == sequences(alone)[0].tokens)
            #expect(all[number].logProbabilities == sequences(alone)[0].logProbabilities, "to the last bit")
        }
        guard case .finished(let summary) = events.last else {
            Issue.record("the last event is \(String(describing: events.last))")
            return
        }
        #expect(summary.reasons.isEmpty)
        #expect(summary.promptTokens == Self.prompts.reduce(0) { $0 + $1.count })
        #expect(summary.generatedTokens == all.reduce(0) { $0 + $1.tokens.count })
    }

    @Test("continues a kept prompt in rounds, beside others, as a group alone does, to the last bit")
    func keptPrompts() throws {
        let runner = try TestModel.tinyRunner(maximumOutputs: 5)
        let session = try GenerationSession(options: try options(), endTokens: [9], runner: runner, tokenizer: nil)
        var events: [GenerationEvent] = []
        // Five people, three members each, then two more, then one; a round is asked for when another person's is on its way.
        var firsts: [[Int]] = []
        for (number, prompt) in Self.prompts.prefix(5).enumerated() {
            firsts.append([try session.append(prompt, stream: UInt64(32 * number), members: 3, isKept: true)])
        }
        try run(session, &events)
        for (members, offset) in [(2, 3), (1, 5)] {
            for number in firsts.indices.reversed() {
                let stream = UInt64(32 * number + offset)
                firsts[number].append(
                    try session.append(members: members, ofPrompt: firsts[number][0], stream: stream)
                )
                _ = try session.step { events.append($0) }
            }
            try run(session, &events)
        }
        for number in firsts.indices { session.release(prompt: firsts[number][0]) }
        session.close()
        try run(session, &events)
        let all = sequences(events)
        #expect(all.map(\.sequence) == Array(0..<30))
        #expect(events.count { if case .prefilled = $0 { true } else { false } } == 5, "each prompt is read once")
        for (number, prompt) in Self.prompts.prefix(5).enumerated() {
            var alone: [GenerationEvent] = []
            let request = try GenerationRequest(
                prompts: [prompt],
                groupSize: 6,
                membersAtOnce: 4,
                options: try options(),
                endTokens: [9],
                firstStreams: [UInt64(32 * number)]
            )
            try run(try GenerationSession(request, runner: runner, tokenizer: nil), &alone)
            let first = firsts[number]
            let members = [first[0], first[0] + 1, first[0] + 2, first[1], first[1] + 1, first[2]]
            let group = sequences(alone)
            #expect(members.map { all[$0].tokens } == group.map(\.tokens))
            #expect(members.map { all[$0].logProbabilities } == group.map(\.logProbabilities))
        }
    }

    @Test("refuses a prompt that cannot be continued, and goes on")
    func invalidPrompts() throws {
        let runner = try TestModel.tinyRunner()
        let session = try GenerationSession(options: try options(), endTokens: [], runner: runner, tokenizer: nil)
        #expect(throws: GenerationError.emptyPrompt) { try session.append([], stream: 0) }
        #expect(throws: GenerationError.tokenOutOfRange(97, vocabularySize: 97)) { try session.append([97], stream: 0) }
        #expect(throws: GenerationError.groupTooLarge(99, maximumBatch: runner.maximumOutputs)) {
            try session.append([1], stream: 0, members: 99)
        }
        #expect(try session.append([1], stream: 0) == 0)
        #expect(session.waitingCount == 1)
        var events: [GenerationEvent] = []
        try run(session, &events)
        #expect(sequences(events).map(\.tokens.count) == [6])
        #expect(session.waitingCount == 0)
    }

    @Test("cancelled, delivers what runs, what is read and what waits")
    func cancellation() throws {
        let runner = try TestModel.tinyRunner(maximumOutputs: 2)
        let session = try GenerationSession(options: try options(50), endTokens: [], runner: runner, tokenizer: nil)
        for prompt in Self.prompts.prefix(4) { _ = try session.append(prompt, stream: 0) }
        var events: [GenerationEvent] = []
        for _ in 0..<4 { _ = try session.step { events.append($0) } }
        session.cancel { events.append($0) }
        let all = sequences(events)
        #expect(all.map(\.sequence) == [0, 1, 2, 3])
        #expect(all.map { $0.tokens.isEmpty } == [false, false, true, true])
        #expect(all.allSatisfy { $0.reason == .cancelled })
        #expect(try !session.step { _ in })
    }
}

@Suite("A group in rounds") struct RoundTests {
    private func run(_ request: GenerationRequest, _ runner: DecoderRunner) throws -> [GenerationEvent] {
        let session = try GenerationSession(request, runner: runner, tokenizer: nil)
        var events: [GenerationEvent] = []
        while try session.step({ events.append($0) }) {}
        return events
    }

    private func request(_ atOnce: Int?, size: Int = 7) throws -> GenerationRequest {
        try GenerationRequest(
            prompts: [GenerationSessionTests.prompt],
            groupSize: size,
            membersAtOnce: atOnce,
            options: try GenerationOptions(maximumTokens: 8, sampling: try SamplingOptions(temperature: 1), seed: 3),
            endTokens: [9, 17],
            firstStreams: [20]
        )
    }

    @Test("makes the completions of the whole group, reads the prompt once, and begins a round when the last one ended")
    func rounds() throws {
        let runner = try TestModel.tinyRunner(maximumOutputs: 8)
        func sequences(_ events: [GenerationEvent]) -> [GeneratedSequence] {
            events.compactMap { if case .sequenceFinished(let sequence) = $0 { sequence } else { nil } }
                .sorted { $0.sequence < $1.sequence }
        }
        let whole = sequences(try run(try request(nil), runner))
        #expect(whole.count == 7 && Set(whole.map(\.tokens)).count > 1)
        for atOnce in [1, 2, 3, 7, 12] {
            let events = try run(try request(atOnce), runner)
            #expect(sequences(events) == whole, "\(atOnce) at once")
            var running: Set<Int> = []
            var ended = 0
            var prompts = 0
            for event in events {
                switch event {
                case .prefilled: prompts += 1
                case .token(let token):
                    running.insert(token.sequence)
                    let round = token.sequence / min(atOnce, 7)
                    #expect(ended >= round * min(atOnce, 7), "a member of round \(round) began early")
                case .sequenceFinished(let sequence):
                    running.remove(sequence.sequence)
                    ended += 1
                case .finished(let summary): #expect(summary.reasons.count == 7)
                }
                #expect(running.count <= atOnce)
            }
            #expect(prompts == 1)
        }
    }

    @Test("may be larger than the engine's batch; a round may not")
    func sizes() throws {
        let runner = try TestModel.tinyRunner(maximumOutputs: 2)
        #expect(try run(try request(2), runner).count { if case .sequenceFinished = $0 { true } else { false } } == 7)
        #expect(throws: GenerationError.groupTooLarge(3, maximumBatch: 2)) { try run(try request(3), runner) }
        #expect(throws: GenerationError.emptyBatch) { try request(0) }
    }

    @Test("cancelled between rounds, says that the others did not begin")
    func cancellation() throws {
        let runner = try TestModel.tinyRunner(maximumOutputs: 8)
        let session = try GenerationSession(try request(2), runner: runner, tokenizer: nil)
        var events: [GenerationEvent] = []
        var ended = 0
        while ended < 2 {
            _ = try session.step { event in
                events.append(event)
                if case .sequenceFinished = event { ended += 1 }
            }
        }
        session.cancel { events.append($0) }
        let reasons = events.compactMap { event -> StopReason? in
            if case .sequenceFinished(let sequence) = event { sequence.reason } else { nil }
        }
        #expect(reasons.count == 7)
        #expect(reasons.suffix(5).allSatisfy { $0 == .cancelled })
    }
}
