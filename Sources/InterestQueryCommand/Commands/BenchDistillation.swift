// Workload W7: one step of on-policy distillation, again and again, on eight prompts.

internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The figures of a round, as Benchmarks/peers/contestants.py reads them.
private struct DistillationRound: Encodable {
    let workload = "W7"
    let format: String
    let unit = "s"
    /// Seconds of each step, and the parts of it.
    var values: [Double] = []
    var generation: [Double] = []
    var teacher: [Double] = []
    var gradients: [Double] = []
    var optimizer: [Double] = []
    var trainedTokens = 0
    var peakResidentBytes = 0
}

/// A step as Benchmarks/peers compares it: one completion of a fixed length for each prompt, the reverse KL over the whole
/// vocabulary, backward, AdamW. Every step trains, so every step has another student.
struct DistillationBenchmark {
    let student: String
    let teacher: String
    let prompts: [[TokenID]]
    let format: MatrixPrecision
    let compute: ComputeOptions
    let warmUp: Int
    let steps: Int

    static let promptCount = 8
    static let completionTokens = 64
    /// Four prompts with their completions: longer passes were not faster.
    private static let promptsOfPass = 4

    /// Prints a line of JSON for each of `rounds`.
    func run(rounds: Int) async throws {
        let longest = prompts.reduce(0) { max($0, $1.count) }
        let distiller = try await OnPolicyDistiller(
            student: URL(fileURLWithPath: student),
            teacher: URL(fileURLWithPath: teacher),
            options: try DistillationOptions(
                precision: format,
                tokensPerMicroBatch: Self.promptsOfPass * (longest + Self.completionTokens),
                promptsPerStep: prompts.count,
                duration: .steps(warmUp + rounds * steps),
                learningRate: 1e-6,
                rollout: try RolloutOptions(
                    maximumTokens: Self.completionTokens,
                    stopsAtEndOfText: false,
                    precision: format == .bf16 ? .copy(.bf16) : .trained,
                    sequencesTogether: prompts.count
                )
            ),
            compute: compute
        )
        let empty = DistillationRound(format: format.rawValue)
        var round = empty
        for try await event in distiller.train(on: prompts.map { DistillationSample(.tokens($0)) }) {
            guard case .step(let step) = event, step.step > warmUp else { continue }
            round.values.append(step.seconds.total)
            round.generation.append(step.seconds.generation)
            round.teacher.append(step.seconds.teacher)
            round.gradients.append(step.seconds.gradients)
            round.optimizer.append(step.seconds.optimizer)
            round.trainedTokens = step.tokens
            guard round.values.count == steps else { continue }
            round.peakResidentBytes = peakResidentBytes()
            let encoder = JSONEncoder()
            encoder.keyEncodingStrategy = .convertToSnakeCase
            encoder.outputFormatting = .sortedKeys
            try StandardOutput.write(String(decoding: try encoder.encode(round), as: UTF8.self) + "\n")
            round = empty
        }
    }
}
