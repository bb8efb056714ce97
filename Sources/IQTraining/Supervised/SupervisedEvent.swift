// What a supervised training tells while it runs.

/// An event of a training, in the order in which things happen.
public enum SupervisedEvent: Sendable {
    /// First of all.
    case started(SupervisedStart)
    /// A step of the optimiser is done.
    case step(SupervisedStep)
    /// The held-out pairs were evaluated.
    case evaluation(SupervisedEvaluation)
    /// The state is on the disk.
    case checkpoint(step: Int, path: String, isBest: Bool)
    /// Last of all, also after a cancellation.
    case finished(SupervisedSummary)
}

/// What a training is going to do.
public struct SupervisedStart: Sendable, Equatable {
    public let pairs: Int
    /// Pairs left out because they are too long.
    public let skippedPairs: Int
    public let validationPairs: Int
    /// Tokens of one pass over the data, and those of them that are learnt.
    public let tokens: Int
    public let completionTokens: Int
    /// Numbers that learn.
    public let trainedParameters: Int
    /// Steps of the whole training.
    public let steps: Int
    /// Steps that were done before, of the checkpoint that this run resumes; 0 for a new one.
    public let stepsDone: Int
    public let memory: TrainingMemoryEstimate
    /// Checkpoints that were damaged and passed over in favour of an older one.
    public let damagedCheckpoints: [CheckpointError]
}

/// One step of the optimiser.
public struct SupervisedStep: Sendable, Hashable {
    /// From 1.
    public let step: Int
    public let steps: Int
    /// Passes over the data so far, with a fraction.
    public let epoch: Double
    /// Mean over the step's completion tokens, in nats, before the step.
    public let loss: Double
    /// Norm of the gradient before clipping.
    public let gradientNorm: Double
    public let learningRate: Double
    /// Completion tokens of the step.
    public let completionTokens: Int
    /// All tokens of the step.
    public let tokens: Int
    /// All tokens of the training so far.
    public let totalTokens: Int
    /// Of this step.
    public let seconds: Double
    /// False if loss or gradient was not finite, so that the weights are as before.
    public let isApplied: Bool
}

/// The loss on held-out pairs.
public struct SupervisedEvaluation: Sendable, Hashable {
    public let step: Int
    /// Mean over all completion tokens, in nats.
    public let loss: Double
    public let isBest: Bool
    public let seconds: Double
}

/// How a training ended.
public struct SupervisedSummary: Sendable, Hashable {
    public enum Reason: String, Sendable, Hashable, Codable {
        /// All steps are done.
        case completed
        /// The held-out loss had stopped falling; the weights are the best ones.
        case stoppedEarly
        /// The task was cancelled; with a folder, the state is saved.
        case cancelled
    }

    public let reason: Reason
    public let steps: Int
    public let totalTokens: Int
    /// Steps left out because a number was not finite.
    public let skippedSteps: Int
    /// Mean loss of the last step; nil if there was none in this run.
    public let lastLoss: Double?
    public let lastValidationLoss: Double?
    public let bestValidationLoss: Double?
    /// Step whose weights had the best held-out loss.
    public let bestStep: Int?
    /// Of training, earlier parts of a resumed run included.
    public let seconds: Double
}
