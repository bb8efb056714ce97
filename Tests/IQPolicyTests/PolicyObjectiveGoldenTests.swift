// Losses and gradients of every form that TRL has equal its recorded values.

import IQPolicy
import Testing
import _IQTestSupport

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct PolicyObjectiveGoldenTests {
    struct File: Decodable {
        struct Inputs: Decodable {
            var new_logps: [[Double]]
            var old_logps: [[Double]]
            var ref_logps: [[Double]]
            var mask: [[Int]]
            var advantages: [Double]
            var entropies: [[Double]]
        }

        struct Settings: Decodable {
            var loss_type: String
            var beta: Double
            var importance_sampling_level: String
            var epsilon: Double
            var epsilon_high: Double
            var delta: Double?
            var use_bias_correction_kl: Bool
            var max_completion_length: Double
            var off_policy_mask_threshold: Double?
            var top_entropy_quantile: Double
            var num_items_in_batch: Double?
            var gradient_accumulation_steps: Double
            var steps_per_generation: Double
            var entropy_coef: Double
            var old_logps: String
        }

        struct Case: Decodable {
            var settings: Settings
            var loss: Double
            var grad_new_logps: [[Double]]
        }

        var inputs: Inputs
        var cases: [Case]
    }

    @Test func lossesAndGradientsEqualTRL() throws {
        let file = try JSONDecoder().decode(File.self, from: GoldenFiles.data("rl/grpo_losses.json"))
        #expect(file.cases.count == 52)
        for (number, golden) in file.cases.enumerated() {
            let settings = golden.settings
            let isOnPolicy = settings.old_logps != "given"
            let samples = try file.inputs.new_logps.indices.map { index in
                try PolicySample(
                    policy: file.inputs.new_logps[index],
                    old: isOnPolicy ? file.inputs.new_logps[index] : file.inputs.old_logps[index],
                    reference: file.inputs.ref_logps[index],
                    entropies: file.inputs.entropies[index],
                    advantages: file.inputs.new_logps[index].map { _ in file.inputs.advantages[index] },
                    mask: file.inputs.mask[index].map { $0 == 1 }
                )
            }
            let objective = try Self.objective(settings)
            var totals = PolicyTotals(samples, objective: objective)
            // TRL divides by the number of micro-batches what it averages over one of them.
            totals.sequences *= settings.gradient_accumulation_steps
            if let items = settings.num_items_in_batch {
                totals.tokens = items * settings.gradient_accumulation_steps / settings.steps_per_generation
            } else {
                totals.tokens *= settings.gradient_accumulation_steps
            }
            let (loss, parts) = try objective.loss(of: samples, totals: totals)
            #expect(abs(loss - golden.loss) < 1e-6 * max(1, abs(golden.loss)), "case \(number), \(settings)")
            for (part, expected) in zip(parts, golden.grad_new_logps) {
                for (a, b) in zip(part.derivatives, expected) {
                    #expect(abs(a - b) < 1e-6 * max(1, abs(b)), "case \(number), \(settings)")
                }
            }
        }
    }

    static func objective(_ settings: File.Settings) throws -> PolicyObjective {
        let surrogate: Surrogate
        let normalization: LossNormalization
        switch settings.loss_type {
        case "cispo": surrogate = .cispo(maximum: settings.epsilon_high)
        case "sapo": surrogate = .soft(positiveTemperature: 1, negativeTemperature: 1.05)
        case "vespo": surrogate = .gamma(positive: .init(k: 2, lambda: 3), negative: .init(k: 3, lambda: 2))
        default:
            surrogate = .clipped(low: settings.epsilon, high: settings.epsilon_high, dual: settings.delta)
        }
        switch settings.loss_type {
        case "grpo", "sapo": normalization = .sequences
        case "bnpo", "dapo", "cispo", "vespo": normalization = .tokens
        case "dr_grpo": normalization = .constant(settings.max_completion_length)
        case "luspo": normalization = .sequenceSums
        default: throw PolicyError.invalidOption(name: "loss_type", value: settings.loss_type, permitted: "TRL's")
        }
        return try PolicyObjective(
            ratioLevel: settings.importance_sampling_level == "sequence" ? .sequence : .token,
            surrogate: surrogate,
            normalization: normalization,
            klPenalty: settings.beta == 0
                ? nil : try KLPenalty(weight: settings.beta, correctsBias: settings.use_bias_correction_kl),
            entropyBonus: settings.entropy_coef,
            highEntropyShare: settings.top_entropy_quantile,
            offPolicyThreshold: settings.off_policy_mask_threshold
        )
    }

    struct KLFile: Decodable {
        var new_logps: [[Double]]
        var ref_logps: [[Double]]
        var mask: [[Int]]
        var k3_per_token: [[Double]]
        var grad_of_masked_sum_wrt_new: [[Double]]
    }

    @Test func k3EqualsTRL() throws {
        let file = try JSONDecoder().decode(KLFile.self, from: GoldenFiles.data("rl/kl_k3.json"))
        for (row, policies) in file.new_logps.enumerated() {
            for (column, policy) in policies.enumerated() {
                let reference = file.ref_logps[row][column]
                let value = KLEstimator.k3.value(policy: policy, reference: reference)
                // The recorded values are f32 differences of numbers near 1.
                #expect(abs(value - file.k3_per_token[row][column]) < 1e-6)
                guard file.mask[row][column] == 1 else { continue }
                let derivative = KLEstimator.k3.derivative(policy: policy, reference: reference)
                #expect(abs(derivative - file.grad_of_masked_sum_wrt_new[row][column]) < 1e-6)
            }
        }
    }
}
