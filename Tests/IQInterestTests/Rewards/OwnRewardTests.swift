// The README's example of training on a reward of one's own, on the real model.

import IQModel
import IQPolicy
import IQTraining
import Testing
import _IQTestSupport

import IQInterest

@Suite(
    "Training on a closure",
    .enabled(if: ModelFiles.has(ModelFiles.smolLM2), "SmolLM2-135M-Instruct is not fetched")
)
struct OwnRewardTests {
    @Test("a closure over query lists trains adapters, step by step")
    func closure() async throws {
        let model = ModelFiles.url(ModelFiles.smolLM2)
        let samples = try LabelledPerson.all.prefix(2).map { try sample(titles: $0.titles) }
        let task = try InterestTask(modelAt: model)
        let brevity = ClosureReward<InterestSample, InterestOutput>("short_queries") { completion, _ in
            let queries = completion.output.list
            guard queries.count >= 3 else { return 0.1 * Double(queries.count) }
            return queries.reduce(0) { $0 + min(1, 20 / Double($1.count)) } / Double(queries.count)
        }
        let trainer = try await GRPOTrainer(
            modelAt: model,
            task: task,
            reward: try CompositeReward { brevity },
            options: try GRPOOptions(
                method: .adapters(try LoRAOptions(rank: 4, alpha: 8)),
                promptsPerStep: 1,
                groupSize: 4,
                duration: .steps(2),
                rollout: try RolloutOptions(maximumTokens: 24)
            )
        )
        var steps: [GRPOStep] = []
        var summary: GRPOSummary?
        for try await event in trainer.train(on: samples) {
            switch event {
            case .step(let step): steps.append(step)
            case .finished(let last): summary = last
            default: break
            }
        }
        #expect(steps.map(\.step) == [1, 2])
        #expect(steps.allSatisfy { $0.reward.map { (0...1).contains($0) } ?? false })
        #expect(summary?.reason == .completed)
    }
}
