// Prompts that begin alike: the beginning is read once, and nobody's numbers depend on who read it.

import IQTensor
import IQText
import Testing
import _IQTestSupport

import IQModel

@Suite("The beginning that prompts share") struct PromptBeginningTests {
    private static let beginning: [TokenID] = (0..<9).map { TokenID(11 + 5 * $0 % 50) }
    private static let prompts: [[TokenID]] = (0..<6).map { number in
        beginning + (0...number).map { TokenID(3 + number + $0) }
    }

    private func sequences(
        of prompts: [[TokenID]],
        beginning: Int,
        members: Int = 1,
        streams: [UInt64],
        on runner: DecoderRunner
    ) throws -> [GeneratedSequence] {
        let request = try GenerationRequest(
            prompts: prompts,
            beginnings: prompts.map { _ in beginning },
            groupSize: members,
            options: try GenerationOptions(
                maximumTokens: 6,
                sampling: try SamplingOptions(temperature: 1),
                seed: 7,
                stopsAtEndOfText: false
            ),
            endTokens: [],
            firstStreams: streams
        )
        let session = try GenerationSession(request, runner: runner, tokenizer: nil)
        var sequences: [GeneratedSequence] = []
        while try session.step({ event in
            if case .sequenceFinished(let sequence) = event { sequences.append(sequence) }
        }) {}
        return sequences.sorted { $0.sequence < $1.sequence }
    }

    @Test("gives the same bits whoever read it, and those of a prompt read at once to rounding", arguments: [1, 3])
    func independence(members: Int) throws {
        let runner = try TestModel.tinyRunner(maximumOutputs: 6)
        let streams = Self.prompts.indices.map { UInt64(100 * $0) }
        let count = Self.beginning.count
        let together = try sequences(of: Self.prompts, beginning: count, members: members, streams: streams, on: runner)
        #expect(together.count == Self.prompts.count * members)
        #expect(runner.beginnings.count == 1)
        for (number, prompt) in Self.prompts.enumerated() {
            let group = Array(together[number * members..<(number + 1) * members])
            for isKept in [true, false] {
                if !isKept { runner.beginnings.removeAll() }
                let alone = try sequences(
                    of: [prompt],
                    beginning: count,
                    members: members,
                    streams: [streams[number]],
                    on: runner
                )
                #expect(alone.map(\.tokens) == group.map(\.tokens))
                #expect(alone.map(\.logProbabilities) == group.map(\.logProbabilities), "to the last bit")
            }
            let whole = try sequences(
                of: [prompt],
                beginning: 0,
                members: members,
                streams: [streams[number]],
                on: runner
            )
            for (one, other) in zip(whole, group) {
                #expect(one.tokens == other.tokens)
                let differences = zip(one.rawLogProbabilities, other.rawLogProbabilities).map { abs($0 - $1) }
                #expect(differences.allSatisfy { $0 < 1e-4 }, "\(differences)")
            }
        }
    }

    @Test("is read piece by piece where it is longer than a step")
    func longBeginning() throws {
        let prompt = Self.prompts[3]
        let (small, large) = (
            try TestModel.tinyRunner(maximumRows: 4, maximumOutputs: 4), try TestModel.tinyRunner(maximumOutputs: 4)
        )
        for _ in 0..<2 {
            let pieces = try sequences(of: [prompt], beginning: 9, streams: [0], on: small)
            let whole = try sequences(of: [prompt], beginning: 9, streams: [0], on: large)
            #expect(pieces.map(\.tokens) == whole.map(\.tokens))
        }
        #expect(small.beginnings.count == 1)
    }

    @Test("is kept while there is room, the longest unused one goes first")
    func room() throws {
        let runner = try TestModel.tinyRunner(maximumOutputs: 2)
        let beginnings = runner.beginnings
        func tokens(_ number: Int) -> [TokenID] { Array(repeating: TokenID(number), count: PromptBeginnings.limit / 4) }
        for number in 1...4 { beginnings.keep(runner.makeCache(), of: tokens(number)[...]) }
        #expect(beginnings.cache(behind: tokens(1)[...]) != nil)
        beginnings.keep(runner.makeCache(), of: tokens(5)[...])
        #expect(beginnings.count == 4)
        #expect(beginnings.cache(behind: tokens(2)[...]) == nil)
        #expect(beginnings.cache(behind: tokens(1)[...]) != nil)
        beginnings.keep(runner.makeCache(), of: (tokens(6) + tokens(6) + tokens(6) + tokens(6) + [1])[...])
        #expect(beginnings.count == 4, "one that is too long is not kept")
    }

    @Test("is forgotten with the model that read it")
    func otherModel() throws {
        let runner = try TestModel.tinyRunner(maximumOutputs: 2)
        _ = try sequences(of: [Self.prompts[0]], beginning: 5, streams: [0], on: runner)
        #expect(runner.beginnings.count == 1)
        let decoder = runner.decoder
        runner.decoder = decoder
        #expect(runner.beginnings.count == 0)
    }
}
