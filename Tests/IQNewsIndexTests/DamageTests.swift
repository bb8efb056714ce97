import Foundation
import IQInterest
import IQNewsIndex
import IQTensor
import Testing

@Suite("A news index that is damaged, foreign or cut off in the middle")
struct DamageTests {
    private let scratch: ScratchIndex

    init() throws { scratch = try ScratchIndex() }

    private func build(_ count: Int = 200) async throws {
        let writer = try NewsIndexWriter(path: scratch.path)
        try await writer.add(try Sample.articles(count))
        try await writer.close()
    }

    @Test("that is not there says so, and a reader makes no file")
    func missing() {
        #expect(throws: NewsIndexError.notFound(path: scratch.path)) { try NewsIndex(path: scratch.path) }
        #expect(!FileManager.default.fileExists(atPath: scratch.path))
    }

    @Test("that is no database says so, and is left as it is by a writer")
    func foreignFile() throws {
        let text = Array("id,title\n1,This is a table of something else, and long enough to have a header.\n".utf8)
        let bytes = text + text + text
        try scratch.write(bytes)
        let expected = NewsIndexError.notAnIndex(path: scratch.path, reason: "it is no SQLite database")
        #expect(throws: expected) { try NewsIndex(path: scratch.path) }
        #expect(throws: expected) { try NewsIndexWriter(path: scratch.path) }
        #expect(try scratch.bytes == bytes)
    }

    @Test("of another version says which")
    func version() async throws {
        try await build(3)
        var bytes = try scratch.bytes
        // The user version stands at byte 60 of the header, big-endian; the application id at 68.
        bytes[63] = 9
        try scratch.write(bytes)
        #expect(throws: NewsIndexError.unsupportedVersion(path: scratch.path, found: 9, supported: 1)) {
            try NewsIndex(path: scratch.path)
        }
        bytes[68] = 0
        try scratch.write(bytes)
        #expect(
            throws: NewsIndexError.notAnIndex(path: scratch.path, reason: "it is another program's SQLite database")
        ) { try NewsIndex(path: scratch.path) }
    }

    @Test("that was cut short says that it is damaged", arguments: [0.1, 0.5, 0.9])
    func truncated(share: Double) async throws {
        try await build()
        let bytes = try scratch.bytes
        try scratch.write(Array(bytes.prefix(Int(Double(bytes.count) * share))))
        await #expect {
            let index = try NewsIndex(path: scratch.path)
            try await index.check()
        } throws: { error in
            if case .damaged = error as? NewsIndexError { true } else { false }
        }
    }

    @Test("with a page of noise is found by the check, and no search ends the process", arguments: 1..<12)
    func noise(page: Int) async throws {
        try await build()
        var bytes = try scratch.bytes
        var random = RandomStream(seed: UInt64(page))
        let start = min(page * 4096, bytes.count - 4096)
        for offset in start..<start + 4096 { bytes[offset] = UInt8(truncatingIfNeeded: random.next()) }
        try scratch.write(bytes)
        await #expect {
            let index = try NewsIndex(path: scratch.path)
            _ = try? await index.retrieve(["comet", "the harbour"], limit: 10, pool: .everything)
            try await index.check()
        } throws: { error in
            if case .damaged = error as? NewsIndexError { true } else { false }
        }
    }

    private struct Interruption: Error, Equatable {}

    @Test("holds each batch whole or not at all when a write fails before its commit", arguments: 0..<4)
    func interrupted(after commits: Int) async throws {
        let counter = Counter()
        let writer = try NewsIndexWriter(path: scratch.path, options: nil) {
            if counter.next() > commits { throw Interruption() }
        }
        await #expect(throws: Interruption()) { try await writer.add(try Sample.articles(4 * 256)) }
        let index = try NewsIndex(path: scratch.path)
        try await index.check()
        #expect(try await index.statistics().articles == commits * 256)
        // The one who comes next goes on.
        let next = try NewsIndexWriter(path: scratch.path)
        let changes = try await next.add(try Sample.articles(4 * 256))
        #expect(changes.unchanged == commits * 256 && changes.added == (4 - commits) * 256)
        try await NewsIndex(path: scratch.path).check()
    }
}

/// Counts across tasks.
final class Counter: Sendable {
    private let lock = NSLock()
    private nonisolated(unsafe) var count = 0

    func next() -> Int {
        lock.lock()
        defer { lock.unlock() }
        count += 1
        return count
    }
}
