// `study`: all of it with the tiny model and a tiny set of people, unbroken, and broken off twice.

import Foundation
import Testing

/// A folder in MIND's layout with twelve people to learn from and six to measure, and a configuration of the smallest sizes.
private final class TinyStudy {
    let path: String

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("iq-\(UUID().uuidString)")
        path = folder.path
        for name in ["train", "dev"] {
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent(name),
                withIntermediateDirectories: true
            )
        }
        let topics = ["comet", "harbour", "football", "pasta", "budget", "violin", "glacier", "election"]
        let news = (1...40).map { number in
            "N\(number)\t\(number % 2 == 0 ? "sports" : "news")\tx\tThe \(topics[number % 8]) story number \(number) of the "
                + "\(topics[number * 3 % 8])\t\t\t[]\t[]\n"
        }
        func impression(_ number: Int, _ person: String) -> String {
            let history = (0..<3).map { "N\(1 + (number * 7 + $0 * 5) % 20)" }.joined(separator: " ")
            let slate = (0..<5).map { "N\(21 + (number * 3 + $0 * 4) % 20)-\($0 == 0 ? 1 : 0)" }.joined(separator: " ")
            return "\(number)\t\(person)\t11/15/2019 8:\(number + 10):22 AM\t\(history)\t\(slate)\n"
        }
        let files = [
            "news.tsv": news.joined(),
            "train/behaviors.tsv": (1...12).map { impression($0, "U\($0)") }.joined(),
            "dev/behaviors.tsv": (1...6).map { impression($0 * 5 + 1, "D\($0)") }.joined(),
            "study.json": Self.configuration,
            "wrong.json": #"{"teacher": {"stepz": 1}}"#,
            "stray.json": #"{"warmUp": {"lora": {"rang": 1}}}"#,
        ]
        for (name, text) in files {
            try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    private static let policy = """
        {"steps": 2, "promptsPerStep": 1, "groupSize": 2, "rollout": {"maximumTokens": 12, "precision": "f32"}, "precision": "f32", \
        "tokensPerMicroBatch": 4096, "checkpointInterval": 1}
        """
    private static let supervised = #"{"steps": 1, "pairsPerStep": 2, "tokensPerMicroBatch": 4096, "precision": "f32"}"#

    private static let configuration = """
        {
          "list": {"promptTokens": 1500, "maximumSignals": 3},
          "promptOnly": {"promptStyle": "instruction", "promptTokens": 1500, "maximumSignals": 3},
          "maximumTokens": 24, "promptOnlyTokens": 24, "heldOutPeople": 2, "seeds": [0], "warmUp": \(supervised), "teacher": \(policy),
          "rewards": {"names": ["clicks"], "training": \(policy)},
          "capacity": {"layers": [1, 2], "recovery": \(supervised), "training": \(policy)},
          "distillation": {
            "layers": 1, "listPeople": 4, "candidates": 2, "supervised": \(supervised),
            "onPolicy": {"steps": 1, "promptsPerStep": 1, "rollout": {"maximumTokens": 12}, "precision": "f32", "tokensPerMicroBatch": 4096}
          },
          "sampling": {"people": 4, "lists": 4},
          "evaluation": {"precision": "stored", "product": "exact", "usesGrammar": false, "temperature": 1, "resamples": 100}
        }
        """

    func arguments(_ study: String, out: String, config: String = "study.json", _ more: [String] = []) -> [String] {
        [
            "study", study, "--model", CommandRunner.tinyModel ?? "", "--embedder", CommandRunner.embedder ?? "",
            "--data", path, "--out", path + "/" + out, "--config", path + "/" + config,
        ] + more
    }

    /// What a study found, without what depends on the clock.
    func findings(_ out: String) throws -> [String: [String: Any]] {
        let object = try object(out)
        var findings: [String: [String: Any]] = [:]
        for system in try #require(object["systems"] as? [[String: Any]]) {
            findings[try #require(system["label"] as? String)] = system["measures"] as? [String: Any]
        }
        return findings
    }

    func object(_ out: String) throws -> [String: Any] {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(out)/results.json"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    func doneStages(_ out: String) -> Int {
        let folder = "\(path)/\(out)/stages"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.count { FileManager.default.fileExists(atPath: "\(folder)/\($0)/done.json") }
    }
}

extension CommandRunner {
    /// The folder of all-MiniLM-L6-v2; nil if it is not fetched.
    static let embedder: String? = {
        guard let model else { return nil }
        let folder = URL(fileURLWithPath: model).deletingLastPathComponent().appendingPathComponent("all-MiniLM-L6-v2")
            .path
        return FileManager.default.fileExists(atPath: folder) ? folder : nil
    }()
}

@Suite(
    "interest-query study",
    .enabled(
        if: CommandRunner.path != nil && CommandRunner.embedder != nil && CommandRunner.tinyModel != nil,
        "interest-query is not built (swift build -c release), all-MiniLM-L6-v2 is not fetched, or there is no bash"
    )
)
struct StudyCommandTests {
    @Test("runs everything, goes on after Ctrl-C and after a kill, and ends with what an unbroken run finds")
    func wholeAndBroken() throws {
        let study = try TinyStudy()
        let whole = try CommandRunner.run(study.arguments("all", out: "whole"))
        #expect(whole.code == 0, "\(whole.problems)")
        let count = study.doneStages("whole")
        #expect(whole.problems.contains("[\(count)/\(count)]"), "\(whole.problems)")
        let results = try study.object("whole")
        let systems = try #require(results["systems"] as? [[String: Any]])
        #expect(systems.count == 17 && systems.allSatisfy { $0["isMeasured"] as? Bool == true })
        #expect((results["sampling"] as? [String: Any])?["counts"] as? [Int] == [1, 2, 4])
        #expect((results["examples"] as? [[String: Any]])?.count == 6)
        let page = try String(contentsOfFile: study.path + "/whole/results.md", encoding: .utf8)
        #expect(
            page.contains("## Best of N") && page.contains("student of 1 layers, on-policy")
                && !page.contains("| not run |")
        )
        for name in ["n-curve-reward.svg", "capacity-recall.svg"] {
            let svg = try String(contentsOfFile: "\(study.path)/whole/\(name)", encoding: .utf8)
            #expect(svg.hasPrefix("<svg xmlns="))
        }
        // What is done is done.
        let again = try CommandRunner.run(study.arguments("all", out: "whole"))
        #expect(again.code == 0 && again.problems.isEmpty, "\(again.problems)")

        for (signal, code) in [(SIGINT, Int32(130)), (SIGKILL, 128 + SIGKILL)] {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: CommandRunner.path ?? "")
            process.arguments = study.arguments("all", out: "broken")
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            let done = study.doneStages("broken")
            try process.run()
            for _ in 0..<12000 where process.isRunning && study.doneStages("broken") < done + 5 { usleep(5000) }
            // In the middle of the next stage, more often than not.
            usleep(150_000)
            kill(process.processIdentifier, signal)
            process.waitUntilExit()
            #expect(process.terminationStatus == (signal == SIGINT ? code : SIGKILL))
        }
        #expect(study.doneStages("broken") < count)
        let resumed = try CommandRunner.run(study.arguments("all", out: "broken"))
        #expect(resumed.code == 0, "\(resumed.problems)")
        let (expected, found) = (try study.findings("whole"), try study.findings("broken"))
        #expect(NSDictionary(dictionary: expected).isEqual(to: found))
    }

    @Test("writes results from what is there, refuses a stage that changed, and does it again when told to")
    func parts() throws {
        let study = try TinyStudy()
        let part = try CommandRunner.run(study.arguments("credit", out: "part", ["--stage-limit", "1"]))
        #expect(part.code == 0, "\(part.problems)")
        #expect(study.doneStages("part") == 1)
        let page = try String(contentsOfFile: study.path + "/part/results.md", encoding: .utf8)
        #expect(page.contains("| not run |"))
        let plan = try CommandRunner.run(study.arguments("plan", out: "part"))
        #expect(plan.output.contains("pairs: done in") && plan.output.contains("warm-up: not run"))
        let dry = try CommandRunner.run(study.arguments("sampling", out: "part", ["--dry-run"]))
        #expect(dry.output.contains("interest-query study curve") && !dry.output.contains("interest-query model cut"))
        let changed = ["--threads", "1", "--stage-limit", "1"]
        let refused = try CommandRunner.run(study.arguments("credit", out: "part", changed))
        #expect(
            refused.code == 64 && refused.problems.contains("the stage pairs is not as it was"),
            "\(refused.problems)"
        )
        let redone = try CommandRunner.run(study.arguments("credit", out: "part", changed + ["--redo", "pairs"]))
        #expect(redone.code == 0 && redone.problems.contains("] pairs"), "\(redone.problems)")
    }

    @Test("refuses keys that there are not, wherever they stand", arguments: ["wrong.json", "stray.json"])
    func keys(config: String) throws {
        let study = try TinyStudy()
        let outcome = try CommandRunner.run(study.arguments("plan", out: "none", config: config))
        #expect(outcome.code == 64 || outcome.code == 65)
        #expect(outcome.problems.contains(config == "wrong.json" ? "stepz" : "lora.rang"), "\(outcome.problems)")
    }

    @Test("prints the preset, which is a configuration")
    func preset() throws {
        let outcome = try CommandRunner.run(["study", "configuration", "--preset", "small"])
        #expect(outcome.code == 0)
        let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
        #expect(object?["seeds"] as? [Int] == [0, 1, 2])
    }
}
