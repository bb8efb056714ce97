// What a GRPO training tells while it runs.

public import IQModel
public import IQTraining

/// An event of a training, in the order in which things happen.
public enum GRPOEvent: Sendable {
    /// First of all.
    case started(GRPOStart)
    /// The completions of a step, or of a part of it, are sampled; their rewards are being found.
    case rollouts(GRPORollouts)
    /// All completions of the step have their rewards.
    case rewards(GRPORewards)
    /// The policy was updated.
    case step(GRPOStep)
    /// The held-out samples were evaluated.
    case evaluation(GRPOEvaluation)
    /// The state is on the disk.
    case checkpoint(step: Int, path: String, isBest: Bool)
    /// Something is not as it should be.
    case warning(GRPOWarning)
    /// Last of all, also after a cancellation.
    case finished(GRPOSummary)
}

/// What a training is going to do.
public struct GRPOStart: Sendable, Equatable {
    public let samples: Int
    public let heldOutSamples: Int
    /// The longest prompt, in tokens.
    public let longestPrompt: Int
    /// Numbers that learn.
    public let trainedParameters: Int
    public let steps: Int
    /// Steps that were done before, of the checkpoint that this run resumes; 0 for a new one.
    public let stepsDone: Int
    /// The rewards' names with their weights, in the order of all lists.
    public let rewards: [String]
    public let weights: [Double]
    public let memory: TrainingMemoryEstimate
    /// Checkpoints that were damaged and passed over in favour of an older one.
    public let damagedCheckpoints: [CheckpointError]
}

/// The completions of a step; those of this process where there are several.
public struct GRPORollouts: Sendable {
    /// From 1.
    public let step: Int
    /// 0, or which time groups without variance were replaced.
    public let resampling: Int
    public let groups: [Group]
    public let sampledTokens: Int
    public let seconds: Double

    /// The completions of one prompt.
    public struct Group: Sendable {
        /// The sample's place among those that the training was given.
        public let sample: Int
        public let completions: [GeneratedSequence]
    }
}

/// The rewards of a step, over all processes.
public struct GRPORewards: Sendable, Hashable {
    public let step: Int
    public let completions: Int
    /// Mean of the weighted sums; nil if no completion has a reward.
    public let mean: Double?
    /// Each reward in numbers. KL and cut completions, where they are rewards, come last. Scores from a cache and failures are
    /// this process's.
    public let rewards: [RewardSummary]
    /// Groups whose rewards are all equal, so that they teach nothing.
    public let constantGroups: Int
    public let groups: Int
    /// Completions to which no reward applies.
    public let unscored: Int
    /// How long the rewards were waited for after the last completion was there.
    public let seconds: Double
}

/// One step: completions, rewards, and the updates made with them. Over all processes.
public struct GRPOStep: Sendable, Hashable {
    /// From 1.
    public let step: Int
    public let steps: Int
    /// Passes over the samples so far, with a fraction.
    public let epoch: Double
    /// The objective before the last inner epoch's update; nil if there was nothing to learn.
    public let loss: Double?
    public let reward: Double?
    public let gradientNorm: Double?
    public let learningRate: Double
    /// Mean entropy of a trained token, in nats; where nothing was trained, its estimate from the samples.
    public let entropy: Double?
    /// Mean KL to the reference at a trained token, in nats; nil without a reference.
    public let kl: Double?
    /// Share of tokens whose gradient was cut because the ratio was below, above the clip.
    public let clippedLow: Double
    public let clippedHigh: Double
    public let meanRatio: Double?
    public let maximumRatio: Double?
    /// Of rollouts in another precision: mean |log policy / sampler|, and the share of tokens whose weight was cut.
    public let samplerGap: Double?
    public let cutImportance: Double?
    /// Mean tokens of a completion.
    public let completionLength: Double
    /// Share of completions that were cut off.
    public let cutShare: Double
    /// Share of completions with parts.
    public let validShare: Double
    public let constantGroups: Int
    /// Tokens of all passes of the step.
    public let tokens: Int
    /// Of the whole training.
    public let totalTokens: Int
    public let seconds: Seconds
    /// False if there was nothing to learn, or loss or gradient was not finite: the weights are as before.
    public let isApplied: Bool

    /// Where the time of a step went, in seconds.
    public struct Seconds: Sendable, Hashable {
        public let total: Double
        /// Reading prompts and decoding.
        public let generation: Double
        /// Waiting for rewards after the last completion.
        public let rewards: Double
        /// Passes forward and backward.
        public let gradients: Double
        /// Clipping and AdamW, and the exchange with other processes.
        public let optimizer: Double

        package init(total: Double, generation: Double, rewards: Double, gradients: Double, optimizer: Double) {
            self.total = total
            self.generation = generation
            self.rewards = rewards
            self.gradients = gradients
            self.optimizer = optimizer
        }
    }
}

/// What held-out samples say of the policy.
public struct GRPOEvaluation: Sendable, Hashable {
    public let step: Int
    /// What decides which checkpoint is best: higher is better.
    public let metric: Double
    public let rewards: [RewardSummary]
    public let isBest: Bool
    public let seconds: Double
}

/// Something that is not as it should be.
public struct GRPOWarning: Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        case collapse(CollapseSign)
        /// A reward failed, and its fallback stands in.
        case rewardFailed(name: String, message: String)
        /// No group of a step had rewards that differ: nothing was learnt.
        case nothingToLearn
    }

    public let step: Int
    public let kind: Kind

    public var description: String {
        let what =
            switch kind {
            case .collapse(let sign): sign.description
            case .rewardFailed(let name, let message): "the reward '\(name)' failed: \(message)"
            case .nothingToLearn: "all completions of each prompt have the same reward: there is nothing to learn"
            }
        return "step \(step): \(what)"
    }
}

/// How a training ended.
public struct GRPOSummary: Sendable, Hashable {
    public enum Reason: String, Sendable, Hashable, Codable {
        /// All steps are done.
        case completed
        /// The guard rails ended it; the weights are the last ones.
        case stopped
        /// The guard rails ended it; the weights are those of the best checkpoint.
        case rolledBack
        /// The task was cancelled; with a folder, the state after the last whole step is saved.
        case cancelled
    }

    public let reason: Reason
    public let steps: Int
    public let totalTokens: Int
    public let lastReward: Double?
    public let lastMetric: Double?
    public let bestMetric: Double?
    /// Step whose weights had the best metric.
    public let bestStep: Int?
    /// Of training, earlier parts of a resumed run included.
    public let seconds: Double
}
