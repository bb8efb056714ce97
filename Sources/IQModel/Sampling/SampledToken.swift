// One drawn token with what is known of its probability.

public import IQText

/// A token that a ``SamplingOptions`` distribution gave.
public struct SampledToken: Sendable, Hashable {
    public let id: TokenID
    /// ln p under the distribution the token was drawn from (penalty, grammar, temperature, truncation); 0 if greedy.
    public let logProbability: Float
    /// ln p under the softmax of the logits as the model gave them.
    public let rawLogProbability: Float

    package init(id: TokenID, logProbability: Float, rawLogProbability: Float) {
        self.id = id
        self.logProbability = logProbability
        self.rawLogProbability = rawLogProbability
    }
}
