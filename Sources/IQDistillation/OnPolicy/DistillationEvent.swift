// What a distillation tells while it runs.

public import IQTraining

/// An event of a distillation, in the order in which things happen.
public enum DistillationEvent: Sendable {
    /// First of all.
    case started(DistillationStart)
    /// The completions of a step are there.
    case rollouts(DistillationRollouts)
    /// The student was updated.
    case step(DistillationStep)
    /// The held-out samples were evaluated.
    case evaluation(DistillationEvaluation)
    /// The state is on the disk.
    case checkpoint(step: Int, path: String, isBest: Bool)
    /// Last of all, also after a cancellation.
    case finished(DistillationSummary)
}

/// What a distillation is going to do.
public struct DistillationStart: Sendable, Equatable {
    public let samples: Int
    public let heldOutSamples: Int
    /// The longest prompt in tokens, the teachers' own included.
    public let longestPrompt: Int
    /// Numbers of the student that learn.
    public let trainedParameters: Int
    public let steps: Int
    /// Steps that were done before, of the checkpoint that this run resumes; 0 for a new one.
    public let stepsDone: Int
    /// Names of the teachers.
    public let teachers: [String]
    /// What the student's training takes; teachers come on top.
    public let memory: TrainingMemoryEstimate
    /// Checkpoints that were damaged and passed over in favour of an older one.
    public let damagedCheckpoints: [CheckpointError]
}

/// The completions of a step; those of this process where there are several.
public struct DistillationRollouts: Sendable {
    /// From 1.
    public let step: Int
    public let groups: [Group]
    public let sampledTokens: Int
    public let seconds: Double

    /// Who wrote a completion.
    public enum Author: String, Sendable, Hashable {
        case student, teacher, data
    }

    /// The completions of one prompt.
    public struct Group: Sendable {
        /// The sample's place among those that the training was given.
        public let sample: Int
        public let author: Author
        public let completions: [[Int32]]
        /// Their texts; empty where the model has no tokenizer.
        public let texts: [String]
    }
}

/// One step: completions, the teachers' judgement, the update. Over all processes.
public struct DistillationStep: Sendable, Hashable {
    /// From 1.
    public let step: Int
    public let steps: Int
    /// Passes over the samples so far, with a fraction.
    public let epoch: Double
    /// Mean divergence at a completion token, in nats, before the update; nil if there was no token.
    public let loss: Double?
    public let gradientNorm: Double?
    public let learningRate: Double
    /// Estimate of the student's entropy at a token, in nats, from what it sampled; nil if it sampled nothing.
    public let entropy: Double?
    /// Mean tokens of a completion.
    public let completionLength: Double
    /// Share of the sampled completions that were cut off.
    public let cutShare: Double
    /// Share of the prompts that the student wrote for.
    public let onPolicyShare: Double
    /// Tokens of the student's passes in the step.
    public let tokens: Int
    /// Of the whole training.
    public let totalTokens: Int
    public let seconds: Seconds
    /// False if loss or gradient was not finite, or there was no token: the weights are as before.
    public let isApplied: Bool

    /// Where the time of a step went, in seconds.
    public struct Seconds: Sendable, Hashable {
        public let total: Double
        /// Reading prompts and decoding.
        public let generation: Double
        /// The teachers' layers; their output head is part of `gradients`, for its logits exist block by block.
        public let teacher: Double
        /// The student's passes and the divergence.
        public let gradients: Double
        /// Clipping and AdamW, and the exchange with other processes.
        public let optimizer: Double
    }
}

/// How far the student is from its teachers on held-out prompts.
public struct DistillationEvaluation: Sendable, Hashable {
    public let step: Int
    /// Mean divergence over the whole vocabulary at a token of the student's completions, in nats: lower is better.
    public let divergence: Double
    public let isBest: Bool
    public let seconds: Double
}

/// How a distillation ended.
public struct DistillationSummary: Sendable, Hashable {
    public enum Reason: String, Sendable, Hashable, Codable {
        /// All steps are done.
        case completed
        /// The task was cancelled; with a folder, the state after the last whole step is saved.
        case cancelled
    }

    public let reason: Reason
    public let steps: Int
    public let totalTokens: Int
    /// Steps left out because a number was not finite.
    public let skippedSteps: Int
    public let lastLoss: Double?
    public let lastDivergence: Double?
    public let bestDivergence: Double?
    /// Step whose weights had the best held-out divergence.
    public let bestStep: Int?
    /// Of training, earlier parts of a resumed run included.
    public let seconds: Double
}
