// The settings of GRPO.

internal import IQModel
public import IQTensor
public import IQTraining

/// How the policy is held near the reference: the base under the adapters, or the model that a full training began with.
public enum ReferenceControl: Sendable, Hashable {
    /// There is no reference, and no memory or time for it.
    case none
    /// An estimate at each sampled token, in the loss.
    case penalty(KLPenalty)
    /// KL(policy ‖ reference) over the whole vocabulary at each sampled position, in the loss, times this weight.
    case divergence(weight: Double)
    /// An estimate, summed over a completion's tokens, is a reward of its own with this weight below zero: the advantage
    /// tells completions apart by it, and no gradient flows through it.
    case reward(KLEstimator, weight: Double)
    /// The same with the whole vocabulary's KL, summed over a completion's positions.
    case divergenceReward(weight: Double)

    var weight: Double {
        switch self {
        case .none: 0
        case .penalty(let penalty): penalty.weight
        case .divergence(let weight), .reward(_, let weight), .divergenceReward(let weight): weight
        }
    }
}

/// What becomes of completions that were cut off at the longest length.
public enum CutCompletions: Sendable, Hashable {
    /// They are trained on as all others.
    case trained
    /// They count for the group's mean but are not trained on (DAPO's overlong filtering, arXiv 2503.14476).
    case masked
    /// Their reward is less by this much.
    case penalised(Double)
}

/// How ``GRPOTrainer`` trains. Every value is checked when it is made and when it is decoded.
public struct GRPOOptions: Sendable, Hashable {
    /// How long to train.
    public enum Duration: Sendable, Hashable {
        case steps(Int)
        /// So many passes over the samples.
        case epochs(Int)
    }

    /// All weights or adapters. Adapters without dropout: the policy that learns must be the one that sampled.
    public let method: TrainingMethod
    /// Format of the operands of matrix products in training.
    public let precision: MatrixPrecision
    /// The most tokens of one pass, a shared prompt counted once; at least the longest prompt with one completion. Memory
    /// grows with it, results do not depend on it but for rounding.
    public let tokensPerMicroBatch: Int
    public let recomputesActivations: Bool
    /// Prompts of a step, from all processes together.
    public let promptsPerStep: Int
    /// Completions of each prompt, G.
    public let groupSize: Int
    public private(set) var duration: Duration
    /// Updates with the completions of one step, μ.
    public let innerEpochs: Int
    /// The peak rate.
    public let learningRate: Double
    public let schedule: LearningRateSchedule
    public let adamW: AdamWOptions
    /// The largest norm of a gradient; nil leaves gradients as they are.
    public let gradientClipping: Double?
    /// Of the order of samples, of sampling, and of adapters' beginnings.
    public private(set) var seed: UInt64
    public let rollout: RolloutOptions
    public let advantages: AdvantageEstimator
    public let credit: SpanCredit
    /// The objective, with the penalty of ``reference`` where that is in the loss.
    public let objective: PolicyObjective
    public let reference: ReferenceControl
    public let cutCompletions: CutCompletions
    /// How often the groups of a step that teach nothing are replaced by the next samples' (dynamic sampling, arXiv 2503.14476).
    public let resamplings: Int
    /// The most that a token of rollouts in another precision may count, as policy / sampler.
    public let importanceLimit: Double
    /// Steps between evaluations of the held-out samples. There is one before the first step and one after the last.
    public let evaluationInterval: Int
    /// Evaluations take the most probable tokens instead of sampling.
    public let evaluatesGreedily: Bool
    public let guardRails: GuardRails
    /// Steps between checkpoints. There is one after the last step in any case.
    public let checkpointInterval: Int
    /// Checkpoints that stay, the best one not counted.
    public let keptCheckpoints: Int
    /// So many steps in a row whose loss or gradient is not finite end the training.
    public let nonFiniteLimit: Int

    /// - Parameters:
    ///   - learningRate: the peak rate; nil takes 1e-6 for all weights, TRL's usual one, and 1e-5 for adapters.
    ///   - rollout: nil for the defaults of ``RolloutOptions``.
    ///   - objective: nil for Dr. GRPO with the longest completion as its constant; without a KL penalty, which
    ///     `reference` says.
    ///   - others: see the properties.
    /// - Throws: ``TrainingError/invalidOption(name:value:permitted:)``, ``PolicyError/invalidOption(name:value:permitted:)``.
    public init(
        method: TrainingMethod = .full,
        precision: MatrixPrecision = .f32,
        tokensPerMicroBatch: Int = 2048,
        recomputesActivations: Bool = false,
        promptsPerStep: Int = 4,
        groupSize: Int = 8,
        duration: Duration? = nil,
        innerEpochs: Int = 1,
        learningRate: Double? = nil,
        schedule: LearningRateSchedule = .constant,
        adamW: AdamWOptions? = nil,
        gradientClipping: Double? = 1,
        seed: UInt64 = 0,
        rollout: RolloutOptions? = nil,
        advantages: AdvantageEstimator = .drGRPO,
        credit: SpanCredit = .none,
        objective: PolicyObjective? = nil,
        reference: ReferenceControl = .none,
        cutCompletions: CutCompletions = .trained,
        resamplings: Int = 0,
        importanceLimit: Double = 2,
        evaluationInterval: Int = 25,
        evaluatesGreedily: Bool = false,
        guardRails: GuardRails = .standard,
        checkpointInterval: Int = 25,
        keptCheckpoints: Int = 2,
        nonFiniteLimit: Int = 5
    ) throws {
        func require(_ isGood: Bool, _ name: String, _ value: Any, _ permitted: String) throws(TrainingError) {
            if !isGood { throw .invalidOption(name: name, value: "\(value)", permitted: permitted) }
        }
        func atLeastOne(_ name: String, _ value: Int) throws(TrainingError) {
            try require(value >= 1, name, value, "a number of at least 1")
        }
        let range = SupervisedOptions.permittedMicroBatches
        try require(
            range.contains(tokensPerMicroBatch),
            "tokensPerMicroBatch",
            tokensPerMicroBatch,
            "\(range.lowerBound) to \(range.upperBound)"
        )
        try require(
            method.adapterOptions.map { $0.dropout == 0 } ?? true,
            "dropout of adapters",
            method.adapterOptions?.dropout ?? 0,
            "0: the policy that learns must be the one that sampled"
        )
        try require((1...1 << 16).contains(promptsPerStep), "promptsPerStep", promptsPerStep, "1 to 65536")
        try require((2...1 << 12).contains(groupSize), "groupSize", groupSize, "2 to 4096: one completion has no group")
        let duration = duration ?? .epochs(1)
        switch duration {
        case .steps(let count):
            let permitted = Self.permittedSteps
            try require(
                permitted.contains(count),
                "steps",
                count,
                "\(permitted.lowerBound) to \(permitted.upperBound)"
            )
        case .epochs(let count): try atLeastOne("epochs", count)
        }
        try require((1...64).contains(innerEpochs), "innerEpochs", innerEpochs, "1 to 64")
        let rate = learningRate ?? (method == .full ? 1e-6 : 1e-5)
        try require(rate >= 0 && rate.isFinite, "learningRate", rate, "a finite number of at least 0")
        if let gradientClipping {
            try require(
                gradientClipping > 0 && gradientClipping.isFinite,
                "gradientClipping",
                gradientClipping,
                "a finite number above 0"
            )
        }
        try require((0...16).contains(resamplings), "resamplings", resamplings, "0 to 16")
        try require(
            importanceLimit >= 1 && importanceLimit.isFinite,
            "importanceLimit",
            importanceLimit,
            "a finite number of at least 1"
        )
        if case .penalised(let amount) = cutCompletions {
            try require(amount > 0 && amount.isFinite, "cutPenalty", amount, "a finite number above 0")
        }
        try require(
            reference.weight >= 0 && reference.weight.isFinite,
            "KL weight",
            reference.weight,
            "a finite number of at least 0"
        )
        try atLeastOne("evaluationInterval", evaluationInterval)
        try atLeastOne("checkpointInterval", checkpointInterval)
        try atLeastOne("keptCheckpoints", keptCheckpoints)
        try atLeastOne("nonFiniteLimit", nonFiniteLimit)
        let rollout = try rollout ?? RolloutOptions()
        let plain = try objective ?? PolicyObjective.drGRPO(maximumTokens: rollout.maximumTokens)
        try require(
            plain.klPenalty == nil,
            "KL penalty of the objective",
            plain.klPenalty?.weight ?? 0,
            "it as `reference`"
        )
        if case .penalty(let penalty) = reference, penalty.weight > 0 {
            self.objective = try plain.with(penalty)
        } else {
            self.objective = plain
        }
        self.reference = reference.weight > 0 ? reference : .none
        self.method = method
        self.precision = precision
        self.tokensPerMicroBatch = tokensPerMicroBatch
        self.recomputesActivations = recomputesActivations
        self.promptsPerStep = promptsPerStep
        self.groupSize = groupSize
        self.duration = duration
        self.innerEpochs = innerEpochs
        self.learningRate = rate
        self.schedule = schedule
        if let adamW { self.adamW = adamW } else { self.adamW = try AdamWOptions(weightDecay: 0) }
        self.gradientClipping = gradientClipping
        self.seed = seed
        self.rollout = rollout
        self.advantages = advantages
        self.credit = credit
        self.cutCompletions = cutCompletions
        self.resamplings = resamplings
        self.importanceLimit = importanceLimit
        self.evaluationInterval = evaluationInterval
        self.evaluatesGreedily = evaluatesGreedily
        self.guardRails = guardRails
        self.checkpointInterval = checkpointInterval
        self.keptCheckpoints = keptCheckpoints
        self.nonFiniteLimit = nonFiniteLimit
    }

    /// The same with another seed.
    public func with(seed: UInt64) -> GRPOOptions {
        var options = self
        options.seed = seed
        return options
    }

    /// The same for so many steps.
    ///
    /// - Throws: ``TrainingError/invalidOption(name:value:permitted:)``.
    public func with(steps: Int) throws(TrainingError) -> GRPOOptions {
        guard Self.permittedSteps.contains(steps) else {
            throw .invalidOption(
                name: "steps",
                value: "\(steps)",
                permitted: "\(Self.permittedSteps.lowerBound) to \(Self.permittedSteps.upperBound)"
            )
        }
        var options = self
        options.duration = .steps(steps)
        return options
    }

    private static let permittedSteps = 1...(1 << 24) - 1

    /// What a session needs to know.
    var settings: TrainingSettings {
        TrainingSettings(
            method: method,
            precision: precision,
            tokensPerMicroBatch: tokensPerMicroBatch,
            recomputesActivations: recomputesActivations,
            adamW: adamW,
            gradientClipping: gradientClipping,
            nonFiniteLimit: nonFiniteLimit,
            seed: seed
        )
    }
}

extension PolicyObjective {
    /// The same with another KL penalty in the loss, or none.
    func with(_ penalty: KLPenalty?) throws(PolicyError) -> PolicyObjective {
        try PolicyObjective(
            ratioLevel: ratioLevel,
            surrogate: surrogate,
            normalization: normalization,
            klPenalty: penalty,
            entropyBonus: entropyBonus,
            highEntropyShare: highEntropyShare,
            offPolicyThreshold: offPolicyThreshold
        )
    }
}
