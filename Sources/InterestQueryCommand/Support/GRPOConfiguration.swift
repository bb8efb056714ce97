// The file that describes a GRPO training on news: JSON, every key optional but known.

internal import InterestQueryKit

/// Everything that a training on news depends on, but the seed's luck: written into `run.json` with what is not given filled in.
struct GRPOConfiguration: Codable, Sendable {
    var list = ListConfiguration()
    /// How much each reward counts.
    var weights = InterestRewards.Weights()
    /// How the rankings of a list's queries become one for the later clicks.
    var fusion = FusionArgument.bestRank
    /// Training people; nil for all.
    var people: Int?
    /// People of the training set who judge the policy instead of training it.
    var heldOutPeople = 64
    /// Deals people out; apart from the training's seed, so that runs of several seeds are judged by the same people, who are
    /// strangers to the warm-up too.
    var peopleSeed: UInt64 = 0
    /// The reward whose mean over held-out people decides which policy is best; nil for the weighted sum.
    var metric: String?
    var training: GRPOOptions

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case list, weights, fusion, people, heldOutPeople, peopleSeed, metric, training
    }

    private enum WeightKeys: String, CodingKey, CaseIterable {
        case alignment, coverage, specificity, diversity, structure, clicks
    }

    var deal: PeopleDeal { PeopleDeal(people: people, heldOut: heldOutPeople, seed: peopleSeed) }

    init(training: GRPOOptions) { self.training = training }

    init(from decoder: any Decoder) throws {
        let values = try decoder.checkedContainer(keyedBy: CodingKeys.self)
        list = try values.decodeIfPresent(ListConfiguration.self, forKey: .list) ?? ListConfiguration()
        if values.contains(.weights) {
            weights = try Self.weights(try values.superDecoder(forKey: .weights))
        }
        fusion = try values.decodeIfPresent(FusionArgument.self, forKey: .fusion) ?? fusion
        people = try values.decodeIfPresent(Int.self, forKey: .people)
        heldOutPeople = try values.decodeIfPresent(Int.self, forKey: .heldOutPeople) ?? heldOutPeople
        peopleSeed = try values.decodeIfPresent(UInt64.self, forKey: .peopleSeed) ?? peopleSeed
        metric = try values.decodeIfPresent(String.self, forKey: .metric)
        training = try values.decodeIfPresent(GRPOOptions.self, forKey: .training) ?? GRPOOptions()
        try deal.check()
    }

    private static func weights(_ decoder: any Decoder) throws -> InterestRewards.Weights {
        let given = try decoder.checkedContainer(keyedBy: WeightKeys.self)
        var weights = InterestRewards.Weights()
        func set(_ key: WeightKeys, _ path: WritableKeyPath<InterestRewards.Weights, Double>) throws {
            if let weight = try given.decodeIfPresent(Double.self, forKey: key) { weights[keyPath: path] = weight }
        }
        try set(.alignment, \.alignment)
        try set(.coverage, \.coverage)
        try set(.specificity, \.specificity)
        try set(.diversity, \.diversity)
        try set(.structure, \.structure)
        try set(.clicks, \.clicks)
        return weights
    }

    /// About a quarter of an hour on two cores with a model of 135 million weights: adapters, groups of 8, short lists.
    static func small() throws -> GRPOConfiguration {
        var configuration = GRPOConfiguration(
            training: try GRPOOptions(
                method: .adapters(try LoRAOptions(rank: 16, alpha: 32)),
                precision: .bf16,
                promptsPerStep: 4,
                groupSize: 8,
                duration: .steps(100),
                learningRate: 2e-4,
                schedule: .constant,
                rollout: try RolloutOptions(maximumTokens: 48),
                credit: .share,
                evaluationInterval: 25
            )
        )
        configuration.heldOutPeople = 32
        return configuration
    }
}
