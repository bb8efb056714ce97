// What the objective reads of a completion, and what it says of it.

/// A completion as the objective sees it: one number for each of its tokens in every list.
public struct PolicySample: Sendable, Hashable {
    /// log p(token) under the policy that learns.
    public var policy: [Double]
    /// log p(token) under the policy that is to be improved on: the one that drew the tokens, or that of the step's start.
    public var old: [Double]
    /// log p(token) under the reference policy; needed for a KL penalty.
    public var reference: [Double]?
    /// Entropies of the policy; needed for an entropy bonus and a share of high-entropy tokens.
    public var entropies: [Double]?
    /// The advantage of each token: the same for all, or its query's own.
    public var advantages: [Double]
    /// Tokens that take part; others (forced, truncated) have no loss and are not counted.
    public var mask: [Bool]
    /// Multiplies each token's surrogate: the truncated ratio old policy / sampler, where these differ. nil for 1.
    public var importance: [Double]?

    /// - Throws: ``PolicyError/mismatchedCounts(_:expected:found:)`` unless all lists have one number for each token.
    public init(
        policy: [Double],
        old: [Double],
        reference: [Double]? = nil,
        entropies: [Double]? = nil,
        advantages: [Double],
        mask: [Bool]? = nil,
        importance: [Double]? = nil
    ) throws(PolicyError) {
        let count = policy.count
        func require(_ what: String, _ found: Int?) throws(PolicyError) {
            if let found, found != count { throw .mismatchedCounts(what, expected: count, found: found) }
        }
        try require("log-probabilities of the old policy", old.count)
        try require("log-probabilities of the reference", reference?.count)
        try require("entropies", entropies?.count)
        try require("advantages", advantages.count)
        try require("mask", mask?.count)
        try require("importance weights", importance?.count)
        self.policy = policy
        self.old = old
        self.reference = reference
        self.entropies = entropies
        self.advantages = advantages
        self.mask = mask ?? [Bool](repeating: true, count: count)
        self.importance = importance
    }

    var maskedCount: Int { mask.reduce(0) { $0 + ($1 ? 1 : 0) } }
}

/// Counts of a whole step, which losses are divided by. Add those of micro-batches and processes together before any loss
/// is computed: then the split does not matter.
public struct PolicyTotals: Sendable, Hashable, Codable {
    public var sequences: Double
    public var tokens: Double
    /// Tokens that the entropy bonus is the mean over.
    public var entropyTokens: Double
    /// The lowest entropy that takes part; nil where all do.
    public var entropyThreshold: Double?

    public init(sequences: Double, tokens: Double, entropyTokens: Double? = nil, entropyThreshold: Double? = nil) {
        self.sequences = sequences
        self.tokens = tokens
        self.entropyTokens = entropyTokens ?? tokens
        self.entropyThreshold = entropyThreshold
    }

    /// The counts of these samples.
    public init(_ samples: [PolicySample], objective: PolicyObjective) {
        sequences = Double(samples.count)
        tokens = Double(samples.reduce(0) { $0 + $1.maskedCount })
        entropyTokens = tokens
        guard objective.highEntropyShare < 1 else { return }
        let entropies = samples.flatMap { sample in
            zip(sample.entropies ?? [], sample.mask).filter(\.1).map(\.0)
        }.sorted()
        let threshold = Self.quantile(entropies, 1 - objective.highEntropyShare)
        entropyThreshold = threshold
        entropyTokens = Double(entropies.filter { $0 >= threshold }.count)
    }

    /// Linear between the two nearest of the sorted values.
    private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        guard let last = sorted.indices.last else { return 0 }
        let place = share * Double(last)
        let lower = Int(place.rounded(.down))
        let upper = min(lower + 1, last)
        return sorted[lower] + (place - Double(lower)) * (sorted[upper] - sorted[lower])
    }
}

/// The loss of a completion, its derivatives, and what happened on the way.
public struct PolicyLoss: Sendable, Hashable {
    /// This completion's part of the step's loss.
    public var loss: Double
    /// Derivative of the step's loss in each of the policy's log-probabilities.
    public var derivatives: [Double]
    /// Derivative in each entropy; nil without an entropy bonus.
    public var entropyDerivatives: [Double]?
    /// Tokens that took part.
    public var tokens: Int
    /// Tokens whose gradient was cut because the ratio was below, above the clip.
    public var clippedLow: Int
    public var clippedHigh: Int
    /// Sum of the KL estimates, and of the ratios, over the tokens; the largest ratio.
    public var klSum: Double
    public var ratioSum: Double
    public var maximumRatio: Double
    /// The completion was left out of the surrogate as too far off the policy.
    public var isOffPolicy: Bool
}
