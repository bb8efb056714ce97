// What can go wrong in training.

/// A failure of training that comes from outside the library: options, data, disk, memory.
public enum TrainingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// An option is outside what it can be.
    case invalidOption(name: String, value: String, permitted: String)
    /// Loss or gradient was infinite or no number, this many steps in a row. The weights are those before them.
    case notFinite(step: Int, inARow: Int, loss: String, gradientNorm: String)
    /// The training would take more bytes than the system can give; `advice` names settings that would fit, if any.
    case notEnoughMemory(needed: Int, available: Int, advice: [String])
    /// There is nothing to train on.
    case noPairs
    /// A pair, counted from 0, that cannot be trained on.
    case invalidPair(index: Int, PairProblem)
    /// The saved run had other settings or data, so that going on would not be that run.
    case notTheSameRun(path: String, difference: String)
    /// The trainer is at work on another run.
    case busy

    public var description: String {
        switch self {
        case .invalidOption(let name, let value, let permitted): "\(name) is \(value); give \(permitted)"
        case .notFinite(let step, let count, let loss, let norm):
            "step \(step): the loss is \(loss) and the gradient's norm \(norm), \(count) steps in a row were not finite; "
                + "lower the learning rate, or clip the gradients, and resume from the last checkpoint"
        case .notEnoughMemory(let needed, let available, let advice):
            "the training takes about \(megabytes(needed)) and the system has \(megabytes(available)) left; "
                + (advice.isEmpty
                    ? "take a smaller model, or free some memory"
                    : "these would fit: \(advice.joined(separator: "; "))")
        case .noPairs: "there are no pairs to train on"
        case .invalidPair(let index, let problem): "pair \(index + 1): \(problem)"
        case .notTheSameRun(let path, let difference):
            "\(path) is of another run: \(difference); give the settings and data of that run, or another folder"
        case .busy: "the trainer is at work on another run; wait for its end, or cancel it"
        }
    }
}

/// Why a pair cannot be trained on.
public enum PairProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// The completion has no token, so that there is nothing to learn.
    case emptyCompletion
    /// Nothing stands before the completion: its first token would be predicted from nothing.
    case emptyPrompt
    case tooLong(tokens: Int, limit: Int)
    case tokenOutOfRange(Int, vocabularySize: Int)
    /// A pair in words needs a tokenizer, and the model has none.
    case noTokenizer
    /// Messages need a chat template, and the model has none.
    case noChatTemplate
    /// The last message is not the assistant's.
    case lastTurnIsNotTheAssistants(role: String?)
    /// The template refuses the messages.
    case template(String)
    /// The whole conversation does not begin with the prompt that would be given to the model.
    case templateIsNotAPrefix

    public var description: String {
        switch self {
        case .emptyCompletion: "the completion is empty; give one, or leave the pair out"
        case .emptyPrompt: "the prompt is empty, and the model has no token that begins a text; give a prompt"
        case .tooLong(let tokens, let limit):
            "it has \(tokens) tokens and at most \(limit) fit; shorten it, raise the tokens of a micro-batch, or skip "
                + "long pairs"
        case .tokenOutOfRange(let token, let size): "there is no token \(token) in a vocabulary of \(size)"
        case .noTokenizer: "the model has no tokenizer; give the pairs as tokens"
        case .noChatTemplate: "the model has no chat template; give prompt and completion as text"
        case .lastTurnIsNotTheAssistants(let role):
            "the last message is \(role.map { "of '\($0)'" } ?? "missing"); the assistant's is what is learnt"
        case .template(let reason): "the chat template: \(reason)"
        case .templateIsNotAPrefix:
            "the chat template writes the earlier turns otherwise when an answer follows; give prompt and completion as text"
        }
    }
}
