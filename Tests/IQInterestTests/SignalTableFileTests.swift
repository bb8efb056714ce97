import IQInterest
import Testing

@Suite("A table of signals")
struct SignalTableFileTests {
    private let header = "id,kind,time,text,category,note\n"

    private func people(_ text: String, _ delimiter: SignalTableFile.Delimiter = .comma) throws -> [Person] {
        let file = try TemporaryFile(text)
        return try SignalTableFile(path: file.path, delimiter: delimiter).readAll()
    }

    private func failure(_ text: String) throws -> InvalidLine? {
        do {
            _ = try people(text)
        } catch SignalFileError.invalidLine(_, let line) {
            return line
        }
        return nil
    }

    @Test("makes one person of rows that follow each other, whatever is quoted")
    func quoting() throws {
        let found = try people(
            "\u{FEFF}" + header + "a,newsClick,20,\"Says \"\"no\"\", again\",news,x\r\n"
                + "a,webSearch,10,plain \"quote\" inside,,\r\n\r\nb,newsClick,1970-01-01T00:00:05Z,\"two\nlines\",,\"\"\n"
        )
        #expect(found.map(\.id) == ["a", "b"])
        #expect(found[0].signals.map(\.text) == ["plain \"quote\" inside", "Says \"no\", again"])
        #expect(found[0].signals.map(\.category) == [nil, "news"])
        #expect(found[1].signals.map(\.text) == ["two\nlines"])
        #expect(found[1].signals.first?.time.timeIntervalSince1970 == 5)
    }

    @Test("may stand between tabs and have its columns in any order")
    func tabs() throws {
        let found = try people(
            "text\ttime\tlanguage\tid\tkind\nA, title\t1\t\tp\tpageVisit\nB\t2\tde\tp\tpageVisit",
            .tab
        )
        #expect(found.count == 1 && found[0].language == "de" && found[0].signals.map(\.text) == ["A, title", "B"])
        #expect(try people("", .tab).isEmpty)
        #expect(try people("id\tkind\ttime\ttext\n", .tab).isEmpty)
    }

    @Test("says where it is wrong")
    func refused() throws {
        #expect(try failure("id,kind,time\n") == InvalidLine(line: 1, field: "text", problem: .missingColumn))
        #expect(
            try failure(header + "a,newsClick,1\n") == InvalidLine(line: 2, problem: .wrongFieldCount(3, expected: 6))
        )
        #expect(try failure(header + "a,newsClick,1,\"open\n\n") == InvalidLine(line: 2, problem: .unclosedQuote))
        #expect(try failure(header + "a,newsClick,1,\"x\"y,,\n")?.problem == .textAfterQuote)
        #expect(
            try failure(header + "a,newsClick,1,,,\n") == InvalidLine(line: 2, field: "text", problem: .missingField)
        )
        #expect(try failure(header + "a,click,1,t,,\n")?.field == "kind")
        #expect(try failure(header + "a,newsClick,soon,t,,\n")?.line == 2)
        #expect(try failure("id,id,kind,time,text\n")?.line == 1)
    }

    @Test("can pass over wrong rows")
    func skipping() throws {
        let file = try TemporaryFile(header + "a,newsClick,1,t,,\nwrong\na,newsClick,2,u,,\n")
        let options = SignalFileOptions(invalidLines: .skip { _ in })
        let found = try SignalTableFile(path: file.path, delimiter: .comma, options: options).readAll()
        #expect(found.map(\.signals.count) == [2])
    }
}
