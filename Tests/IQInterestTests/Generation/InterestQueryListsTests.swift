// Lists for a file of any length: order, one result to a record, the same lists however the work is cut, bounded memory.

import IQInterest
import IQModel
import Synchronization
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@Suite("Lists for a file of people")
struct InterestQueryListsTests {
    private func lines(
        _ generator: InterestQueryGenerator,
        _ path: String,
        selection: RecordSelection = .all,
        window: Int? = nil
    ) async throws -> [ListedLine<InterestQueryResult>] {
        var lines: [ListedLine<InterestQueryResult>] = []
        for try await event in generator.lists(
            for: PersonLineReader(path: path, selection: selection),
            window: window
        ) {
            if case .line(let line) = event { lines.append(line) }
        }
        return lines
    }

    @Test("come in the order of the records, one for each, blank lines left out")
    func order() async throws {
        let file = try TemporaryFile(
            [
                TinyGenerator.line(0), "", #"{"id": "nobody", "signals": []}"#, "{", TinyGenerator.line(3),
                TinyGenerator.line(4), #"{"id": "p5"}"#, TinyGenerator.line(6),
            ].joined(separator: "\n")
        )
        let lines = try await lines(try TinyGenerator.generator(maximumBatch: 2), file.path)
        #expect(lines.map(\.number) == [1, 3, 4, 5, 6, 7, 8])
        #expect(lines.map(\.index) == Array(0..<7))
        #expect(lines.map(\.id) == ["p0", "nobody", nil, "p3", "p4", nil, "p6"])
        #expect(lines[1].result == .failure(.noList(.noSignals)))
        guard case .failure(.invalidLine(let notJSON)) = lines[2].result,
            case .failure(.invalidLine(let noSignals)) = lines[5].result
        else {
            Issue.record("lines 4 and 7 hold no person")
            return
        }
        #expect(notJSON.line == 4)
        #expect(noSignals == InvalidLine(line: 7, column: 1, field: "signals", problem: .missingField))
        for index in [0, 3, 4, 6] { #expect(try lines[index].result.get().person == index) }
    }

    /// Sampled lists: any token that depended on its neighbours, or a stream on the place in a batch, would show.
    @Test("are the same whatever the batch, the window, the shards and the place where a run begins")
    func independence() async throws {
        let count = 13
        let file = try TemporaryFile((0..<count).map { TinyGenerator.line($0) + "\n" }.joined())
        let expected = try await lines(try TinyGenerator.generator(maximumBatch: 1), file.path, window: 1)
        #expect(expected.count == count)
        #expect(Set(try expected.map { try $0.result.get().text }).count == count)
        #expect(Set(try expected.map { try $0.result.get().generatedTokens }).count > 1, "lists end at different times")
        for (batch, window) in [(3, 3), (4, nil), (8, 100), (2, 1)] as [(Int, Int?)] {
            let generator = try TinyGenerator.generator(maximumBatch: batch)
            #expect(try await lines(generator, file.path, window: window) == expected, "batch \(batch)")
        }
        let generator = try TinyGenerator.generator(maximumBatch: 5)
        for skipped in [1, 7, count] {
            let rest = try await lines(generator, file.path, selection: RecordSelection(skipping: skipped))
            #expect(rest == Array(expected[skipped...]))
        }
        for shard in 0..<3 {
            let share = try await lines(
                generator,
                file.path,
                selection: RecordSelection(shard: shard, of: 3, skipping: 1)
            )
            #expect(share == expected.filter { $0.index % 3 == shard && $0.index >= 3 })
        }
    }

    @Test("report queries as they are written, and each in its list")
    func queries() async throws {
        let file = try TemporaryFile((0..<5).map { TinyGenerator.line($0) + "\n" }.joined())
        let generator = try TinyGenerator.generator(maximumBatch: 2, maximumTokens: 200)
        var early: [Int: [String]] = [:]
        var lists: [Int: [String]] = [:]
        for try await event in generator.lists(for: PersonLineReader(path: file.path)) {
            switch event {
            case .query(let index, let id, let query):
                #expect(id == "p\(index)" && lists[index] == nil)
                early[index, default: []].append(query)
            case .line(let line): lists[line.index] = try line.result.get().list.queries
            }
        }
        #expect(lists.count == 5)
        #expect(early == lists.filter { !$0.value.isEmpty })
        #expect(!early.isEmpty)
    }

    @Test("hold no more records than the window, whatever waits in the file")
    func boundedMemory() async throws {
        let file = try TemporaryFile((0..<200).map { TinyGenerator.line($0) + "\n" }.joined())
        let prepared = Mutex(0)
        let lists = try TinyGenerator.generator(maximumBatch: 2)
            .lists(for: PersonLineReader(path: file.path), window: 6) { person in
                prepared.withLock { $0 += 1 }
                return person
            }
        var delivered = 0
        var most = 0
        for try await event in lists {
            if case .line = event { delivered += 1 }
            most = max(most, prepared.withLock { $0 } - delivered)
        }
        #expect(delivered == 200)
        // The window, as many waiting in the feed, and one in the feed's hand.
        #expect(most <= 6 + 6 + 1)
    }

    @Test("come before a slow pipe has brought the next person", .timeLimit(.minutes(1)))
    func slowPipe() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "iq-\(UUID().uuidString)").path
        #expect(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        // Both ends, so that opening waits for nobody.
        let pipe = open(path, O_RDWR)
        try #require(pipe >= 0)
        func send(_ number: Int) {
            let line = Array((TinyGenerator.line(number) + "\n").utf8)
            #expect(write(pipe, line, line.count) == line.count)
        }
        send(0)
        var iterator = try TinyGenerator.generator().lists(for: PersonLineReader(path: path)).makeAsyncIterator()
        for number in 0..<3 {
            var line: ListedLine<InterestQueryResult>?
            while line == nil, let event = try await iterator.next() {
                if case .line(let found) = event { line = found }
            }
            // Only now does the next person come.
            #expect(line?.id == "p\(number)")
            send(number + 1)
        }
        close(pipe)
    }

    @Test("end with the reason when the file cannot be read")
    func missingFile() async throws {
        let generator = try TinyGenerator.generator()
        await #expect(throws: SignalFileError.notFound(path: "no/people")) {
            try await lines(generator, "no/people")
        }
    }

    @Test("end with the error of the preparation, after the lists of the people before", .timeLimit(.minutes(1)))
    func preparationFails() async throws {
        let file = try TemporaryFile((0..<9).map { TinyGenerator.line($0) + "\n" }.joined())
        let lists = try TinyGenerator.generator(maximumBatch: 2)
            .lists(for: PersonLineReader(path: file.path)) { person in
                if person.id == "p6" { throw SignalError.emptyText }
                return person
            }
        var ids: [String?] = []
        do {
            for try await event in lists { if case .line(let line) = event { ids.append(line.id) } }
            Issue.record("the error is lost")
        } catch let error as SignalError {
            #expect(error == .emptyText)
        }
        #expect(ids == (0..<6).map { "p\($0)" })
    }

    @Test("end with a cancellation and no list that is cut off", .timeLimit(.minutes(1)))
    func cancellation() async throws {
        let file = try TemporaryFile((0..<50).map { TinyGenerator.line($0) + "\n" }.joined())
        let generator = try TinyGenerator.generator(maximumTokens: 200)
        let whole = try await lines(generator, file.path)
        let kept = Mutex<[ListedLine<InterestQueryResult>]>([])
        let task = Task {
            for try await event in generator.lists(for: PersonLineReader(path: file.path)) {
                guard case .line(let line) = event else { continue }
                let count = kept.withLock {
                    $0.append(line)
                    return $0.count
                }
                if count == 5 { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        let lines = kept.withLock { $0 }
        #expect(lines.count >= 5 && lines.count < 50)
        #expect(lines == Array(whole.prefix(lines.count)))
    }
}

@Suite("A selection of records")
struct RecordSelectionTests {
    private func ids(_ selection: RecordSelection, of count: Int) async throws -> [String] {
        let file = try TemporaryFile((0..<count).map { TinyGenerator.line($0) + "\n" }.joined(separator: "\n"))
        let reader = PersonLineReader(path: file.path, selection: selection)
        var ids: [String] = []
        while let line = try await reader.next() { ids.append(try line.person.get().id) }
        return ids
    }

    @Test(
        "takes every nth record, behind those passed over, up to the limit",
        arguments: [
            (RecordSelection(), ["p0", "p1", "p2", "p3", "p4", "p5", "p6"]),
            (RecordSelection(shard: 1, of: 3), ["p1", "p4"]),
            (RecordSelection(shard: 0, of: 3, skipping: 1), ["p3", "p6"]),
            (RecordSelection(shard: 0, of: 3, skipping: 1, limit: 2), ["p3"]),
            (RecordSelection(shard: 2, of: 3, limit: 1), ["p2"]), (RecordSelection(limit: 0), []),
            (RecordSelection(skipping: 9), []), (RecordSelection(shard: 7, of: 8), []),
        ]
    )
    func selection(_ selection: RecordSelection, _ expected: [String]) async throws {
        #expect(try await ids(selection, of: 7) == expected)
    }

    @Test("may be looked at before it is taken")
    func peek() async throws {
        let file = try TemporaryFile((0..<2).map { TinyGenerator.line($0) + "\n" }.joined())
        let reader = PersonLineReader(path: file.path)
        #expect(try await reader.peek()?.index == 0)
        #expect(try await reader.peek()?.index == 0)
        #expect(try await reader.next()?.index == 0)
        #expect(try await reader.next()?.index == 1)
        #expect(try await reader.peek() == nil)
        #expect(try await reader.next() == nil)
    }

    /// A line that would take too much memory is passed over in bounded memory, and is a record.
    @Test("counts a line that is too long")
    func tooLong() async throws {
        let file = try TemporaryFile(
            "\(TinyGenerator.line(0))\n\(String(repeating: "x", count: 5000))\n\(TinyGenerator.line(2))"
        )
        let reader = PersonLineReader(path: file.path, options: SignalFileOptions(maximumLineBytes: 1000))
        #expect(try await reader.next()?.index == 0)
        let long = try await reader.next()
        #expect(long?.person == .failure(InvalidLine(line: 2, problem: .lineTooLong(maximumBytes: 1000))))
        #expect(try await reader.next()?.index == 2)
        #expect(try await reader.next() == nil)
        #expect(try await reader.next() == nil)
    }
}
