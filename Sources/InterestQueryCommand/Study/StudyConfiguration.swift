// Everything that a study depends on, as one value that a JSON file changes.

internal import IQStudy
internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The sizes and settings of a study. A file of `--config` is laid over the preset key by key; null takes a key away.
struct StudyConfiguration: Codable, Sendable {
    /// How every trained model is asked for lists, in training and when it is measured.
    var list: ListConfiguration
    /// How the model is asked before any training.
    var promptOnly: ListConfiguration
    /// The longest list, in tokens, when it is measured or sampled.
    var maximumTokens: Int
    /// The same before any training, when lists are longer.
    var promptOnlyTokens: Int
    /// How much each reward counts in training; in the measured sums too, so that both speak of one thing.
    var weights: InterestRewards.Weights
    var fusion: FusionArgument
    /// Training people; nil for all.
    var people: Int?
    /// Training people who judge instead.
    var heldOutPeople: Int
    /// Deals people out.
    var peopleSeed: UInt64
    var pairs: Pairs
    /// The supervised warm-up of the whole model.
    var warmUp: SupervisedOptions
    /// Of the teacher and of the policies without credit for queries; the first one's policy is the teacher of all else.
    var seeds: [UInt64]
    /// GRPO from the warm-up.
    var teacher: GRPOOptions
    var rewards: Rewards
    var capacity: Capacity
    var distillation: Distillation
    var sampling: Sampling
    var evaluation: Evaluation

    /// The lists of the warm-up.
    struct Pairs: Codable, Sendable {
        /// The most words of a query.
        var words: Int
        /// How much likeness to the history counts beside the logarithm of the clicks.
        var affinity: Double
    }

    /// Policies without one reward each.
    struct Rewards: Codable, Sendable {
        /// What is left out in turn.
        var names: [String]
        /// GRPO from the warm-up, for these and for the one with all rewards.
        var training: GRPOOptions
    }

    /// Models with some of the layers, given the same training.
    struct Capacity: Codable, Sendable {
        /// Ascending.
        var layers: [Int]
        /// Supervised, on the warm-up's pairs.
        var recovery: SupervisedOptions
        var training: GRPOOptions
    }

    /// Students with some of the layers, recovered as in `capacity`.
    struct Distillation: Codable, Sendable {
        var layers: Int
        /// Training people for whom the teacher writes lists, and how many it chooses from.
        var listPeople: Int
        var candidates: Int
        /// On the teacher's lists.
        var supervised: SupervisedOptions
        var onPolicy: DistillationOptions
    }

    struct Sampling: Codable, Sendable {
        /// Evaluated people whose lists are sampled, and how many of each.
        var people: Int
        var lists: Int
    }

    struct Evaluation: Codable, Sendable {
        /// Nil for all.
        var people: Int?
        /// A number format, or `stored`.
        var precision: String
        var product: String
        var batch: Int
        var temperature: Float
        var usesGrammar: Bool
        var resamples: Int
        var baselines: [String]
    }

    /// The preset with a file laid over it.
    ///
    /// - Parameter path: the file; nil is the preset alone.
    /// - Throws: ``CommandFailure``, `TrainingError` for keys that there are not and for what options refuse.
    static func read(_ path: String?) throws -> StudyConfiguration {
        let preset = try JSONDecoder().decode(JSONTree.self, from: Data(small.utf8))
        guard let path else { return try StudyConfiguration(preset, from: "the preset") }
        let patch: JSONTree = try ConfigurationFile.read(path)
        return try StudyConfiguration(preset.merging(patch), from: path)
    }

    /// - Parameter path: where the JSON comes from, for messages.
    private init(_ tree: JSONTree, from path: String) throws {
        self = try ConfigurationFile.decode(try JSONEncoder().encode(tree), path: path)
        // What no decoder read is not written again.
        if let unknown = tree.paths.subtracting(try self.tree.paths).min() {
            throw TrainingError.invalidOption(
                name: unknown,
                value: "an option that there is not",
                permitted: "those of Documentation/Study.md"
            )
        }
        try check()
    }

    /// As JSON.
    var tree: JSONTree {
        get throws { try JSONDecoder().decode(JSONTree.self, from: try JSONEncoder().encode(self)) }
    }

    private func check() throws {
        func require(_ isGood: Bool, _ name: String, _ value: Any, _ permitted: String) throws {
            if !isGood { throw TrainingError.invalidOption(name: name, value: "\(value)", permitted: permitted) }
        }
        try require(Set(seeds).count == seeds.count && !seeds.isEmpty, "seeds", seeds, "at least one, none twice")
        let layers = capacity.layers
        try require(
            !layers.isEmpty && zip(layers, layers.dropFirst()).allSatisfy { $0 < $1 },
            "capacity.layers",
            layers,
            "numbers that rise"
        )
        for name in rewards.names {
            let known = Self.rewardPaths.keys.sorted()
            try require(known.contains(name), "rewards.names", name, known.joined(separator: ", "))
        }
        try require((1...32).contains(sampling.lists), "sampling.lists", sampling.lists, "1 to 32")
        try require(
            (1...32).contains(distillation.candidates),
            "distillation.candidates",
            distillation.candidates,
            "1 to 32"
        )
        for (name, value) in [
            ("sampling.people", sampling.people), ("distillation.listPeople", distillation.listPeople),
            ("evaluation.people", evaluation.people ?? 1),
        ] { try require(value >= 1, name, value, "1 or more") }
        try require(
            PrecisionArgument(argument: evaluation.precision) != nil,
            "evaluation.precision",
            evaluation.precision,
            PrecisionArgument.allValueStrings.joined(separator: ", ")
        )
        try require(
            QuantizedProduct(rawValue: evaluation.product) != nil,
            "evaluation.product",
            evaluation.product,
            QuantizedProduct.allCases.map(\.rawValue).joined(separator: ", ")
        )
        for name in evaluation.baselines {
            let known = EvaluateCommand.Baseline.allCases.map(\.rawValue)
            try require(known.contains(name), "evaluation.baselines", name, known.joined(separator: ", "))
        }
    }

    static let rewardPaths: [String: any WritableKeyPath<InterestRewards.Weights, Double> & Sendable] = [
        "alignment": \.alignment, "coverage": \.coverage, "specificity": \.specificity, "diversity": \.diversity,
        "structure": \.structure, "clicks": \.clicks,
    ]
}

extension JSONTree {
    /// The dotted paths of all keys of objects.
    fileprivate var paths: Set<String> {
        guard case .object(let members) = self else { return [] }
        var paths: Set<String> = []
        for (key, value) in members where value != .null {
            paths.insert(key)
            for path in value.paths { paths.insert("\(key).\(path)") }
        }
        return paths
    }
}
