import Foundation
import InterestQueryKit
import Testing

private let person =
    #"{"id":"p1","signals":[{"kind":"newsClick","time":1773000000,"text":"Comet brightens faster than predicted"}]}"#

@Suite(
    "The command line",
    .enabled(if: CommandRunner.path != nil, "interest-query is not built: swift build -c release")
)
struct CommandTests {
    @Test("explains itself")
    func help() throws {
        let help = try CommandRunner.run(["--help"])
        #expect(help.code == 0)
        #expect(help.output.contains("generate"))
    }

    @Test(
        "ends with 64 for wrong usage",
        arguments: [
            ["generate"], ["nonsense"], ["generate", "--model", "m", "--signals", "-", "--batch", "0"],
            ["generate", "--model", "m", "--signals", "-", "--format", "xml"],
            ["generate", "--model", "m", "--signals", "-", "--temperature", "-1"],
            ["generate", "--model", "m", "--signals", "-", "--threads", "0"],
            ["generate", "--model", "m", "--signals", "-", "--count", "0"],
            ["generate", "--model", "m", "--signals", "-", "--count", "101"],
            ["generate", "--model", "m", "--signals", "-", "--prompt-tokens", "0"],
            ["complete", "--model", "m", "--prompt", "a", "--max-tokens", "0"],
            ["complete", "--model", "m", "--prompt", "a", "--top-p", "0"],
            ["complete", "--model", "m", "--prompt", "a", "--raw", "--json"],
        ]
    )
    func usage(arguments: [String]) throws {
        let outcome = try CommandRunner.run(arguments)
        #expect(outcome.code == 64, "\(outcome.problems)")
        #expect(outcome.output.isEmpty)
        #expect(!outcome.problems.isEmpty)
    }

    @Test(
        "ends with 66 for missing input, in one line",
        arguments: [
            ["generate", "--model", "no/model", "--signals", "no/people"],
            ["complete", "--model", "no/model", "--prompt", "a"], ["model", "info", "no/model"],
            ["model", "convert", "no/model", "--out", "no/where.gguf"],
        ]
    )
    func missing(arguments: [String]) throws {
        let outcome = try CommandRunner.run(arguments)
        #expect(outcome.code == 66, "\(outcome.problems)")
        #expect(outcome.problems.hasPrefix("interest-query: there is no file"))
        #expect(outcome.problems.split(separator: "\n").count == 1)
    }

    @Test("ends with 65 for a file that is no model")
    func notAModel() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("iq-\(UUID().uuidString).gguf")
        try Data("no model".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(try CommandRunner.run(["model", "info", file.path]).code == 65)
    }
}

@Suite(
    "The command line with a model",
    .enabled(
        if: CommandRunner.path != nil && CommandRunner.model != nil,
        "no SmolLM2 model or no interest-query: run Scripts/fetch-model and swift build -c release"
    )
)
struct CommandWithModelTests {
    private let model = CommandRunner.model ?? ""

    @Test("writes one JSON object to a line for each person, in order, and counts on the standard error")
    func json() throws {
        let people = ["p1", "p2", "p3"].map { person.replacingOccurrences(of: "p1", with: $0) }.joined(separator: "\n")
        let outcome = try CommandRunner.run(
            ["generate", "-m", model, "-s", "-", "--output", "json", "--batch", "2", "--max-tokens", "40"],
            input: people
        )
        #expect(outcome.code == 0, "\(outcome.problems)")
        let lines = outcome.output.split(separator: "\n")
        var ids: [String] = []
        for line in lines {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            ids.append(try #require(object["id"] as? String))
            #expect(object["queries"] is [String])
            #expect(object["stopReason"] is String)
        }
        #expect(ids == ["p1", "p2", "p3"])
        #expect(outcome.problems.contains("3 people"))
        #expect(!outcome.problems.contains("\u{1B}"))
    }

    @Test("writes the lists of the people before a wrong line, then ends with 65 and the place")
    func wrongLine() throws {
        let outcome = try CommandRunner.run(
            ["generate", "-m", model, "-s", "-", "-q", "--max-tokens", "20"],
            input: person + "\n{\"id\": \"p2\"}\n"
        )
        #expect(outcome.code == 65)
        #expect(outcome.output.hasPrefix("p1\n"))
        #expect(
            outcome.problems == "interest-query: -, line 2, column 1, field signals: the field is missing; add it\n"
        )
    }

    @Test("goes on behind a wrong line and a person without signals if asked to")
    func skipping() throws {
        let outcome = try CommandRunner.run(
            ["generate", "-m", model, "-s", "-", "-q", "--skip-invalid", "--output", "json", "--max-tokens", "20"],
            input: "{\n" + #"{"id":"p0","signals":[]}"# + "\n" + person
        )
        #expect(outcome.code == 0)
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 3, "one for each line of people")
        #expect(lines[0].hasPrefix(#"{"line": 1, "queries": [], "problem": "line 1, column"#))
        #expect(lines[1].hasPrefix(#"{"id": "p0", "queries": [], "problem": "there are no signals"#))
    }

    @Test("says the same with the same seed")
    func seed() throws {
        let arguments = [
            "generate", "-m", model, "-s", "-", "-q", "--temperature", "1", "--seed", "7", "--max-tokens", "30",
        ]
        let first = try CommandRunner.run(arguments, input: person)
        #expect(first.code == 0)
        #expect(try CommandRunner.run(arguments, input: person).output == first.output)
    }

    @Test("continues a text, shows tokens and describes the model")
    func others() throws {
        let text = try CommandRunner.run([
            "complete", "-m", model, "-p", "The capital of France is", "--max-tokens", "2", "--raw",
        ])
        #expect(text.output == " Paris.")
        #expect(text.problems.isEmpty)
        #expect(try CommandRunner.run(["complete", "-m", model, "-p", ""]).code == 64)
        #expect(try CommandRunner.run(["tokenize", "-m", model, "Hi"]).output == "26843\t\"Hi\"\n")
        let information = try CommandRunner.run(["model", "info", "--json", model])
        let decoded = try JSONDecoder().decode(ModelInformation.self, from: Data(information.output.utf8))
        #expect(decoded.architecture == "llama")
        #expect(decoded.vocabularySize == 49152)
        #expect(decoded.hasChatTemplate)
    }

    @Test("ends with 130 when interrupted, and prints what is complete")
    func interrupted() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandRunner.path ?? "")
        process.arguments = ["complete", "-m", model, "-p", "Once", "--max-tokens", "8000", "--ignore-end", "--raw"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        // The first bytes show that it is at work.
        #expect(!output.fileHandleForReading.availableData.isEmpty)
        process.interrupt()
        _ = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
    }

    @Test("ends quietly with 141 when nobody reads any more")
    func closedPipe() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandRunner.path ?? "")
        process.arguments = ["complete", "-m", model, "-p", "Once", "--max-tokens", "8000", "--ignore-end", "--raw"]
        let (output, problems) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = problems
        try process.run()
        _ = output.fileHandleForReading.availableData
        try output.fileHandleForReading.close()
        #expect(problems.fileHandleForReading.readDataToEndOfFile().isEmpty)
        process.waitUntilExit()
        #expect(process.terminationStatus == 141)
    }
}
