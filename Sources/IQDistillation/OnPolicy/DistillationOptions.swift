// The settings of on-policy distillation.

public import IQTensor
public import IQTraining

/// Who writes the completions that the student does not write.
public enum OffPolicySource: String, Sendable, Hashable, Codable, CaseIterable {
    /// They are in the samples; see ``DistillationSample/completion``.
    case data
    /// The teacher, sampled as the student is.
    case teacher
}

/// How ``OnPolicyDistiller`` trains. Every value is checked when it is made and when it is decoded.
public struct DistillationOptions: Sendable, Hashable {
    /// How long to train.
    public enum Duration: Sendable, Hashable {
        case steps(Int)
        /// So many passes over the samples.
        case epochs(Int)
    }

    /// All weights or adapters. Adapters without dropout: the student that learns must be the one that sampled.
    public let method: TrainingMethod
    /// Format of the operands of matrix products, the teacher's too.
    public let precision: MatrixPrecision
    /// The most tokens of one pass, a shared prompt counted once; at least the longest prompt with one completion, the
    /// teacher's prompts too. Memory grows with it, results do not depend on it but for rounding.
    public let tokensPerMicroBatch: Int
    public let recomputesActivations: Bool
    /// Prompts of a step, from all processes together.
    public let promptsPerStep: Int
    /// Completions of each prompt, which share its passes.
    public let completionsPerPrompt: Int
    public private(set) var duration: Duration
    /// The peak rate.
    public let learningRate: Double
    public let schedule: LearningRateSchedule
    public let adamW: AdamWOptions
    /// The largest norm of a gradient; nil leaves gradients as they are.
    public let gradientClipping: Double?
    /// Of the order of samples, of sampling, and of adapters' beginnings.
    public private(set) var seed: UInt64
    public let rollout: RolloutOptions
    /// What is made small, summed over completion tokens and divided by their number.
    public let objective: DistillationObjective
    /// The share of prompts, on average, whose completions the student writes (λ of GKD, arXiv 2306.13649).
    public let onPolicyShare: Double
    /// Who writes the other completions.
    public let offPolicySource: OffPolicySource
    /// Steps between evaluations of the held-out samples. There is one before the first step and one after the last.
    public let evaluationInterval: Int
    /// Steps between checkpoints. There is one after the last step in any case.
    public let checkpointInterval: Int
    /// Checkpoints that stay, the best one not counted.
    public let keptCheckpoints: Int
    /// So many steps in a row whose loss or gradient is not finite end the training.
    public let nonFiniteLimit: Int

    /// - Parameters:
    ///   - learningRate: the peak rate; nil takes 2e-5 for all weights and 2e-4 for adapters.
    ///   - rollout: nil for the defaults of ``RolloutOptions``.
    ///   - objective: nil for the reverse KL over the whole vocabulary.
    ///   - others: see the properties.
    /// - Throws: ``TrainingError/invalidOption(name:value:permitted:)``,
    ///   ``DistillationError/invalidOption(name:value:permitted:)``.
    public init(
        method: TrainingMethod = .full,
        precision: MatrixPrecision = .f32,
        tokensPerMicroBatch: Int = 2048,
        recomputesActivations: Bool = false,
        promptsPerStep: Int = 8,
        completionsPerPrompt: Int = 1,
        duration: Duration? = nil,
        learningRate: Double? = nil,
        schedule: LearningRateSchedule = .standard,
        adamW: AdamWOptions? = nil,
        gradientClipping: Double? = 1,
        seed: UInt64 = 0,
        rollout: RolloutOptions? = nil,
        objective: DistillationObjective? = nil,
        onPolicyShare: Double = 1,
        offPolicySource: OffPolicySource = .data,
        evaluationInterval: Int = 25,
        checkpointInterval: Int = 50,
        keptCheckpoints: Int = 2,
        nonFiniteLimit: Int = 5
    ) throws {
        func require(_ isGood: Bool, _ name: String, _ value: Any, _ permitted: String) throws(DistillationError) {
            if !isGood { throw .invalidOption(name: name, value: "\(value)", permitted: permitted) }
        }
        func atLeastOne(_ name: String, _ value: Int) throws(DistillationError) {
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
            "0: the student that learns must be the one that sampled"
        )
        try require((1...1 << 16).contains(promptsPerStep), "promptsPerStep", promptsPerStep, "1 to 65536")
        try require(
            (1...1 << 12).contains(completionsPerPrompt),
            "completionsPerPrompt",
            completionsPerPrompt,
            "1 to 4096"
        )
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
        let rate = learningRate ?? (method == .full ? 2e-5 : 2e-4)
        try require(rate >= 0 && rate.isFinite, "learningRate", rate, "a finite number of at least 0")
        if let gradientClipping {
            try require(
                gradientClipping > 0 && gradientClipping.isFinite,
                "gradientClipping",
                gradientClipping,
                "a finite number above 0"
            )
        }
        try require((0...1).contains(onPolicyShare), "onPolicyShare", onPolicyShare, "0 to 1")
        try atLeastOne("evaluationInterval", evaluationInterval)
        try atLeastOne("checkpointInterval", checkpointInterval)
        try atLeastOne("keptCheckpoints", keptCheckpoints)
        try atLeastOne("nonFiniteLimit", nonFiniteLimit)
        let rollout = try rollout ?? RolloutOptions()
        let objective = try objective ?? DistillationObjective()
        if objective.support == .sampledToken {
            let name = "the divergence over sampled tokens"
            let isPlain = rollout.sampling.topK == 0 && rollout.sampling.topP == 1 && rollout.sampling.minP == 0
            try require(
                isPlain && Double(rollout.sampling.temperature) == objective.temperature,
                name,
                "sampling that is truncated or of another temperature",
                "samples of the student's own distribution, whose mean it is"
            )
            try require(onPolicyShare == 1, name, "onPolicyShare \(onPolicyShare)", "1: samples of the student alone")
            try require(
                rollout.precision == .trained,
                name,
                "rollouts of a copy in another precision",
                "rollouts of the weights in training"
            )
        }
        self.method = method
        self.precision = precision
        self.tokensPerMicroBatch = tokensPerMicroBatch
        self.recomputesActivations = recomputesActivations
        self.promptsPerStep = promptsPerStep
        self.completionsPerPrompt = completionsPerPrompt
        self.duration = duration
        self.learningRate = rate
        self.schedule = schedule
        if let adamW { self.adamW = adamW } else { self.adamW = try AdamWOptions(weightDecay: 0) }
        self.gradientClipping = gradientClipping
        self.seed = seed
        self.rollout = rollout
        self.objective = objective
        self.onPolicyShare = onPolicyShare
        self.offPolicySource = offPolicySource
        self.evaluationInterval = evaluationInterval
        self.checkpointInterval = checkpointInterval
        self.keptCheckpoints = keptCheckpoints
        self.nonFiniteLimit = nonFiniteLimit
    }

    /// The same with another seed.
    public func with(seed: UInt64) -> DistillationOptions {
        var options = self
        options.seed = seed
        return options
    }

    /// The same for so many steps.
    ///
    /// - Throws: ``DistillationError/invalidOption(name:value:permitted:)``.
    public func with(steps: Int) throws(DistillationError) -> DistillationOptions {
        try DistillationError.require(
            Self.permittedSteps.contains(steps),
            "steps",
            steps,
            "\(Self.permittedSteps.lowerBound) to \(Self.permittedSteps.upperBound)"
        )
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
