// Trains a model on a reward of one's own, as the README shows it: short queries, at least three of them.
//
//   swift run -c release OwnReward path/to/model people.jsonl folder [steps]

import InterestQueryKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@main
struct OwnReward {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count >= 3, let steps = arguments.count > 3 ? Int(arguments[4]) : 30 else {
            print(
                "usage: OwnReward MODEL PEOPLE FOLDER [STEPS]    (PEOPLE is JSON Lines, as `interest-query generate` reads them)"
            )
            return
        }
        let (model, folder) = (URL(fileURLWithPath: arguments[1]), URL(fileURLWithPath: arguments[3]))
        var samples: [InterestSample] = []
        for try await person in PersonFile(path: arguments[2]) {
            samples.append(InterestSample(id: person.id, signals: person.signals, language: person.language))
        }

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
                method: .adapters(try LoRAOptions(rank: 16, alpha: 32)),
                precision: .bf16,
                promptsPerStep: 2,
                duration: .steps(steps),
                learningRate: 2e-4,
                rollout: try RolloutOptions(maximumTokens: 48)
            )
        )
        for try await event in trainer.train(on: samples, in: folder) {
            if case .step(let step) = event, let reward = step.reward {
                print("step \(step.step) of \(step.steps): reward \(reward), \(step.seconds.total) s")
            }
        }
        try await trainer.save(to: folder.appending(path: "model"))
    }
}
