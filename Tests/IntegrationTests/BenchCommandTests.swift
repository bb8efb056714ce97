// `bench` for serving and perplexity, with the tiny model: what is computed, not how fast.

import Foundation
import Testing

@Suite(
    "bench",
    .enabled(
        if: CommandRunner.path != nil && CommandRunner.tinyModel != nil,
        "interest-query is not built (swift build -c release), or there is no bash"
    )
)
final class BenchCommandTests {
    private struct Line: Decodable {
        var values: [Double]
        var tokens: [Int]?
        var firstLoss: Double?
        var unit: String
    }

    private let prompts: URL

    init() throws {
        prompts = FileManager.default.temporaryDirectory.appendingPathComponent("iq-\(UUID().uuidString).jsonl")
        try Data("[5, 6, 7, 8, 9]\n[7, 9]\n[11, 10, 9, 8]\n".utf8).write(to: prompts)
    }

    deinit { try? FileManager.default.removeItem(at: prompts) }

    private func bench(_ workload: String, _ more: [String] = []) throws -> Line {
        let outcome = try CommandRunner.run(
            [
                "bench", "--workload", workload, "-m", CommandRunner.tinyModel ?? "", "--prompts", prompts.path,
                "--threads", "1", "--warm-up", "1", "--steps", "1", "--rounds", "1",
            ] + more
        )
        #expect(outcome.code == 0, "\(outcome.problems)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Line.self, from: Data(outcome.output.utf8))
    }

    @Test("W8 writes what it would write for each person alone")
    func serving() throws {
        let together = try bench("W8", ["--new-tokens", "6", "--together", "3"])
        let alone = try bench("W8", ["--new-tokens", "6", "--together", "1"])
        #expect(together.unit == "users/s" && together.values.count == 1 && together.values[0] > 0)
        #expect(together.tokens?.count == 6 && together.tokens == alone.tokens)
    }

    @Test("perplexity is e to the loss of the first list")
    func perplexity() throws {
        let line = try bench("perplexity")
        let loss = try #require(line.firstLoss)
        // A random model finds every token about as probable.
        #expect(loss > 1 && loss < 20 && abs(line.values[0] - exp(loss)) < 1e-6 * exp(loss))
    }

    @Test("says what is missing")
    func missing() throws {
        let model = CommandRunner.tinyModel ?? ""
        #expect(try CommandRunner.run(["bench", "--workload", "W8", "-m", model]).code == 64)
        #expect(try CommandRunner.run(["bench", "--workload", "W8", "-m", model, "--prompts", "/nowhere"]).code == 66)
        try Data("[1, \"a\"]\n".utf8).write(to: prompts)
        let outcome = try CommandRunner.run(["bench", "--workload", "W8", "-m", model, "--prompts", prompts.path])
        #expect(outcome.code == 65 && outcome.problems.contains("line 1"))
    }
}

@Suite(
    "The memory of a training",
    .enabled(
        if: CommandRunner.path != nil && CommandRunner.model != nil
            && ProcessInfo.processInfo.environment["INTEREST_QUERY_SANITIZER"] == nil,
        "interest-query or SmolLM2 is missing, or a sanitizer takes memory of its own"
    )
)
struct TrainingMemoryTests {
    private struct Line: Decodable {
        var estimatedBytes: Int
        var peakResidentBytes: Int
    }

    @Test("is within a tenth of the estimate", arguments: [nil, 16])
    func peak(adapterRank: Int?) throws {
        let text = FileManager.default.temporaryDirectory.appendingPathComponent("iq-\(UUID().uuidString).txt")
        defer { try? FileManager.default.removeItem(at: text) }
        try Data((0..<300).map { "Story \($0) of the day. " }.joined().utf8).write(to: text)
        let outcome = try CommandRunner.run(
            [
                "bench", "--workload", "W5", "-m", CommandRunner.model ?? "", "--text", text.path, "--tokens", "512",
                "--warm-up", "1", "--steps", "1", "--rounds", "1",
            ] + (adapterRank.map { ["--lora", "\($0)"] } ?? [])
        )
        #expect(outcome.code == 0, "\(outcome.problems)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let line = try decoder.decode(Line.self, from: Data(outcome.output.utf8))
        let ratio = Double(line.peakResidentBytes) / Double(line.estimatedBytes)
        #expect(ratio > 0.9 && ratio < 1.1, "\(line.peakResidentBytes) bytes, \(line.estimatedBytes) estimated")
    }
}
