// The shape of a decoder: every difference between the model families, as data.

/// The families of decoders that this library runs. They share one decoder; a family is a set of defaults and names.
public enum ModelFamily: String, Sendable, Hashable, CaseIterable, Codable {
    /// Llama, with or without the Llama 3 rotary scaling; SmolLM2.
    case llama
    /// Mistral: Llama with a sliding window in every layer.
    case mistral
    /// Qwen2 and Qwen2.5: bias on query, key and value.
    case qwen2
    /// Qwen3: norms on query and key, explicit head width.
    case qwen3
    /// Gemma 3, text only: sandwich norms, sliding and full layers, scaled embeddings.
    case gemma3
}

/// The non-linearity of the gated feed-forward.
public enum FeedForwardActivation: String, Sendable, Hashable, Codable {
    case silu
    case geluTanh
}

/// Which positions a layer's attention sees.
public enum AttentionReach: String, Sendable, Hashable, Codable {
    /// Every earlier position.
    case full
    /// The last ``DecoderConfiguration/slidingWindow`` positions, the own one included.
    case sliding
}

/// How the rotary frequencies differ from θ^(−2i/D).
public enum RotaryScaling: Sendable, Hashable, Codable {
    case none
    /// Positions are divided by the factor.
    case linear(factor: Float)
    /// Llama 3: low frequencies divided by the factor, high ones kept, a ramp between.
    case llama3(factor: Float, lowFrequencyFactor: Float, highFrequencyFactor: Float, originalContext: Int)
    /// Each frequency divided by its own factor, as GGUF stores Llama 3's scaling (`rope_freqs.weight`).
    case factors([Float])
}

/// Rotary position embedding of one kind of layer.
public struct RotaryConfiguration: Sendable, Hashable, Codable {
    /// The base θ of the frequencies.
    public var theta: Float
    public var scaling: RotaryScaling

    public init(theta: Float, scaling: RotaryScaling = .none) {
        self.theta = theta
        self.scaling = scaling
    }
}

/// The shape of a decoder-only language model.
public struct DecoderConfiguration: Sendable, Hashable, Codable {
    public var family: ModelFamily
    /// Number of tokens (V).
    public var vocabularySize: Int
    /// Width of the residual stream (C).
    public var width: Int
    /// Query heads (H).
    public var heads: Int
    /// Key/value heads; divides ``heads``.
    public var kvHeads: Int
    /// Width of one head (D).
    public var headDimension: Int
    /// Width of the feed-forward (F).
    public var feedForwardWidth: Int
    public var activation: FeedForwardActivation
    /// The longest sequence the model was made for, in tokens.
    public var maximumContext: Int
    /// Epsilon of every RMS norm.
    public var normEpsilon: Float
    /// Added to every norm's weight: 1 for Gemma, whose norms store w − 1.
    public var normWeightOffset: Float
    /// One entry for each layer.
    public var layerReach: [AttentionReach]
    /// Positions seen by sliding layers; nil where no layer slides.
    public var slidingWindow: Int?
    /// Rotary embedding of full layers.
    public var rotary: RotaryConfiguration
    /// Rotary embedding of sliding layers (Gemma 3 has another base there).
    public var slidingRotary: RotaryConfiguration
    /// Multiplies attention scores.
    public var attentionScale: Float
    /// Bound of attention scores, nil for none.
    public var attentionSoftCap: Float?
    /// Bound of the logits, nil for none.
    public var finalSoftCap: Float?
    /// Multiplies token embeddings: √C for Gemma, else 1.
    public var embeddingScale: Float
    /// Bias on the query, key and value projections.
    public var hasQueryKeyValueBias: Bool
    /// Bias on the attention's output projection.
    public var hasAttentionOutputBias: Bool
    /// Bias on the three feed-forward projections.
    public var hasFeedForwardBias: Bool
    /// RMS norm over each head of query and key.
    public var hasQueryKeyNorm: Bool
    /// A norm after attention and after the feed-forward, besides those before (Gemma).
    public var hasSandwichNorms: Bool
    /// The output head is the embedding matrix.
    public var tiesEmbeddings: Bool

    /// Number of layers.
    public var layers: Int { layerReach.count }

    public init(
        family: ModelFamily,
        vocabularySize: Int,
        width: Int,
        heads: Int,
        kvHeads: Int,
        headDimension: Int,
        feedForwardWidth: Int,
        activation: FeedForwardActivation = .silu,
        maximumContext: Int,
        normEpsilon: Float,
        normWeightOffset: Float = 0,
        layerReach: [AttentionReach],
        slidingWindow: Int? = nil,
        rotary: RotaryConfiguration,
        slidingRotary: RotaryConfiguration? = nil,
        attentionScale: Float? = nil,
        attentionSoftCap: Float? = nil,
        finalSoftCap: Float? = nil,
        embeddingScale: Float = 1,
        hasQueryKeyValueBias: Bool = false,
        hasAttentionOutputBias: Bool = false,
        hasFeedForwardBias: Bool = false,
        hasQueryKeyNorm: Bool = false,
        hasSandwichNorms: Bool = false,
        tiesEmbeddings: Bool
    ) {
        self.family = family
        self.vocabularySize = vocabularySize
        self.width = width
        self.heads = heads
        self.kvHeads = kvHeads
        self.headDimension = headDimension
        self.feedForwardWidth = feedForwardWidth
        self.activation = activation
        self.maximumContext = maximumContext
        self.normEpsilon = normEpsilon
        self.normWeightOffset = normWeightOffset
        self.layerReach = layerReach
        self.slidingWindow = slidingWindow
        self.rotary = rotary
        self.slidingRotary = slidingRotary ?? rotary
        self.attentionScale = attentionScale ?? 1 / Float(headDimension).squareRoot()
        self.attentionSoftCap = attentionSoftCap
        self.finalSoftCap = finalSoftCap
        self.embeddingScale = embeddingScale
        self.hasQueryKeyValueBias = hasQueryKeyValueBias
        self.hasAttentionOutputBias = hasAttentionOutputBias
        self.hasFeedForwardBias = hasFeedForwardBias
        self.hasQueryKeyNorm = hasQueryKeyNorm
        self.hasSandwichNorms = hasSandwichNorms
        self.tiesEmbeddings = tiesEmbeddings
    }
}
