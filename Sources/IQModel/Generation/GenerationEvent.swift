// What a generation reports while it runs.

public import IQText

/// Why a sequence ended.
public enum StopReason: String, Sendable, Hashable, Codable {
    /// The model sampled an end-of-text token.
    case endOfText
    /// A stop string appeared.
    case stopString
    /// ``GenerationOptions/maximumTokens`` were made.
    case maximumTokens
    /// The model's context is full.
    case contextFull
    /// The grammar is complete: nothing may follow.
    case grammarComplete
    /// The consumer cancelled.
    case cancelled
}

/// One sampled token.
public struct GeneratedToken: Sendable, Equatable {
    /// Which sequence of the batch or group; 0 for a single one.
    public var sequence: Int
    public var id: TokenID
    /// Text that this token completed; empty while a character or a possible stop string is incomplete.
    public var text: String
    /// ln p of the token under the distribution it was sampled from (temperature, truncation, penalty, grammar).
    public var logProbability: Float
    /// ln p of the token under the softmax of the raw logits.
    public var rawLogProbability: Float

    public init(sequence: Int, id: TokenID, text: String, logProbability: Float, rawLogProbability: Float) {
        self.sequence = sequence
        self.id = id
        self.text = text
        self.logProbability = logProbability
        self.rawLogProbability = rawLogProbability
    }
}

/// One finished sequence.
public struct GeneratedSequence: Sendable, Equatable {
    public var sequence: Int
    /// All sampled tokens, the end-of-text token included where it was sampled.
    public var tokens: [TokenID]
    /// The text, without special tokens and without the stop string.
    public var text: String
    public var logProbabilities: [Float]
    public var rawLogProbabilities: [Float]
    public var reason: StopReason

    public init(
        sequence: Int,
        tokens: [TokenID],
        text: String,
        logProbabilities: [Float],
        rawLogProbabilities: [Float],
        reason: StopReason
    ) {
        self.sequence = sequence
        self.tokens = tokens
        self.text = text
        self.logProbabilities = logProbabilities
        self.rawLogProbabilities = rawLogProbabilities
        self.reason = reason
    }
}

/// The last event of a generation.
public struct GenerationSummary: Sendable, Equatable {
    /// Why each sequence ended.
    public var reasons: [StopReason]
    /// Tokens of all prompts; a prompt shared by a group counts once.
    public var promptTokens: Int
    /// Tokens sampled, all sequences together.
    public var generatedTokens: Int
    /// Seconds from the start to the first logits.
    public var prefillSeconds: Double
    /// Seconds from then to the end.
    public var decodeSeconds: Double

    /// Sampled tokens a second, all sequences together, the prefill left out.
    public var tokensPerSecond: Double { decodeSeconds > 0 ? Double(generatedTokens) / decodeSeconds : 0 }

    public init(
        reasons: [StopReason],
        promptTokens: Int,
        generatedTokens: Int,
        prefillSeconds: Double,
        decodeSeconds: Double
    ) {
        self.reasons = reasons
        self.promptTokens = promptTokens
        self.generatedTokens = generatedTokens
        self.prefillSeconds = prefillSeconds
        self.decodeSeconds = decodeSeconds
    }
}

/// A generation's progress, in order: prompt, tokens and finished sequences, and last the summary.
public enum GenerationEvent: Sendable, Equatable {
    /// The prompts are read; tokens follow.
    case prefilled(promptTokens: Int, seconds: Double)
    case token(GeneratedToken)
    case sequenceFinished(GeneratedSequence)
    case finished(GenerationSummary)
}
