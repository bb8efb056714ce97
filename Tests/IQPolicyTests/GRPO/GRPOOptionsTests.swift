// GRPO's options as JSON: all of them survive, and what nobody reads is refused by name.

import IQModel
import IQPolicy
import IQTraining
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct GRPOOptionsTests {
    static func decode(_ json: String) throws -> GRPOOptions {
        try JSONDecoder().decode(GRPOOptions.self, from: Data(json.utf8))
    }

    @Test func `nothing given is the defaults`() throws {
        #expect(try Self.decode("{}") == GRPOOptions())
        #expect(try Self.decode("{}").objective == PolicyObjective.drGRPO(maximumTokens: 128))
    }

    @Test func `every form survives`() throws {
        let all: [GRPOOptions] = [
            try GRPOOptions(),
            try GRPOOptions(
                method: .adapters(try LoRAOptions(rank: 4)),
                duration: .steps(7),
                gradientClipping: nil,
                rollout: try RolloutOptions(maximumTokens: 9, stopStrings: ["x"], precision: .copy(.q8_0)),
                advantages: try AdvantageEstimator(scaling: .leaveOneOut, epsilon: 1e-3),
                credit: .share,
                objective: try PolicyObjective(
                    surrogate: .clipped(low: 0.1, high: 0.3, dual: 3),
                    normalization: .tokens,
                    entropyBonus: 0.1,
                    offPolicyThreshold: 0.5
                ),
                reference: .penalty(try KLPenalty(weight: 0.1, estimator: .k2, correctsBias: false)),
                cutCompletions: .penalised(0.25),
                guardRails: try GuardRails(action: .rollBack, window: 3)
            ),
            try GRPOOptions(
                objective: try PolicyObjective(surrogate: .cispo(maximum: 4), normalization: .constant(3)),
                reference: .divergence(weight: 0.2),
                cutCompletions: .masked
            ),
            try GRPOOptions(
                objective: try PolicyObjective(
                    ratioLevel: .sequence,
                    surrogate: .soft(positiveTemperature: 2, negativeTemperature: 3),
                    normalization: .sequenceSums
                ),
                reference: .reward(.k1, weight: 0.2)
            ),
            try GRPOOptions(
                objective: try PolicyObjective(
                    surrogate: .gamma(positive: .init(k: 1, lambda: 2), negative: .init(k: 3, lambda: 4)),
                    normalization: .sequences,
                    highEntropyShare: 0.2
                ),
                reference: .divergenceReward(weight: 0.2)
            ),
        ]
        for options in all {
            let data = try JSONEncoder().encode(options)
            #expect(try JSONDecoder().decode(GRPOOptions.self, from: data) == options)
        }
    }

    @Test(
        arguments: [
            ("{\"learnRate\": 1}", "learnRate"), ("{\"rollout\": {\"temp\": 1}}", "rollout.temp"),
            ("{\"objective\": {\"clip\": 1}}", "objective.clip"), ("{\"reference\": {\"beta\": 1}}", "reference.beta"),
            ("{\"guardRails\": {\"stop\": true}}", "guardRails.stop"),
            ("{\"advantages\": {\"scale\": 1}}", "advantages.scale"),
            ("{\"objective\": {\"surrogate\": \"cispo\", \"clipLow\": 0.1}}", "objective.clipLow"),
            ("{\"steps\": 3, \"epochs\": 1}", "epochs"),
            ("{\"cutPenalty\": 1, \"cutCompletions\": \"masked\"}", "cutPenalty"),
            ("{\"groupSize\": 1}", "groupSize"), ("{\"rollout\": {\"temperature\": 0}}", "temperature"),
        ]
    )
    func `what nobody reads is refused by its name`(json: String, name: String) {
        #expect {
            try Self.decode(json)
        } throws: { error in
            guard case .invalidOption(let found, _, _) = error as? TrainingError else { return false }
            return found == name
        }
    }
}
