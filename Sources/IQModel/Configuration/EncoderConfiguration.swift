// The shape of an encoder (BERT, MiniLM, RoBERTa).

/// The families of encoders that this library runs.
public enum EncoderFamily: String, Sendable, Hashable, CaseIterable, Codable {
    /// BERT and MiniLM: token types, positions from 0, a pooler before the classifier.
    case bert
    /// RoBERTa and XLM-R: positions from padding index + 1, a two-layer classification head.
    case roberta
}

/// The shape of an encoder with learned positions and post-norm layers.
public struct EncoderConfiguration: Sendable, Hashable, Codable {
    public var family: EncoderFamily
    /// Number of tokens (V).
    public var vocabularySize: Int
    /// Width of the residual stream (C).
    public var width: Int
    public var layers: Int
    /// Attention heads (H); divides ``width``.
    public var heads: Int
    /// Width of the feed-forward (F).
    public var feedForwardWidth: Int
    /// Rows of the position table.
    public var positionRows: Int
    /// Position row of a sequence's first token: 0 for BERT, padding index + 1 for RoBERTa.
    public var firstPosition: Int
    /// Rows of the token-type table; 0 where there is none.
    public var tokenTypes: Int
    /// Epsilon of every layer norm.
    public var normEpsilon: Float
    /// Names of the classes of the classification head; empty where there is none.
    public var labels: [String]

    /// The longest sequence, in tokens.
    public var maximumContext: Int { positionRows - firstPosition }
    /// Width of one head (D).
    public var headDimension: Int { width / heads }

    public init(
        family: EncoderFamily,
        vocabularySize: Int,
        width: Int,
        layers: Int,
        heads: Int,
        feedForwardWidth: Int,
        positionRows: Int,
        firstPosition: Int = 0,
        tokenTypes: Int,
        normEpsilon: Float,
        labels: [String] = []
    ) {
        self.family = family
        self.vocabularySize = vocabularySize
        self.width = width
        self.layers = layers
        self.heads = heads
        self.feedForwardWidth = feedForwardWidth
        self.positionRows = positionRows
        self.firstPosition = firstPosition
        self.tokenTypes = tokenTypes
        self.normEpsilon = normEpsilon
        self.labels = labels
    }
}
