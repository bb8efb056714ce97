import Foundation
import Testing

/// A folder in MIND's layout, removed with this value.
private final class TinyMIND {
    let path: String

    init(trainingPerson: String = "U2") throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("iq-\(UUID().uuidString)")
        path = folder.path
        for name in ["train", "dev"] {
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent(name),
                withIntermediateDirectories: true
            )
        }
        let news = (1...6).map { "N\($0)\t\($0 % 2 == 0 ? "sports" : "news")\tx\tTitle number \($0)\t\t\t[]\t[]\n" }
        let dev = "1\tU1\t11/15/2019 8:55:22 AM\tN1 N2\tN3-1 N4-0 N5-0\n"
        let train = "1\t\(trainingPerson)\t11/15/2019 9:00:00 AM\tN1\tN3-1 N6-0\n"
        try news.joined().write(to: folder.appendingPathComponent("news.tsv"), atomically: true, encoding: .utf8)
        try dev.write(to: folder.appendingPathComponent("dev/behaviors.tsv"), atomically: true, encoding: .utf8)
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
}
