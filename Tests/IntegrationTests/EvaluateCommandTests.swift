import Foundation
import Testing

/// A folder in MIND's layout, removed with this value.
private final class TinyMIND {
    let path: String

    /// - Parameters:
    ///   - trainingPerson: whose impression is in the training set.
    ///   - people: how many are measured: U1 and, from U3 on, others who were shown the same.
    init(trainingPerson: String = "U2", people: Int = 1) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("iq-\(UUID().uuidString)")
        path = folder.path
        for name in ["train", "dev"] {
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent(name),
                withIntermediateDirectories: true
            )
        }
        let news = (1...6).map { "N\($0)\t\($0 % 2 == 0 ? "sports" : "news")\tx\tTitle number \($0)\t\t\t[]\t[]\n" }
        let dev = (0..<people).map { index -> String in
            let (person, history) = (index == 0 ? 1 : index + 2, ["N1 N2", "N2 N6", "N6 N1 N2"][index % 3])
            return "\(index + 1)\tU\(person)\t11/15/2019 8:55:22 AM\t\(history)\tN3-1 N4-0 N5-0\n"
        }
        let train = "1\t\(trainingPerson)\t11/15/2019 9:00:00 AM\tN1\tN3-1 N6-0\n"
        try news.joined().write(to: folder.appendingPathComponent("news.tsv"), atomically: true, encoding: .utf8)
        try dev.joined().write(
            to: folder.appendingPathComponent("dev/behaviors.tsv"),
            atomically: true,
            encoding: .utf8
        )
        try train.write(to: folder.appendingPathComponent("train/behaviors.tsv"), atomically: true, encoding: .utf8)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite(
    "interest-query evaluate",
    .enabled(if: CommandRunner.path != nil, "interest-query is not built: swift build -c release")
)
struct EvaluateCommandTests {
    @Test("prints tables, or one JSON object, and writes a page")
    func tables() throws {
        let data = try TinyMIND()
        let page = data.path + "/report.html"
        let names = ["chance", "popularity", "category", "bm25-sum", "bm25-max"].flatMap { ["--baseline", $0] }
        let arguments = ["evaluate", "--data", data.path, "--quiet", "--resamples", "100"] + names
        let table = try CommandRunner.run(arguments + ["--report", page])
        #expect(table.code == 0, "\(table.problems)")
        #expect(table.output.contains("Recall@10") && table.output.contains("popularity"))
        #expect(try String(contentsOfFile: page, encoding: .utf8).contains("<svg"))
        let json = try CommandRunner.run(arguments + ["--json", "--task", "slate"])
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        )
        let rows = try #require(object["rows"] as? [[String: Any]])
        #expect(rows.allSatisfy { $0["task"] as? String == "slate" })
        #expect(Set(rows.compactMap { $0["system"] as? String }).count == 5)
        #expect(try CommandRunner.run(arguments + ["--json", "--task", "slate"]).output == json.output)
    }

    @Test("refuses a folder whose training set has an evaluated person, unless told to drop them")
    func leak() throws {
        let data = try TinyMIND(trainingPerson: "U1")
        let arguments = ["evaluate", "--data", data.path, "--quiet", "--baseline", "popularity", "--resamples", "10"]
        let refused = try CommandRunner.run(arguments)
        #expect(refused.code == 65 && refused.output.isEmpty)
        #expect(refused.problems.contains("U1"))
        #expect(try CommandRunner.run(arguments + ["--drop-shared-people"]).code == 0)
    }

    @Test("needs something to measure and a folder that is there")
    func usage() throws {
        #expect(try CommandRunner.run(["evaluate", "--data", "x"]).code == 64)
        #expect(try CommandRunner.run(["evaluate", "--data", "x", "--baseline", "chance", "--people", "0"]).code == 64)
        #expect(try CommandRunner.run(["evaluate", "--data", "no/folder", "--baseline", "chance"]).code == 66)
    }

    @Test(
        "goes on from its cache after Ctrl-C or a kill, with the report of a run that nothing stopped",
        .enabled(if: CommandRunner.model != nil, "SmolLM2-135M-Instruct is not fetched"),
        arguments: [SIGINT, SIGKILL]
    )
    func interruption(signal: Int32) throws {
        let people = 8
        let data = try TinyMIND(people: people)
        func arguments(cache: String) -> [String] {
            [
                "evaluate", "--data", data.path, "--task", "retrieval", "--json", "--resamples", "100",
                "--model", CommandRunner.model ?? "", "--search", "bm25", "--batch", "1", "--cache", cache,
            ]
        }
        let whole = data.path + "/whole"
        let expected = try CommandRunner.run(arguments(cache: whole))
        #expect(expected.code == 0, "\(expected.problems)")
        #expect(try Self.lists(whole).count == people)

        let stopped = data.path + "/stopped"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandRunner.path ?? "")
        process.arguments = arguments(cache: stopped)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        // A minute at most: a list takes some tenths of a second.
        for _ in 0..<6000 where process.isRunning && ((try? Self.lists(stopped))?.count ?? 0) < 2 {
            // Not `Task.sleep`: while all suites run, it may return long after the command is done.
            usleep(10_000)
        }
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        let kept = try Self.lists(stopped)
        try #require(kept.count >= 2 && kept.count < people, "stopped with \(kept.count) lists of \(people)")
        // What a kill in the middle of a write leaves.
        let file = try #require(try Self.files(stopped).first)
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(#"{"case": "7 U9 "#.utf8))
        try handle.close()

        let resumed = try CommandRunner.run(arguments(cache: stopped))
        #expect(resumed.code == 0, "\(resumed.problems)")
        #expect(resumed.output == expected.output)
        // Only the missing lists were asked for, and each is the one that the whole run has.
        let missing = people - kept.count
        #expect(resumed.problems.contains("\(missing) of \(missing) lists"), "\(resumed.problems)")
        #expect(try Self.lists(stopped) == Self.lists(whole))
    }

    private static func files(_ folder: String) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: URL(fileURLWithPath: folder), includingPropertiesForKeys: nil)
    }

    /// The lists in a cache, by case; lines that are no record are passed over.
    private static func lists(_ folder: String) throws -> [String: [String]] {
        var lists: [String: [String]] = [:]
        for file in try files(folder) {
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
                    let name = object["case"] as? String, !name.isEmpty
                else { continue }
                lists[name] = object["queries"] as? [String]
            }
        }
        return lists
    }
}
