// What a caller can get wrong when asking for a generation.

/// A generation that cannot be made.
public enum GenerationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The prompt has no tokens.
    case emptyPrompt
    /// The list of prompts is empty, or a group of fewer than one was asked for.
    case emptyBatch
    /// A group is larger than what the engine decodes together.
    case groupTooLarge(Int, maximumBatch: Int)
    /// The prompt leaves no room for a new token.
    case promptTooLong(tokens: Int, context: Int)
    /// A token is not in the vocabulary.
    case tokenOutOfRange(Int, vocabularySize: Int)
    case invalidMaximumTokens(Int)
    case emptyStopString
    /// An option of ``EngineOptions`` is under 1.
    case invalidEngineOption(name: String, value: Int)
    /// The model has no chat template.
    case noChatTemplate
    /// The model is not one that generates text.
    case notADecoder(architecture: String)
    /// The logits are not numbers: damaged weights, or an overflow.
    case notFinite(position: Int)
    /// The grammar allows no token of this vocabulary after what was generated.
    case grammarDeadEnd(generated: Int)
    /// The grammar was compiled for another tokenizer.
    case grammarVocabularyMismatch(grammar: Int, model: Int)

    public var description: String {
        switch self {
        case .emptyPrompt: "the prompt is empty; give at least one token"
        case .emptyBatch: "no prompt was given; give at least one"
        case .groupTooLarge(let size, let maximum):
            "a group of \(size) is larger than the engine's batch of \(maximum); raise EngineOptions.maximumBatch"
        case .promptTooLong(let tokens, let context):
            "the prompt has \(tokens) tokens and the context \(context); shorten the prompt or load with a larger context"
        case .tokenOutOfRange(let token, let size): "token \(token) is not in the vocabulary of \(size)"
        case .invalidMaximumTokens(let count): "\(count) new tokens were asked for; ask for at least 1"
        case .emptyStopString: "a stop string is empty; remove it"
        case .invalidEngineOption(let name, let value): "\(name) is \(value); it should be at least 1"
        case .noChatTemplate: "this model has no chat template; prompt it with text"
        case .notADecoder(let architecture): "a model of architecture \(architecture) does not generate text"
        case .notFinite(let position):
            "the model's output at position \(position) is not a number; the weights are damaged or overflow"
        case .grammarDeadEnd(let generated):
            "the grammar allows no token of this vocabulary after \(generated) generated tokens"
        case .grammarVocabularyMismatch(let grammar, let model):
            "the grammar was compiled for \(grammar) tokens and the model has \(model); compile it with the model's tokenizer"
        }
    }
}
