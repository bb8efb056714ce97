// Workloads W6 and W6L: one whole GRPO step, again and again, on one prompt.

internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Prompts are tokens; a completion means its text.
private struct TextTask: PolicyTask {
    func prompt(for sample: [TokenID]) -> GenerationPrompt { .tokens(sample) }
    func output(of text: String, reason: StopReason, for sample: [TokenID]) -> TaskOutput<String> { TaskOutput(text) }
}

/// The figures of a round, as Benchmarks/peers/contestants.py reads them.
private struct PolicyRound: Encodable {
    let workload: String
    let format: String
    let unit = "s"
    /// Seconds of each step, and the parts of it.
    var values: [Double] = []
    var generation: [Double] = []
    var rewards: [Double] = []
    var gradients: [Double] = []
    var optimizer: [Double] = []
    var trainedTokens = 0
    var peakResidentBytes = 0
}

/// A GRPO step as Benchmarks/peers compares it: completions of a fixed length of one prompt, a reward that costs nothing, backward,
/// AdamW. Every step trains, so every step has another policy.
struct PolicyStepBenchmark {
    let model: String
    let prompt: [TokenID]
    let format: MatrixPrecision
    let adapterRank: Int?
    let compute: ComputeOptions
    let warmUp: Int
    let steps: Int

    static let groupSize = 8
    static let completionTokens = 64

    /// Prints a line of JSON for each of `rounds`.
    func run(workload: String, rounds: Int) async throws {
        let vowels = Set("aeiou".utf8)
        let reward = ClosureReward<[TokenID], String>("vowels") { completion, _ in
            Double(completion.text.utf8.count(where: vowels.contains)) / Double(max(1, completion.text.utf8.count))
        }
        let trainer = try await GRPOTrainer(
            modelAt: URL(fileURLWithPath: model),
            task: TextTask(),
            reward: try CompositeReward(members: [WeightedReward(reward)]),
            options: try GRPOOptions(
                method: try adapterRank.map { .adapters(try LoRAOptions(rank: $0, alpha: Float(2 * $0))) } ?? .full,
                precision: format,
                tokensPerMicroBatch: prompt.count + Self.groupSize * Self.completionTokens,
                promptsPerStep: 1,
                groupSize: Self.groupSize,
                duration: .steps(warmUp + rounds * steps),
                rollout: try RolloutOptions(
                    maximumTokens: Self.completionTokens,
                    stopsAtEndOfText: false,
                    precision: format == .bf16 ? .copy(.bf16) : .trained,
                    sequencesTogether: Self.groupSize
                ),
                guardRails: try GuardRails(action: .off)
            ),
            compute: compute
        )
        let empty = PolicyRound(workload: workload, format: format.rawValue)
        var round = empty
        for try await event in trainer.train(on: [prompt]) {
            guard case .step(let step) = event, step.step > warmUp else { continue }
            round.values.append(step.seconds.total)
            round.generation.append(step.seconds.generation)
            round.rewards.append(step.seconds.rewards)
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
