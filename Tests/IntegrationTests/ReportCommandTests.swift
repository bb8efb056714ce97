import Foundation
import Testing

@Suite(
    "interest-query report",
    .enabled(if: CommandRunner.path != nil, "interest-query is not built: swift build -c release")
)
struct ReportCommandTests {
    @Test("writes a page for the runs it is given")
    func page() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("iq-report-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, loss) in [("a", 2.5), ("b", 1.5)] {
            let run = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
            let lines = (1...5).map { "{\"step\": \($0), \"seconds\": \($0), \"tokens\": 10, \"loss\": \(loss)}\n" }
            try Data(lines.joined().utf8).write(to: run.appendingPathComponent("metrics.jsonl"))
        }
        let page = folder.appendingPathComponent("page.html").path
        let runs = ["a", "b"].map { folder.appendingPathComponent($0).path }
        let outcome = try CommandRunner.run(["report"] + runs + ["--output", page])
        #expect(outcome.code == 0, "\(outcome.problems)")
        #expect(outcome.output == page + "\n")
        let text = try String(contentsOfFile: page, encoding: .utf8)
        #expect(text.contains("<title>Training of 2 runs</title>"))
        #expect(text.contains("<th>loss</th><td>b</td><td class=\"n\">1.5</td>"))
    }

    @Test("ends with 66 for a folder without a log, with 73 where it cannot write, with 64 without a run")
    func failures() throws {
        let missing = try CommandRunner.run(["report", "/nowhere/run"])
        #expect(missing.code == 66)
        #expect(missing.problems.contains("there is no /nowhere/run/metrics.jsonl"))
        #expect(try CommandRunner.run(["report"]).code == 64)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("iq-report-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("{\"step\": 1}\n".utf8).write(to: folder.appendingPathComponent("metrics.jsonl"))
        #expect(try CommandRunner.run(["report", folder.path, "--output", "/nowhere/page.html"]).code == 73)
        try Data("{\"step\": 1}\nnonsense\n".utf8).write(to: folder.appendingPathComponent("metrics.jsonl"))
        let malformed = try CommandRunner.run(["report", folder.path])
        #expect(malformed.code == 65)
        #expect(malformed.problems.contains("line 2"))
    }
}
