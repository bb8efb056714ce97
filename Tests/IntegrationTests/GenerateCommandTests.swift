// `generate` over files: resuming, shards, wrong lines, full disks, interruption. With the tiny model, which writes nonsense.

import Foundation
import InterestQueryKit
import Testing

@Suite(
    "generate over a file",
    .enabled(
        if: CommandRunner.path != nil && CommandRunner.tinyModel != nil,
        "interest-query is not built (swift build -c release), or there is no bash"
    )
)
final class GenerateCommandTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("iq-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private static func line(_ number: Int) -> String {
        switch number % 11 {
        case 4: return "{\"id\": \"p\(number)\", \"signals\": [{"
        case 7: return #"{"id": "p\#(number)", "signals": []}"#
        default:
            let text = "Story \(number) of \(String(repeating: "comet ", count: number % 5))"
            return
                #"{"id": "p\#(number)", "signals": [{"kind": "newsClick", "time": 1773000000, "text": "\#(text)"}]}"#
        }
    }

    private static let people = (0..<25).map { line($0) + "\n" }.joined()

    private func arguments(_ more: [String]) -> [String] {
        [
            "generate", "-m", CommandRunner.tinyModel ?? "", "--output", "json", "--style", "instruction",
            "--no-grammar",
            "--temperature", "1", "--max-tokens", "12", "--threads", "1", "--skip-invalid", "-q",
        ] + more
    }

    private func generate(
        _ more: [String],
        input: String = GenerateCommandTests.people,
        environment: [String: String] = [:]
    ) throws -> CommandRunner.Outcome {
        try CommandRunner.run(arguments(["-s", "-"] + more), input: input, environment: environment)
    }

    private func file(_ name: String) -> String { folder.appendingPathComponent(name).path }
    private func bytes(_ name: String) throws -> Data { try Data(contentsOf: folder.appendingPathComponent(name)) }

    @Test("writes one object for each line, in order, and says which lines hold no person")
    func oneToOne() throws {
        let outcome = try generate([])
        #expect(outcome.code == 0, "\(outcome.problems)")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 25)
        for (number, line) in lines.enumerated() {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(object["queries"] is [String])
            if number % 11 == 4 {
                #expect(object["line"] as? Int == number + 1)
                #expect((object["problem"] as? String)?.hasPrefix("line \(number + 1), column ") == true)
            } else {
                #expect(object["id"] as? String == "p\(number)")
                #expect((object["problem"] != nil) == (number % 11 == 7))
            }
        }
        #expect(outcome.problems.contains("skipped: -, line 5, column "))
        #expect(outcome.problems.contains("skipped: -, line 16, column "))
    }

    @Test("goes on behind the whole lines of a file, wherever it was cut, and ends with the same bytes")
    func resume() throws {
        #expect(try generate(["--out", file("whole")]).code == 0)
        let whole = try bytes("whole")
        #expect(whole.count { $0 == UInt8(ascii: "\n") } == 25)
        // In the first line, at ends of lines and beside them, in the line of a wrong line, and at the end.
        let ends = whole.indices.filter { whole[$0] == UInt8(ascii: "\n") }
        for cut in [0, 1, ends[0], ends[0] + 1, ends[3] + 4, ends[4] + 1, ends[12] + 9, ends[24], whole.count] {
            try whole.prefix(cut).write(to: folder.appendingPathComponent("cut"))
            let outcome = try generate(["--out", file("cut"), "--resume", "--batch", "3"])
            #expect(outcome.code == 0, "\(outcome.problems)")
            #expect(try bytes("cut") == whole, "cut at \(cut)")
        }
        #expect(try generate(["--out", file("new"), "--resume"]).code == 0)
        #expect(try bytes("new") == whole)
    }

    @Test("keeps results that it would overwrite, and refuses to go on with those of other people")
    func otherResults() throws {
        #expect(try generate(["--out", file("a"), "--limit", "6"]).code == 0)
        let before = try bytes("a")
        let again = try generate(["--out", file("a")])
        #expect(again.code == 73)
        #expect(again.problems.contains("has results already; go on with them by --resume"))
        let others = String(Self.people.drop { $0 != "\n" }.dropFirst())
        let mismatch = try generate(["--out", file("a"), "--resume"], input: others)
        #expect(mismatch.code == 65)
        #expect(mismatch.problems.contains("line 6, is of 'p5', and the people have of 'p6' there"))
        let fewer = try generate(["--out", file("a"), "--resume"], input: Self.line(0))
        #expect(fewer.code == 65)
        #expect(fewer.problems.contains("there are fewer people than lines"))
        #expect(try bytes("a") == before)
        let seed = try generate(["--out", file("a"), "--resume", "--seed", "1"])
        #expect(seed.code == 65)
        #expect(seed.problems.contains("line 6, has other queries than this run writes for the same person"))
        #expect(try bytes("a") == before)
        try Data("text\n".utf8).write(to: folder.appendingPathComponent("b"))
        let text = try generate(["--out", file("b"), "--resume"])
        #expect(text.code == 65)
        #expect(text.problems.contains("line 1, is no result of generate"))
    }

    @Test("says the same in shards, by number and by the rank that a launcher gives")
    func shards() throws {
        let whole = try generate([]).output.split(separator: "\n")
        for rank in 0..<3 {
            let part = try generate(["--shard", "\(rank)/3", "--batch", "2"]).output.split(separator: "\n")
            #expect(part == whole.indices.filter { $0 % 3 == rank }.map { whole[$0] })
            for (name, size) in [("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"), ("PMI_RANK", "PMI_SIZE")] {
                let launched = try generate(
                    ["--shard", "auto", "--out", file("part-{shard}-\(name)")],
                    environment: [name: "\(rank)", size: "3"]
                )
                #expect(launched.code == 0, "\(launched.problems)")
                let written = String(decoding: try bytes("part-\(rank)-\(name)"), as: UTF8.self)
                #expect(written.split(separator: "\n") == part)
            }
        }
        #expect(
            try generate(["--shard", "auto", "--limit", "2"]).output.split(separator: "\n") == Array(whole.prefix(2))
        )
    }

    @Test(
        "ends with 64 for options that would lose or mix results",
        arguments: [
            ["--resume"], ["--resume", "--out", "x", "--output", "text"], ["--resume", "--out", "x", "--batch", "128"],
            ["--shard", "3/3"], ["--shard", "0/0"], ["--shard", "1"], ["--shard", "-1/2"], ["--shard", "a/b"],
            ["--shard", "0/2", "--out", "x"],
        ]
    )
    func usage(more: [String]) throws {
        let outcome = try generate(more)
        #expect(outcome.code == 64, "\(outcome.problems)")
        #expect(outcome.output.isEmpty)
    }

    @Test("writes the queries that several lists agree on, and goes on with such a file")
    func consistency() throws {
        let choice = ["--best-of", "4", "--select", "consistency", "--support", "0.25", "--round", "2"]
        let outcome = try generate(choice + ["--out", file("whole")])
        #expect(outcome.code == 0, "\(outcome.problems)")
        let whole = try bytes("whole")
        let lines = String(decoding: whole, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 25)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
        let queries = try #require(object["queries"] as? [String])
        #expect(object["id"] as? String == "p0" && object["lists"] as? Int == 4)
        #expect((object["support"] as? [Int])?.count == queries.count)
        #expect(lines[4].hasPrefix(#"{"line": 5, "queries": [], "problem": "#))
        try whole.prefix(whole.count / 2).write(to: folder.appendingPathComponent("cut"))
        #expect(try generate(choice + ["--out", file("cut"), "--resume", "--batch", "1"]).code == 0)
        #expect(try bytes("cut") == whole)
        let shard = try generate(choice + ["--shard", "2/3"]).output.split(separator: "\n")
        #expect(shard == lines.indices.filter { $0 % 3 == 2 }.map { lines[$0] })
    }

    private static let embedder: String? = {
        let folder = (ProcessInfo.processInfo.environment["INTEREST_QUERY_MODELS"] ?? "") + "/all-MiniLM-L6-v2"
        return FileManager.default.fileExists(atPath: folder) ? folder : nil
    }()

    @Test(
        "keeps the list that the rewards value most, with every list's reward, wherever the run was cut",
        .enabled(if: embedder != nil, "all-MiniLM-L6-v2 is absent: run Scripts/fetch-model minilm")
    )
    func rewards() throws {
        let articles = (0..<30).map { #"{"id": "n\#($0)", "title": "Comet story \#($0) of the harbour"}"# + "\n" }
            .joined()
        try Data(articles.utf8).write(to: folder.appendingPathComponent("articles.jsonl"))
        let choice = ["--best-of", "6", "--articles", file("articles.jsonl"), "--weight", "specificity=0.5"]
        let outcome = try generate(choice + ["--out", file("whole")])
        #expect(outcome.code == 0, "\(outcome.problems)")
        let whole = try bytes("whole")
        for line in String(decoding: whole, as: UTF8.self).split(separator: "\n") {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            guard let scores = object["scores"] as? [Double], let chosen = object["chosen"] as? Int else {
                #expect(object["problem"] is String)
                continue
            }
            #expect(scores.count == 6 && scores[chosen] == scores.max())
        }
        try whole.prefix(whole.count / 2).write(to: folder.appendingPathComponent("cut"))
        #expect(try generate(choice + ["--out", file("cut"), "--resume"]).code == 0)
        #expect(try bytes("cut") == whole)
        let settled = try generate(choice + ["--minimum-gain", "100", "--round", "2", "--limit", "1"])
        let object = try JSONSerialization.jsonObject(with: Data(settled.output.utf8)) as? [String: Any]
        #expect((object?["scores"] as? [Double])?.count == 4, "the second round was worth less than 100")
        let unknown = try generate(choice + ["--weight", "clicks=1"])
        #expect(unknown.code == 64 && unknown.problems.contains("clicks"))
    }

    @Test(
        "ends with 64 for a choice that cannot be made",
        arguments: [
            ["--best-of", "0"], ["--best-of", "33"], ["--round", "2"], ["--minimum-gain", "0.1"],
            ["--select", "consistency"],
            ["--best-of", "4"], ["--best-of", "4", "--select", "consistency", "--articles", "x"],
            ["--best-of", "4", "--select", "consistency", "--minimum-gain", "0.1"],
            ["--best-of", "4", "--select", "consistency", "--round", "5"],
            ["--best-of", "4", "--articles", "x", "--weight", "a"],
            ["--best-of", "4", "--select", "consistency", "--temperature", "0"],
        ]
    )
    func choiceUsage(more: [String]) throws {
        let outcome = try generate(more)
        #expect(outcome.code == 64, "\(outcome.problems)")
        #expect(outcome.output.isEmpty)
    }

    @Test("does not let processes that were started together all do the same")
    func forgottenShard() throws {
        let environment = ["OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "4"]
        let outcome = try generate([], environment: environment)
        #expect(outcome.code == 64)
        #expect(outcome.problems.contains("give --shard auto, or --shard 0/1 if each is to do all"))
        #expect(try generate(["--shard", "0/1", "--limit", "1"], environment: environment).code == 0)
    }

    @Test("ends with 73 when the disk is full", .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func fullDisk() throws {
        let outcome = try generate(["--out", "/dev/full"])
        #expect(outcome.code == 73)
        #expect(outcome.problems.contains("/dev/full cannot be written: No space left on device; make room"))
    }

    @Test("ends with 73 where the file cannot be made")
    func noFolder() throws {
        let outcome = try generate(["--out", file("no/where")])
        #expect(outcome.code == 73)
        #expect(outcome.problems.contains("no/where cannot be written: No such file or directory"))
    }

    /// A command that waits for more people on its standard input.
    private func waiting(_ more: [String]) throws -> (process: Process, input: FileHandle, output: FileHandle) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandRunner.path ?? "")
        process.arguments = arguments(["-s", "-"] + more)
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        return (process, input.fileHandleForWriting, output.fileHandleForReading)
    }

    @Test(
        "answers each person of a pipe before the next one comes, and ends with 130 when interrupted",
        .timeLimit(.minutes(1))
    )
    func pipeAndInterruption() throws {
        let (process, input, output) = try waiting([])
        for number in 0..<3 {
            try input.write(contentsOf: Data((Self.line(number) + "\n").utf8))
            #expect(String(decoding: output.availableData, as: UTF8.self).hasPrefix(#"{"id": "p\#(number)""#))
        }
        process.interrupt()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 130)
    }

    @Test("keeps two processes from writing one file", .timeLimit(.minutes(1)))
    func lock() throws {
        let (process, input, _) = try waiting(["--out", file("shared")])
        try input.write(contentsOf: Data((Self.line(0) + "\n").utf8))
        // The first list shows that the file is open.
        while (try? bytes("shared").isEmpty) ?? true { usleep(1000) }
        let second = try generate(["--out", file("shared"), "--resume"])
        #expect(second.code == 73)
        #expect(second.problems.contains("is being written by another process"))
        try input.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(try generate(["--out", file("shared"), "--resume"]).code == 0)
        #expect(try bytes("shared") == Data(try generate([]).output.utf8))
    }

    @Test("ends with 141 when nobody reads any more", .timeLimit(.minutes(1)))
    func closedPipe() throws {
        let (process, input, output) = try waiting([])
        try input.write(contentsOf: Data((Self.line(0) + "\n").utf8))
        _ = output.availableData
        try output.close()
        try input.write(contentsOf: Data((Self.line(1) + "\n").utf8))
        process.waitUntilExit()
        #expect(process.terminationStatus == 141)
    }
}
