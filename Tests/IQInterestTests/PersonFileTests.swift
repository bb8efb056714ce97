import IQInterest
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A file in the temporary folder, removed with this value.
final class TemporaryFile {
    let path: String

    init(_ bytes: some Sequence<UInt8>) throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("iq-\(UUID().uuidString).jsonl")
        path = url.path
        try Data(bytes).write(to: url)
    }

    convenience init(_ text: String) throws { try self.init(text.utf8) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite("A file of people")
struct PersonFileTests {
    private let line = #"{"id":"p1","signals":[{"kind":"newsClick","time":10,"text":"A title"}]}"#

    private func failure(_ bytes: some Sequence<UInt8>, _ options: SignalFileOptions = .init()) throws -> InvalidLine? {
        let file = try TemporaryFile(bytes)
        do {
            _ = try PersonFile(path: file.path, options: options).readAll()
            return nil
        } catch {
            guard case .invalidLine(_, let line) = error else { return nil }
            return line
        }
    }

    private func failure(_ text: String, _ options: SignalFileOptions = .init()) throws -> InvalidLine? {
        try failure(text.utf8, options)
    }

    @Test("gives one person for each line, through byte order mark, CR LF, blank lines and a missing last line break")
    func awkwardButRight() async throws {
        let second = line.replacing("p1", with: "p2")
        let file = try TemporaryFile("\u{FEFF}\(line)\r\n\r\n   \t\n\(second)")
        var ids: [String] = []
        for try await person in PersonFile(path: file.path) { ids.append(person.id) }
        #expect(ids == ["p1", "p2"])
    }

    @Test("may be empty")
    func empty() throws {
        for text in ["", "\n", "\u{FEFF}", "\r\n\r\n"] {
            let file = try TemporaryFile(text)
            #expect(try PersonFile(path: file.path).readAll().isEmpty)
        }
    }

    @Test("keeps every field, and passes over fields that it does not know")
    func fields() throws {
        let file = try TemporaryFile(
            #"{"note":{"a":[1,null]},"id":"p","language":"de","signals":[{"kind":"pageVisit","time":"2026-03-14T08:30:00Z","#
                + #""text":"\ud83d\ude80 T\u00e4","url":"https://a.example/","category":"x","more":1}]}"#
        )
        let person = try #require(try PersonFile(path: file.path).readAll().first)
        #expect(person.language == "de")
        #expect(person.signals.first?.text == "🚀 Tä")
        #expect(person.signals.first?.url?.absoluteString == "https://a.example/")
        #expect(person.signals.first?.category == "x")
    }

    @Test("takes null for a field that may be missing")
    func nulls() throws {
        let file = try TemporaryFile(
            #"{"id":"p","language":null,"signals":[{"kind":"pageVisit","time":1.5,"text":"t","url":null,"category":null}]}"#
        )
        #expect(try PersonFile(path: file.path).readAll().first?.signals.first?.time.timeIntervalSince1970 == 1.5)
    }

    @Test("says which line, column and field is wrong, and how")
    func places() throws {
        let cases: [(String, InvalidLine)] = [
            (
                #"{"id":"p","signals":[{"kind":"newsClick","time":10,"text":""}]}"#,
                InvalidLine(line: 1, column: 59, field: "signals[0].text", problem: .invalidValue(.emptyText))
            ),
            (
                "\n" + #"{"id":"p","signals":[{"kind":"newsclick","time":10,"text":"x"}]}"#,
                InvalidLine(
                    line: 2,
                    column: 30,
                    field: "signals[0].kind",
                    problem: .unknownKind("newsclick", accepted: ["newsClick", "pageVisit", "webSearch"])
                )
            ),
            (#"{"signals":[]}"#, InvalidLine(line: 1, column: 1, field: "id", problem: .missingField)),
            (
                #"{"id":7,"signals":[]}"#,
                InvalidLine(
                    line: 1,
                    column: 7,
                    field: "id",
                    problem: .wrongType(expected: "a string", found: "a number")
                )
            ),
            (
                #"{"id":"","signals":[]}"#,
                InvalidLine(line: 1, column: 7, field: "id", problem: .invalidValue(.invalidPersonID("")))
            ),
            (
                #"{"id":"p","signals":[{"kind":"newsClick","text":"x"}]}"#,
                InvalidLine(line: 1, column: 22, field: "signals[0].time", problem: .missingField)
            ),
            (
                #"{"id":"p","signals":[{"kind":"newsClick","time":1773477000000,"text":"x"}]}"#,
                InvalidLine(
                    line: 1,
                    column: 49,
                    field: "signals[0].time",
                    problem: .invalidValue(.timeOutOfRange(seconds: 1_773_477_000_000))
                )
            ),
            (
                #"{"kind":"newsClick","time":1,"text":"x","person":"p"}"#,
                InvalidLine(line: 1, column: 1, problem: .signalInsteadOfPerson)
            ),
        ]
        for (text, expected) in cases { #expect(try failure(text) == expected) }
    }

    @Test(
        "refuses what is not JSON, at its place",
        arguments: [
            ("{", 2), ("nonsense", 2), (#"{"id":"p","id":"q","signals":[]}"#, 12), (#"{"id":"p","signals":[]} x"#, 25),
            (#"{"id":"\ud800","signals":[]}"#, 8), (#"{"id":"p","signals":[],}"#, 24), (#"{"id":01}"#, 7),
        ]
    )
    func notJSON(text: String, column: Int) throws {
        let line = try #require(try failure(text))
        #expect(line.column == column)
        guard case .notJSON = line.problem else {
            Issue.record("\(line)")
            return
        }
    }

    @Test("refuses invalid UTF-8, and names UTF-16 for what it is")
    func encodings() throws {
        let invalid = Array(#"{"id":""#.utf8) + [0xFF] + Array(#"","signals":[]}"#.utf8)
        #expect(try failure(invalid)?.column == 8)
        let utf16: [UInt8] = [0xFF, 0xFE] + line.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(try failure(utf16) == InvalidLine(line: 1, problem: .notUTF8))
    }

    @Test("does not nest without end")
    func depth() throws {
        #expect(try failure(String(repeating: "[", count: 1_000_000)) != nil)
    }

    @Test("has lines of bounded length: a longer one is passed over in pieces", arguments: [80, 81, 65_536, 300_000])
    func longLines(length: Int) throws {
        let long = String(repeating: "x", count: length)
        let options = SignalFileOptions(maximumLineBytes: 79)
        #expect(
            try failure("\(line)\r\n\(long)\n\(line)", options)
                == InvalidLine(line: 2, problem: .lineTooLong(maximumBytes: 79))
        )
    }

    @Test("accepts a line of exactly the longest length, whatever ends it", arguments: ["", "\n", "\r\n"])
    func longestLine(end: String) throws {
        let file = try TemporaryFile(line + end)
        let options = SignalFileOptions(maximumLineBytes: line.utf8.count)
        #expect(try PersonFile(path: file.path, options: options).readAll().count == 1)
        #expect(
            try failure(line + end, SignalFileOptions(maximumLineBytes: line.utf8.count - 1))?.problem
                == .lineTooLong(maximumBytes: line.utf8.count - 1)
        )
    }

    @Test("may skip what is wrong, and reports it")
    func skipping() async throws {
        let file = try TemporaryFile("{\n\(line)\n7\n")
        let (stream, continuation) = AsyncStream<SignalFileError>.makeStream()
        let options = SignalFileOptions(invalidLines: .skip { continuation.yield($0) })
        #expect(try PersonFile(path: file.path, options: options).readAll().map(\.id) == ["p1"])
        continuation.finish()
        var lines: [Int] = []
        for await case .invalidLine(_, let line) in stream { lines.append(line.line) }
        #expect(lines == [1, 3])
    }

    @Test("is at its end after an error")
    func afterError() async throws {
        let file = try TemporaryFile("{\n\(line)\n")
        var iterator = PersonFile(path: file.path).makeAsyncIterator()
        await #expect(throws: SignalFileError.self) { try await iterator.next() }
        #expect(try await iterator.next() == nil)
    }

    @Test("that is missing, or a folder, is named")
    func missing() {
        #expect(throws: SignalFileError.notFound(path: "no/such/file")) {
            try PersonFile(path: "no/such/file").readAll()
        }
        #expect {
            try PersonFile(path: "/").readAll()
        } throws: { error in
            if case .unreadable(path: "/", _) = error as? SignalFileError { true } else { false }
        }
    }

    @Test("may hold kinds of an app's own, once they are accepted")
    func ownKinds() throws {
        let file = try TemporaryFile(line.replacing("newsClick", with: "videoWatch"))
        #expect(throws: SignalFileError.self) { try PersonFile(path: file.path).readAll() }
        let options = SignalFileOptions(acceptedKinds: nil)
        #expect(
            try PersonFile(path: file.path, options: options).readAll().first?.signals.first?.kind.rawValue
                == "videoWatch"
        )
    }
}
