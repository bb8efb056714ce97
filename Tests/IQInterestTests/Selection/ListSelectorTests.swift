// The best of several lists: which is chosen, when enough are written, and that nothing else changes it.

import IQInterest
import IQModel
import IQPolicy
import Synchronization
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a selection asks of a reward, and what it says.
private typealias ListReward = CompositeReward<InterestSample, InterestOutput>

/// Scores by text, so that the same list has the same score wherever it comes up: a number in 0 ..< 1 of its bytes.
private func score(_ text: String) -> Double {
    Double(text.utf8.reduce(UInt32(7)) { ($0 &* 31 &+ UInt32($1)) % 9973 }) / 9973
}

private func byText() throws -> ListReward {
    try ListReward {
        ClosureReward("text") { completion, _ in score(completion.text) }
        ClosureReward("none") { _, _ in nil }
    }
}

private func person(_ number: Int = 3) throws -> InterestSample {
    let signals = try (0..<3).map {
        try UserSignal(
            kind: .newsClick,
            time: Date(timeIntervalSince1970: 1_773_000_000 + Double($0)),
            text: "Story \(number) part \($0)"
        )
    }
    return InterestSample(id: "p\(number)", signals: signals)
}

private func makeSelector(
    _ candidates: Int,
    method: ListSelector.Method? = nil,
    round: Int? = nil,
    minimumGain: Double? = nil,
    batch: Int = 8,
    maximumTokens: Int = 24
) throws -> ListSelector {
    try ListSelector(
        generator: try TinyGenerator.generator(maximumBatch: batch, maximumTokens: maximumTokens),
        method: try method ?? .best(try byText()),
        options: try SelectionOptions(candidates: candidates, round: round, minimumGain: minimumGain)
    )
}

@Suite("The best of several lists")
struct ListSelectorTests {
    @Test("is the one with the largest reward, and all candidates are reported with their rewards")
    func best() async throws {
        let selected = try await makeSelector(8).list(for: try person())
        #expect(selected.candidates.count == 8)
        #expect(Set(selected.candidates.map(\.text)).count == 8)
        for candidate in selected.candidates {
            #expect(candidate.score == score(candidate.text))
            #expect(candidate.rewards == ["text": score(candidate.text)], "what does not apply is not there")
        }
        let largest = try #require(selected.candidates.compactMap(\.score).max())
        #expect(selected.score == largest)
        guard case .candidate(let index) = selected.origin else {
            Issue.record("no candidate: \(selected.origin)")
            return
        }
        #expect(selected.list == selected.candidates[index].list)
        #expect(selected.generatedTokens == selected.candidates.reduce(0) { $0 + $1.generatedTokens })
        #expect(selected.promptTokens > 0 && selected.signalsShown == 3 && selected.signalsGiven == 3)
        #expect(selected.lastGain == nil)
    }

    @Test("of fewer lists is chosen among the first of the same lists, whatever the rounds and the batch")
    func prefixes() async throws {
        let all = try await makeSelector(9, batch: 9).list(for: try person(), firstStream: 64).candidates
        for (count, round, batch) in [(9, 2, 8), (9, 9, 16), (4, nil, 3), (1, nil, 8), (5, 5, 5)] as [(Int, Int?, Int)]
        {
            let some = try await makeSelector(count, round: round, batch: batch).list(
                for: try person(),
                firstStream: 64
            )
            #expect(some.candidates == Array(all.prefix(count)), "\(count) in rounds of \(round ?? 0)")
        }
        let others = try await makeSelector(9, batch: 9).list(for: try person(), firstStream: 65).candidates
        #expect(Array(others.dropLast()).map(\.text) == Array(all.dropFirst()).map(\.text))
    }

    @Test("does not depend on the order of the signals")
    func order() async throws {
        let sample = try person()
        let turned = InterestSample(id: sample.id, signals: sample.signals.reversed())
        #expect(try await makeSelector(2).list(for: turned) == makeSelector(2).list(for: sample))
    }

    @Test("comes of equal rewards from the first list, and lists without a reward come last")
    func ties() async throws {
        let equal = ListSelector.Method.best(try ListReward { ClosureReward("one") { _, _ in 1 } })
        #expect(try await makeSelector(4, method: equal).list(for: try person()).origin == .candidate(0))
        let texts = try await makeSelector(4).list(for: try person()).candidates.map(\.text)
        let last = ListSelector.Method.best(
            try ListReward { ClosureReward("last") { completion, _ in completion.text == texts[3] ? -5 : nil } }
        )
        let selected = try await makeSelector(4, method: last).list(for: try person())
        #expect(selected.origin == .candidate(3))
        #expect(selected.score == -5)
        let none = ListSelector.Method.best(try ListReward { ClosureReward("none") { _, _ in nil } })
        #expect(try await makeSelector(4, method: none).list(for: try person()).origin == .candidate(0))
    }

    /// After 0, 1 | 1, 1 every pair has a 1, so E_2 = E_4 = 1: the second round was worth nothing. After 0, 0 | 0, 4 half of the pairs
    /// have the 4, so E_2 = 2 and E_4 = 4; after 4, 4 more any four of the six have a 4, so E_4 = E_6 = 4.
    @Test("is settled as soon as a round is worth less than the least gain, and later rounds are not written")
    func earlyStop() async throws {
        func run(_ scores: [Double], gain: Double) async throws -> (SelectedList, judged: Int) {
            let place = Mutex(0)
            let reward = try ListReward {
                ClosureReward(
                    "given",
                    group: { completions, _ in
                        completions.map { _ in
                            RewardScore(
                                place.withLock { place in
                                    defer { place += 1 }
                                    return scores[place]
                                }
                            )
                        }
                    }
                )
            }
            let selected = try await makeSelector(8, method: .best(reward), round: 2, minimumGain: gain)
                .list(for: try person())
            return (selected, place.withLock { $0 })
        }
        let (settled, judged) = try await run([0, 1, 1, 1, 9, 9, 9, 9], gain: 0.01)
        #expect(settled.candidates.count == 4 && judged == 4)
        #expect(settled.origin == .candidate(1))
        #expect(try abs(#require(settled.lastGain)) < 1e-12)
        let (late, _) = try await run([0, 0, 0, 4, 4, 4, 4, 4], gain: 2)
        #expect(late.candidates.count == 6)
        #expect(try abs(#require(late.lastGain)) < 1e-12)
        let (all, _) = try await run([0, 0, 0, 0, 0, 0, 0, 1], gain: 0)
        #expect(all.candidates.count == 8, "no gain is less than 0")
        #expect(all.lastGain == nil && all.origin == .candidate(7))
    }

    @Test("leaves no generation behind when it is settled early or cancelled", .timeLimit(.minutes(1)))
    func cleanUp() async throws {
        let generator = try TinyGenerator.generator(maximumBatch: 2)
        let equal = ListSelector.Method.best(try ListReward { ClosureReward("one") { _, _ in 1 } })
        let options = try SelectionOptions(candidates: 32, round: 1, minimumGain: 0.5)
        let settled = try await ListSelector(generator: generator, method: equal, options: options)
            .list(for: try person())
        #expect(settled.candidates.count == 2)
        let selector = try ListSelector(generator: generator, method: equal, options: options)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await selector.list(for: try person())
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        while await generator.engine.sessionCount > 0 { await Task.yield() }
    }

    @Test("may be merged out of what the lists agree on")
    func merged() async throws {
        let selected = try await makeSelector(
            4,
            method: .selfConsistent(try SelfConsistency(support: 0)),
            maximumTokens: 200
        )
        .list(for: try person())
        let written = selected.candidates.flatMap(\.list.queries)
        guard case .merged(let support) = selected.origin else {
            Issue.record("not merged: \(selected.origin)")
            return
        }
        #expect(selected.list.count == support.count)
        #expect(!selected.list.isEmpty && selected.list.allSatisfy(written.contains))
        #expect(selected.score == nil && selected.candidates.allSatisfy { $0.score == nil && $0.rewards.isEmpty })
    }

    @Test("fails with what the reward throws, and for a person without signals")
    func failures() async throws {
        let failing = ListSelector.Method.best(
            try ListReward { ClosureReward("broken") { _, _ in throw SignalError.emptyText } }
        )
        await #expect(throws: RewardFailure.self) { try await makeSelector(2, method: failing).list(for: try person()) }
        await #expect(throws: InterestQueryError.noSignals) {
            try await makeSelector(2).list(for: InterestSample(id: "nobody", signals: []))
        }
    }

    @Test("refuses options that cannot be meant")
    func refusals() throws {
        for (candidates, round, gain) in [(0, nil, nil), (33, nil, nil), (4, 5, nil), (4, 0, nil)]
            as [(Int, Int?, Double?)]
        {
            #expect(throws: SelectionError.self) {
                try SelectionOptions(candidates: candidates, round: round, minimumGain: gain)
            }
        }
        #expect(throws: SelectionError.self) { try SelectionOptions(candidates: 4, minimumGain: 0.1) }
        #expect(throws: SelectionError.self) { try SelectionOptions(candidates: 4, round: 3, minimumGain: 0.1) }
        #expect(throws: SelectionError.self) { try SelectionOptions(candidates: 4, round: 2, minimumGain: -0.1) }
        #expect(throws: SelectionError.greedySampling(lists: 2)) {
            try ListSelector(
                generator: try TinyGenerator.generator(temperature: 0),
                method: .best(try byText()),
                options: try SelectionOptions(candidates: 2)
            )
        }
        #expect(throws: GenerationError.groupTooLarge(4, maximumBatch: 2)) { try makeSelector(8, round: 4, batch: 2) }
        #expect(throws: SelectionError.self) {
            try makeSelector(8, method: .selfConsistent(try SelfConsistency()), round: 2, minimumGain: 0.1)
        }
    }
}

@Suite("Chosen lists for a file of people")
struct SelectedListsTests {
    private func lines(
        _ selector: ListSelector,
        _ path: String,
        selection: RecordSelection = .all,
        people: Int? = 2
    ) async throws -> [ListedLine<SelectedList>] {
        var lines: [ListedLine<SelectedList>] = []
        for try await line in selector.lists(
            for: PersonLineReader(path: path, selection: selection),
            people: people
        ) { lines.append(line) }
        return lines
    }

    @Test("come in order, one for each record, and say which records have none")
    func order() async throws {
        let file = try TemporaryFile(
            [TinyGenerator.line(0), "", #"{"id": "nobody", "signals": []}"#, "{", TinyGenerator.line(3)]
                .joined(separator: "\n")
        )
        let lines = try await lines(try makeSelector(3), file.path)
        #expect(lines.map(\.number) == [1, 3, 4, 5])
        #expect(lines.map(\.id) == ["p0", "nobody", nil, "p3"])
        #expect(lines[1].result == .failure(.noList(.noSignals)))
        #expect(throws: ListedLineProblem.self) { try lines[2].result.get() }
        #expect(try lines[3].result.get().candidates.count == 3)
    }

    @Test("are the same whatever the people at a time, the shards, and the place where a run begins")
    func independence() async throws {
        let file = try TemporaryFile((0..<9).map { TinyGenerator.line($0) + "\n" }.joined())
        let expected = try await lines(try makeSelector(3), file.path, people: 1)
        #expect(expected.count == 9)
        #expect(Set(try expected.flatMap { try $0.result.get().candidates.map(\.text) }).count == 27)
        for people in [2, 5] { #expect(try await lines(try makeSelector(3), file.path, people: people) == expected) }
        let rest = try await lines(try makeSelector(3), file.path, selection: RecordSelection(skipping: 4))
        #expect(rest == Array(expected[4...]))
        let shard = try await lines(try makeSelector(3), file.path, selection: RecordSelection(shard: 1, of: 3))
        #expect(shard == expected.filter { $0.index % 3 == 1 })
    }

    /// Rounds of several people share the engine's places; each person's are those of that person alone.
    @Test("are what each person gets alone, in rounds that end early too")
    func alone() async throws {
        let file = try TemporaryFile((0..<7).map { TinyGenerator.line($0) + "\n" }.joined())
        for (candidates, round, gain, batch) in [(6, 2, 0.08, 8), (6, 2, 0.08, 2), (7, 3, nil, 5), (1, nil, nil, 4)]
            as [(Int, Int?, Double?, Int)]
        {
            let selector = try makeSelector(candidates, round: round, minimumGain: gain, batch: batch)
            let found = try await lines(selector, file.path, people: nil)
            let reader = PersonLineReader(path: file.path)
            var counts: Set<Int> = []
            for line in found {
                let person = try #require(try await reader.next()).person.get()
                let alone = try await selector.list(
                    for: InterestSample(id: person.id, signals: person.signals, language: person.language),
                    firstStream: UInt64(line.index * SelectionOptions.maximumCandidates)
                )
                #expect(try line.result.get() == alone)
                counts.insert(alone.candidates.count)
            }
            #expect(found.count == 7)
            #expect(gain == nil || counts.count > 1, "some ended early: \(counts)")
        }
    }

    @Test("end with the error of a reward behind the people before", .timeLimit(.minutes(1)))
    func failure() async throws {
        let file = try TemporaryFile((0..<6).map { TinyGenerator.line($0) + "\n" }.joined())
        let reward = try ListReward {
            ClosureReward("broken") { _, sample in
                if sample.id == "p3" { throw SignalError.emptyText }
                return 1
            }
        }
        let selector = try makeSelector(2, method: .best(reward))
        var ids: [String?] = []
        do {
            for try await line in selector.lists(for: PersonLineReader(path: file.path), people: 4) {
                ids.append(line.id)
            }
            Issue.record("the error is lost")
        } catch let error as RewardFailure {
            #expect(error.reward == "broken")
        }
        #expect(ids == ["p0", "p1", "p2"])
    }

    @Test("end with a cancellation, and the work for people to come with them", .timeLimit(.minutes(1)))
    func cancellation() async throws {
        let file = try TemporaryFile((0..<40).map { TinyGenerator.line($0) + "\n" }.joined())
        let selector = try makeSelector(2)
        let count = Mutex(0)
        let task = Task {
            for try await _ in selector.lists(for: PersonLineReader(path: file.path), people: 3) {
                let done = count.withLock {
                    $0 += 1
                    return $0
                }
                if done == 2 { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect((2..<40).contains(count.withLock { $0 }))
        while await selector.generator.engine.sessionCount > 0 { await Task.yield() }
    }
}
