// The settings of supervised training.

public import IQTensor

/// How ``SupervisedTrainer`` trains. Every value is checked when it is made and when it is decoded.
public struct SupervisedOptions: Sendable, Hashable {
    /// What a step of the optimiser takes, from all processes together.
    public enum StepSize: Sendable, Hashable {
        /// So many pairs.
        case pairs(Int)
        /// Pairs until they have so many tokens; at least one.
        case tokens(Int)
    }

    /// How long to train.
    public enum Duration: Sendable, Hashable {
        /// So many passes over the data.
        case epochs(Int)
        /// So many steps of the optimiser, over as many passes as they take.
        case steps(Int)
    }

    /// What to do with a pair that is longer than a micro-batch or the model's context.
    public enum LongPairs: String, Sendable, Hashable, Codable, CaseIterable {
        /// Throw ``PairProblem/tooLong(tokens:limit:)``.
        case refuse
        /// Leave it out and count it.
        case skip
    }

    /// All weights or adapters.
    public let method: TrainingMethod
    /// Format of the operands of matrix products.
    public let precision: MatrixPrecision
    /// The most tokens of one pass. Memory grows with it, results do not depend on it but for rounding.
    public let tokensPerMicroBatch: Int
    public let stepSize: StepSize
    public let duration: Duration
    /// The peak rate.
    public let learningRate: Double
    public let schedule: LearningRateSchedule
    public let adamW: AdamWOptions
    /// The largest norm of a gradient; nil leaves gradients as they are.
    public let gradientClipping: Double?
    /// Of the order of pairs, of adapters' beginnings and of dropout.
    public let seed: UInt64
    /// Keep only each layer's input and compute the layer again in the backward pass: less memory, about a fifth more time.
    public let recomputesActivations: Bool
    /// Steps between evaluations of the held-out pairs; nil for one at the end of each pass over the data. There is one
    /// before the first step and one after the last in any case.
    public let evaluationInterval: Int?
    /// So many evaluations without a new best loss end the training with the best weights; nil trains to the end.
    public let patience: Int?
    /// Steps between checkpoints. There is one after the last step in any case.
    public let checkpointInterval: Int
    /// Checkpoints that stay, the best one not counted.
    public let keptCheckpoints: Int
    /// So many steps in a row whose loss or gradient is not finite end the training.
    public let nonFiniteLimit: Int
    public let longPairs: LongPairs

    /// The permitted numbers of tokens of one pass.
    public static let permittedMicroBatches = 8...1_048_576

    /// - Parameters:
    ///   - learningRate: the peak rate; nil takes 2e-5 for all weights and 2e-4 for adapters, TRL's and PEFT's usual ones.
    ///   - others: see the properties.
    /// - Throws: ``TrainingError/invalidOption(name:value:permitted:)``.
    public init(
        method: TrainingMethod = .full,
        precision: MatrixPrecision = .f32,
        tokensPerMicroBatch: Int = 1024,
        stepSize: StepSize? = nil,
        duration: Duration? = nil,
        learningRate: Double? = nil,
        schedule: LearningRateSchedule = .standard,
        adamW: AdamWOptions? = nil,
        gradientClipping: Double? = 1,
        seed: UInt64 = 0,
        recomputesActivations: Bool = false,
        evaluationInterval: Int? = nil,
        patience: Int? = nil,
        checkpointInterval: Int = 100,
        keptCheckpoints: Int = 2,
        nonFiniteLimit: Int = 5,
        longPairs: LongPairs = .refuse
    ) throws(TrainingError) {
        func require(_ isGood: Bool, _ name: String, _ value: Any, _ permitted: String) throws(TrainingError) {
            if !isGood { throw .invalidOption(name: name, value: "\(value)", permitted: permitted) }
        }
        let atLeastOne = "a number of at least 1"
        let range = Self.permittedMicroBatches
        try require(
            range.contains(tokensPerMicroBatch),
            "tokensPerMicroBatch",
            tokensPerMicroBatch,
            "\(range.lowerBound) to \(range.upperBound)"
        )
        let stepSize = stepSize ?? .pairs(16)
        switch stepSize {
        case .pairs(let count): try require(count >= 1, "pairsPerStep", count, atLeastOne)
        case .tokens(let count): try require(count >= 1, "tokensPerStep", count, atLeastOne)
        }
        let duration = duration ?? .epochs(1)
        switch duration {
        case .epochs(let count): try require(count >= 1, "epochs", count, atLeastOne)
        case .steps(let count): try require((1..<1 << 27).contains(count), "steps", count, "1 to \((1 << 27) - 1)")
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
        if let evaluationInterval {
            try require(evaluationInterval >= 1, "evaluationInterval", evaluationInterval, atLeastOne)
        }
        if let patience { try require(patience >= 1, "patience", patience, atLeastOne) }
        try require(checkpointInterval >= 1, "checkpointInterval", checkpointInterval, atLeastOne)
        try require(keptCheckpoints >= 1, "keptCheckpoints", keptCheckpoints, atLeastOne)
        try require(nonFiniteLimit >= 1, "nonFiniteLimit", nonFiniteLimit, atLeastOne)
        self.method = method
        self.precision = precision
        self.tokensPerMicroBatch = tokensPerMicroBatch
        self.stepSize = stepSize
        self.duration = duration
        self.learningRate = rate
        self.schedule = schedule
        if let adamW { self.adamW = adamW } else { self.adamW = try AdamWOptions() }
        self.gradientClipping = gradientClipping
        self.seed = seed
        self.recomputesActivations = recomputesActivations
        self.evaluationInterval = evaluationInterval
        self.patience = patience
        self.checkpointInterval = checkpointInterval
        self.keptCheckpoints = keptCheckpoints
        self.nonFiniteLimit = nonFiniteLimit
        self.longPairs = longPairs
    }

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
