// Advantages equal the values recorded from TRL.

import IQPolicy
import Testing
import _IQTestSupport

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct AdvantageGoldenTests {
    struct File: Decodable {
        var cases: [Case]
    }

    struct Case: Decodable {
        var `case`: String
        var num_generations: Int
        var scale_rewards: String
        var aggregation: String
        var reward_weights: [Double]
        var rewards_per_function: [[Double?]]
        var advantages: [Double]
    }

    @Test func advantagesEqualTRL() throws {
        let file = try JSONDecoder().decode(File.self, from: GoldenFiles.data("rl/advantages.json"))
        #expect(file.cases.count == 19)
        for golden in file.cases {
            let scaling = try #require(AdvantageScaling(rawValue: golden.scale_rewards))
            let isNormalizedFirst = golden.aggregation == "normalize_then_sum"
            let estimator = try AdvantageEstimator(
                scaling: scaling,
                aggregation: isNormalizedFirst ? .normalizeThenSum : .sumThenNormalize
            )
            let count = golden.rewards_per_function.count
            let groups = stride(from: 0, to: count, by: golden.num_generations).map {
                $0..<($0 + golden.num_generations)
            }
            let found = try estimator.advantages(
                rewards: golden.rewards_per_function,
                weights: golden.reward_weights,
                groups: groups
            )
            for (a, b) in zip(found.values, golden.advantages) {
                // Recorded in f32: a constant group of f32 rewards may leave rounding there.
                #expect(abs(a - b) < 1e-6 * max(1, abs(b)), "\(golden.case), \(golden.scale_rewards)")
            }
        }
    }
}
