// A step in the making: which samples it takes, what was sampled for them, and what that is worth.

internal import IQModel
internal import IQTensor
internal import IQText
internal import IQTraining

/// One prompt of a step.
struct StepSlot: Sendable {
    var sample: Int
    var resampling = 0
}

/// A group that this process has sampled and scored.
struct ScoredGroup: Sendable {
    var completions: [GeneratedSequence]
    var spans: [[Range<Int>]]
    /// For each completion the score of every reward, those of KL and of cut completions last.
    var scores: [[RewardScore?]]
}

/// Everything of a step before its update.
struct StepDraft {
    var slots: [StepSlot]
    /// Places whose groups are being sampled or scored.
    var pending: [Int]
    var resampling = 0
    /// Groups of this process by place.
    var groups: [Int: ScoredGroup] = [:]
    /// Values of the rewards of all processes: by place, completion and reward.
    var values: [[[Double?]]]
    var sequences: [Int: [GeneratedSequence]] = [:]
    var began: Double
    var generationSeconds = 0.0
    var rewardSeconds = 0.0
    var scorerSeconds: [Double]
    var cached: [Int]
    var failures: [GroupScores.Failure] = []
    var credited: CreditedAdvantages?

    init(samples: [Int], groupSize: Int, rewards: Int, began: Double) {
        slots = samples.map { StepSlot(sample: $0) }
        pending = Array(samples.indices)
        values = Array(
            repeating: Array(repeating: Array(repeating: nil, count: rewards), count: groupSize),
            count: samples.count
        )
        scorerSeconds = Array(repeating: 0, count: rewards)
        cached = Array(repeating: 0, count: rewards)
        self.began = began
    }

    /// The completions of this process.
    var completions: [GeneratedSequence] { groups.keys.sorted().flatMap { groups[$0]?.completions ?? [] } }
}

extension GeneratedSequence {
    /// The model was stopped before it was done.
    var isCut: Bool { reason == .maximumTokens || reason == .contextFull || reason == .cancelled }
}

/// Sums over completions, which processes add together.
struct RolloutSums {
    var completions = 0.0
    var tokens = 0.0
    var cut = 0.0
    var repetition = 0.0
    var duplicates = 0.0
    var parts = 0.0
    var valid = 0.0
    /// Of −ln p of the sampled tokens: its mean estimates the entropy.
    var surprise = 0.0

    init(_ groups: some Sequence<ScoredGroup>) {
        for group in groups {
            var texts: Set<[TokenID]> = []
            for (completion, spans) in zip(group.completions, group.spans) {
                completions += 1
                tokens += Double(completion.tokens.count)
                if completion.isCut { cut += 1 }
                repetition += CollapseDetector.repetition(completion.tokens)
                if !texts.insert(completion.tokens).inserted { duplicates += 1 }
                parts += Double(spans.count)
                if !spans.isEmpty { valid += 1 }
                surprise -= completion.logProbabilities.reduce(0) { $0 + Double($1) }
            }
        }
    }

    mutating func add(over collective: any Collective) throws {
        let sums = try collective.sum([completions, tokens, cut, repetition, duplicates, parts, valid, surprise])
        (completions, tokens, cut, repetition) = (sums[0], sums[1], sums[2], sums[3])
        (duplicates, parts, valid, surprise) = (sums[4], sums[5], sums[6], sums[7])
    }

    func observation(entropy: Double?, reward: Double?) -> CollapseObservation {
        CollapseObservation(
            entropy: entropy,
            repetition: repetition / max(1, completions),
            duplicates: duplicates / max(1, completions),
            tokens: tokens / max(1, completions),
            parts: valid > 0 ? parts / valid : nil,
            valid: valid / max(1, completions),
            reward: reward
        )
    }
}
