// The cache: however a sequence's tokens got there, the logits after them are the same.

import IQTensor
import IQText
import Testing
import _IQTestSupport

import IQModel

@Suite struct KVCacheTests {
    static let tokens: [TokenID] = [90, 81, 4, 19, 88, 70, 84, 46, 33, 88, 7, 88, 7, 21, 5, 66, 2, 9, 40, 31]
    /// Rounding differs with the shape of a step, not more.
    static let limit = 1e-5

    private func append(_ tokens: some Collection<TokenID>, to cache: KVCache, _ runner: DecoderRunner) throws
        -> [Float]
    {
        try runner.batch.append(tokens, to: cache, outputs: .last)
        return try runner.step().row(0)
    }

    @Test(arguments: TestModel.tiny)
    func readingInPiecesChangesNothing(name: String) throws {
        let runner = try TestModel.tinyRunner(name)
        let whole = try runner.allLogits(Self.tokens).values
        let vocabulary = runner.decoder.configuration.vocabularySize
        for lengths in [[1, 19], [7, 6, 5, 2], Array(repeating: 1, count: 20)] {
            let cache = runner.makeCache()
            var end = 0
            for length in lengths {
                let logits = try append(Self.tokens[end..<(end + length)], to: cache, runner)
                end += length
                #expect(
                    relativeDifference(logits, whole[((end - 1) * vocabulary)..<(end * vocabulary)]) < Self.limit
                )
            }
            #expect(cache.length == Self.tokens.count)
        }
    }

    /// The last layer computes only what rows with logits need: they get the same, and so do those that read its cache later.
    @Test(arguments: TestModel.tiny, InstructionLevel.supported)
    func rowsWithoutLogitsChangeNothing(name: String, level: InstructionLevel) throws {
        let runner = try TestModel.tinyRunner(name, level: level)
        let whole = try runner.allLogits(Self.tokens).values
        let vocabulary = runner.decoder.configuration.vocabularySize
        func expect(_ logits: FloatMatrix, row: Int, after position: Int) {
            let expected = whole[(position * vocabulary)..<((position + 1) * vocabulary)]
            #expect(relativeDifference(logits.row(row), expected) < Self.limit, "row \(row), position \(position)")
        }
        let silent = runner.makeCache()
        try runner.batch.append(Self.tokens[..<7], to: silent, outputs: .none)
        try runner.batch.append(Self.tokens[..<12], to: runner.makeCache(), outputs: .last)
        try runner.batch.append(Self.tokens[..<3], to: runner.makeCache(), outputs: .all)
        let mixed = try runner.step()
        #expect(mixed.rows == 4)
        for (row, position) in [11, 0, 1, 2].enumerated() { expect(mixed, row: row, after: position) }

        try runner.batch.append(Self.tokens[7..<13], to: silent, outputs: .none)
        #expect(try runner.step().rows == 0)
        try runner.batch.append(Self.tokens[13..<14], to: silent, outputs: .last)
        expect(try runner.step(), row: 0, after: 13)
    }

    @Test(arguments: ["llama_tied", "gemma3_text"])
    func forksShareThePromptAndGoTheirOwnWay(name: String) throws {
        let runner = try TestModel.tinyRunner(name)
        let prompt = Self.tokens.prefix(11)
        let parent = runner.makeCache()
        try parent.reserve(30)
        _ = try append(prompt, to: parent, runner)
        let forks = (0..<4).map { _ in parent.fork() }
        let continuations: [[TokenID]] = [[3, 1, 4], [1, 5, 9], [2, 6, 5], [8, 8, 8]]

        // Decoded together, each equals its own sequence read from the start.
        var together: [[Float]] = []
        for step in 0..<3 {
            for (fork, continuation) in zip(forks, continuations) {
                try runner.batch.append(CollectionOfOne(continuation[step]), to: fork, outputs: .last)
            }
            let logits = try runner.step()
            together = forks.indices.map { logits.row($0) }
        }
        for (logits, continuation) in zip(together, continuations) {
            let alone = try append(Array(prompt) + continuation, to: runner.makeCache(), runner)
            #expect(relativeDifference(logits, alone) < Self.limit)
        }
        // The parent writes on beside its forks without disturbing them, nor they it.
        let parentLogits = try append([17, 18] as [TokenID], to: parent, runner)
        #expect(
            relativeDifference(parentLogits, try append(Array(prompt) + [17, 18], to: runner.makeCache(), runner))
                < Self.limit
        )
        let forkLogits = try append([60] as [TokenID], to: forks[1], runner)
        #expect(
            relativeDifference(forkLogits, try append(Array(prompt) + [1, 5, 9, 60], to: runner.makeCache(), runner))
                < Self.limit
        )
    }

    @Test func rewindForgetsTheEnd() throws {
        let runner = try TestModel.tinyRunner()
        let cache = runner.makeCache()
        _ = try append(Self.tokens, to: cache, runner)
        for length in [13, 5, 0] {
            cache.rewind(to: length)
            #expect(cache.length == length)
            let logits = try append([50, 51] as [TokenID], to: cache, runner)
            let fresh = try append(Array(Self.tokens.prefix(length)) + [50, 51], to: runner.makeCache(), runner)
            #expect(relativeDifference(logits, fresh) < Self.limit)
            cache.rewind(to: length)
        }
    }

    /// A sequence that is rewound below what a fork sees must not overwrite the fork's tokens.
    @Test func rewindBelowAForkLeavesTheForkAlone() throws {
        let runner = try TestModel.tinyRunner()
        let parent = runner.makeCache()
        try parent.reserve(40)
        _ = try append(Self.tokens.prefix(12), to: parent, runner)
        let fork = parent.fork()
        parent.rewind(to: 4)
        _ = try append([70, 71, 72, 73, 74, 75, 76, 77, 78, 79] as [TokenID], to: parent, runner)
        let forkLogits = try append([50] as [TokenID], to: fork, runner)
        let fresh = try append(Array(Self.tokens.prefix(12)) + [50], to: runner.makeCache(), runner)
        #expect(relativeDifference(forkLogits, fresh) < Self.limit)
        fork.rewind(to: 2)
        let rewound = try append([9] as [TokenID], to: fork, runner)
        #expect(
            relativeDifference(rewound, try append(Array(Self.tokens.prefix(2)) + [9], to: runner.makeCache(), runner))
                < Self.limit
        )
    }

    @Test func forksOfForksShareAllSegments() throws {
        let runner = try TestModel.tinyRunner()
        var cache = runner.makeCache()
        var sequence: [TokenID] = []
        for piece in [[1, 2, 3], [4], [5, 6], [7, 8, 9, 10]] as [[TokenID]] {
            _ = try append(piece, to: cache, runner)
            sequence += piece
            cache = cache.fork()
        }
        let logits = try append([11] as [TokenID], to: cache, runner)
        let fresh = try append(sequence + [11], to: runner.makeCache(), runner)
        #expect(relativeDifference(logits, fresh) < Self.limit)
    }

    @Test func growthPastTheReserveContinuesInANewSegment() throws {
        let runner = try TestModel.tinyRunner()
        let cache = runner.makeCache()
        try cache.reserve(6)
        var logits: [Float] = []
        for token in Self.tokens { logits = try append(CollectionOfOne(token), to: cache, runner) }
        let fresh = try append(Self.tokens, to: runner.makeCache(), runner)
        #expect(relativeDifference(logits, fresh) < Self.limit)
    }

    /// Half precision rounds keys and values to 11 bits; the logits follow to about that.
    @Test(arguments: TestModel.tiny)
    func halfPrecisionCacheStaysClose(name: String) throws {
        let full = try append(Self.tokens, to: try TestModel.tinyRunner(name).makeCache(), TestModel.tinyRunner(name))
        let runner = try TestModel.tinyRunner(name, cacheFormat: .f16)
        let half = try append(Self.tokens, to: runner.makeCache(), runner)
        let difference = relativeDifference(half, full)
        #expect(difference < 5e-3)
        #expect(difference > 0)
    }
}
