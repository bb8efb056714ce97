// What can be wrong with the data of a GRPO training.

/// A training that cannot be done with these samples.
public enum GRPOError: Error, Equatable, Sendable, CustomStringConvertible {
    case noSamples
    /// A sample's prompt, counted from 0, has no tokens.
    case emptyPrompt(sample: Int, isHeldOut: Bool)
    /// A prompt and the longest completion do not fit a pass or the model's context.
    case promptTooLong(sample: Int, isHeldOut: Bool, tokens: Int, completion: Int, limit: Int)
    case tokenOutOfRange(Int, sample: Int, vocabularySize: Int)
    /// A prompt in words needs a tokenizer, and the model has none.
    case noTokenizer(sample: Int)
    /// No reward has the name of the hold-out metric.
    case unknownMetric(String, rewards: [String])

    public var description: String {
        switch self {
        case .noSamples: "there are no samples to train on"
        case .emptyPrompt(let sample, let isHeldOut): "\(Self.name(sample, isHeldOut)): its prompt is empty"
        case .promptTooLong(let sample, let isHeldOut, let tokens, let completion, let limit):
            "\(Self.name(sample, isHeldOut)): its prompt of \(tokens) tokens and a completion of \(completion) do not fit "
                + "\(limit); shorten the prompt or the completions, or raise the tokens of a micro-batch"
        case .tokenOutOfRange(let token, let sample, let size):
            "sample \(sample + 1): there is no token \(token) in a vocabulary of \(size)"
        case .noTokenizer(let sample):
            "sample \(sample + 1): the model has no tokenizer; give prompts as tokens"
        case .unknownMetric(let name, let rewards):
            "there is no reward named '\(name)' to judge held-out samples by; there are \(rewards.joined(separator: ", "))"
        }
    }

    private static func name(_ sample: Int, _ isHeldOut: Bool) -> String {
        (isHeldOut ? "held-out sample " : "sample ") + "\(sample + 1)"
    }
}
