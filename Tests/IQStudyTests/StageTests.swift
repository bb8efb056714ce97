// Stages: their order, what changes them, and how they go on after an end in the middle. The program is a shell.

import Foundation
import IQStudy
import Testing

/// A folder that goes with this value.
final class ScratchFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("iq-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func text(_ name: String) -> String { (try? String(contentsOfFile: path + "/" + name, encoding: .utf8)) ?? "" }
}

@Suite("A graph of stages")
struct StudyGraphTests {
    private func stage(_ name: String, needs: [String] = [], arguments: [String] = []) -> StudyStage {
        StudyStage(name: name, arguments: arguments, needs: needs)
    }

    private func diamond() throws -> StudyGraph {
        try StudyGraph([
            stage("a", arguments: ["x", "/in"]), stage("b", needs: ["a"]), stage("c", needs: ["a"]),
            stage("d", needs: ["b", "c"]), stage("e"),
        ])
    }

    @Test("gives a stage with all that it needs, and all that need it, in order")
    func order() throws {
        let graph = try diamond()
        #expect(try graph.closure(of: ["d"]).map(\.name) == ["a", "b", "c", "d"])
        #expect(try graph.closure(of: ["c", "e"]).map(\.name) == ["a", "c", "e"])
        #expect(try graph.dependents(of: ["b"]).map(\.name) == ["b", "d"])
        #expect(throws: StudyError.unknownStage("f", known: ["a", "b", "c", "d", "e"])) { try graph.closure(of: ["f"]) }
    }

    @Test("refuses a stage before what it needs, two of one name, and names that are no folders")
    func invalid() {
        #expect(throws: StudyError.unknownStage("b", known: [])) {
            try StudyGraph([stage("a", needs: ["b"]), stage("b")])
        }
        #expect(throws: StudyError.duplicateStage("a")) { try StudyGraph([stage("a"), stage("a")]) }
        #expect(throws: StudyError.invalidStageName("../a")) { try StudyGraph([stage("../a")]) }
    }

    @Test("knows what a stage depends on: its command, inputs that the command names, and the stages it needs")
    func identity() throws {
        let graph = try diamond()
        let first = graph.identities(inputs: ["/in": "1", "/other": "1"])
        let second = graph.identities(inputs: ["/in": "2", "/other": "2"])
        #expect(first["a"]?.change(since: try #require(second["a"])) == "/in is another")
        #expect(first["d"]?.change(since: try #require(second["d"])) == "the stage b is another")
        #expect(first["e"] == second["e"])
        #expect(first["d"]?.change(since: try #require(first["d"])) == nil)
    }

    @Test("writes commands as a shell takes them")
    func commandLine() {
        #expect(
            StudyStage(name: "a", arguments: ["x", "two words", "", "it's"]).commandLine
                == "interest-query x 'two words' '' 'it'\\''s'"
        )
    }
}

@Suite("Running stages")
struct StudyRunnerTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func shell(_ name: String, _ script: String, needs: [String] = [], resume: [String] = []) -> StudyStage {
        StudyStage(
            name: name,
            arguments: ["-c", "cd '\(folder.path)/stages/\(name)'; \(script)", "sh"],
            resumeArguments: resume,
            needs: needs,
            files: ["config": "text of \(name)"],
            temporaries: ["scrap"]
        )
    }

    private func runner(_ stages: [StudyStage], inputs: [String: String] = [:]) throws -> StudyRunner {
        StudyRunner(try StudyGraph(stages), folder: folder.path + "/stages", program: "/bin/sh", inputs: inputs)
    }

    @Test("runs each once, with its files there, and takes away what nobody needs")
    func once() async throws {
        let stages = [
            shell("a", "cat config >>out; echo >scrap"), shell("b", "cat ../a/out config >>out", needs: ["a"]),
        ]
        let runner = try runner(stages)
        #expect(try await runner.run(stages) == 2)
        #expect(try await runner.run(stages) == 0)
        #expect(folder.text("stages/b/out") == "text of atext of b")
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/stages/a/scrap"))
        guard case .done(let done) = try runner.folder(of: "b").state() else {
            Issue.record("b is not done")
            return
        }
        #expect(done.calls == 1 && done.command.hasPrefix("interest-query -c"))
    }

    @Test("stops at the limit and goes on in the next run")
    func limit() async throws {
        let stages = (0..<3).map { shell("s\($0)", "echo >>out") }
        let runner = try runner(stages)
        #expect(try await runner.run(stages, limit: 2) == 2)
        #expect(try await runner.run(stages) == 1)
    }

    @Test("a stage that failed says so with the end of its log, and goes on with the arguments of a resumed one")
    func failure() async throws {
        let stage = shell("a", "echo call $# >&2; test $# -eq 1", resume: ["--resume"])
        let runner = try runner([stage])
        await #expect(
            throws: StudyError.failed(
                stage: "a",
                code: 1,
                log: folder.path + "/stages/a/log.txt",
                lastLines: "call 0"
            )
        ) { try await runner.run([stage]) }
        #expect(try await runner.run([stage]) == 1)
        #expect(folder.text("stages/a/log.txt") == "call 0\ncall 1\n")
    }

    @Test("refuses a stage whose command or input is another until it is done again, with all that need it")
    func changed() async throws {
        let first = [shell("a", "echo 1 >out"), shell("b", "cat ../a/out >out", needs: ["a"]), shell("c", "echo >out")]
        try await runner(first).run(first)
        let second = [shell("a", "echo 2 >out"), first[1], first[2]]
        let changed = try runner(second)
        await #expect(throws: StudyError.self) { try await changed.run(second) }
        #expect(folder.text("stages/b/out") == "1\n")
        #expect(try changed.changed(second).map(\.name) == ["a", "b"])
        try changed.clear(["a"])
        #expect(try await changed.run(second) == 2)
        #expect(folder.text("stages/b/out") == "2\n")
    }

    @Test("cancelled, it asks the running command to end, waits for it, and the next run goes on")
    func cancellation() async throws {
        let script =
            "trap 'echo asked >>out; exit 130' INT; echo begun >>out; test $# -eq 1 || "
            + "i=0; while test $i -lt 1200; do i=$((i + 1)); sleep 0.1; done"
        let stage = shell("a", script, resume: ["--resume"])
        let runner = try runner([stage])
        let task = Task { try await runner.run([stage]) }
        // The other tests leave little time to this one; the script ends by itself even if nobody asks.
        for _ in 0..<12_000 where folder.text("stages/a/out").isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(folder.text("stages/a/out") == "begun\nasked\n")
        #expect(try await runner.run([stage]) == 1)
    }
}
