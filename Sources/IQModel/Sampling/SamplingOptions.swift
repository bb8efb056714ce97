// How the next token is drawn from the logits. The steps and their order are those of transformers' logits processors
// (`RepetitionPenaltyLogitsProcessor`, then the constraint, then `TemperatureLogitsWarper`, `TopKLogitsWarper`,
// `TopPLogitsWarper`, `MinPLogitsWarper`), so that the same options mean the same distribution.

/// How the next token is drawn.
///
/// The steps, in order, on logits x:
/// 1. **Repetition penalty** r (Keskar et al. 2019, arXiv 1909.05858): x becomes x / r where it is positive and x · r where
///    it is negative, once for every token that appears in the prompt or in the text so far.
/// 2. **Grammar**, if the generation has one: tokens that it does not allow become −∞.
/// 3. **Temperature** T: p = softmax(x / T). T = 0 takes the largest logit (the first of equals) and skips the rest.
/// 4. **Top-k** (Fan et al. 2018, arXiv 1805.04833): the k most probable tokens stay, and every token as probable as the
///    last of them.
/// 5. **Top-p** (Holtzman et al. 2019, arXiv 1904.09751), on what top-k left, renormalised: a token stays if the tokens
///    more probable than it sum to less than p. Equally probable tokens stay or go together.
/// 6. **Min-p** (Nguyen et al. 2024, arXiv 2407.01082): a token stays if its probability is at least min-p times the
///    largest one.
///
/// What stays is renormalised, and one token is drawn from it. A log-probability reported for a token is that of this
/// last distribution; greedy decoding reports 0, the logarithm of 1.
public struct SamplingOptions: Sendable, Hashable {
    /// T in softmax(x / T); 0 is greedy decoding.
    public let temperature: Float
    /// How many of the most probable tokens stay; 0 keeps all.
    public let topK: Int
    /// The probability mass that stays, in (0, 1]; 1 keeps all.
    public let topP: Float
    /// The least probability that stays, relative to the largest one, in [0, 1]; 0 keeps all.
    public let minP: Float
    /// The divisor of positive logits, and factor of negative ones, of tokens already present; 1 changes nothing.
    public let repetitionPenalty: Float
    /// How many of the latest tokens, prompt included, the penalty looks at; nil for all of them.
    public let repetitionWindow: Int?

    /// By default the model's own distribution: temperature 1, nothing removed, no penalty.
    ///
    /// - Throws: ``SamplingError`` if a value is outside its domain.
    public init(
        temperature: Float = 1,
        topK: Int = 0,
        topP: Float = 1,
        minP: Float = 0,
        repetitionPenalty: Float = 1,
        repetitionWindow: Int? = nil
    ) throws(SamplingError) {
        guard temperature == 0 || (temperature > 0 && temperature.isFinite && (1 / temperature).isFinite) else {
            throw .invalidTemperature(temperature)
        }
        guard topK >= 0 else { throw .invalidTopK(topK) }
        guard topP > 0, topP <= 1 else { throw .invalidTopP(topP) }
        guard minP >= 0, minP <= 1 else { throw .invalidMinP(minP) }
        guard repetitionPenalty > 0, repetitionPenalty.isFinite, (1 / repetitionPenalty).isFinite else {
            throw .invalidRepetitionPenalty(repetitionPenalty)
        }
        if let repetitionWindow, repetitionWindow < 1 { throw .invalidRepetitionWindow(repetitionWindow) }
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.repetitionPenalty = repetitionPenalty
        self.repetitionWindow = repetitionWindow
    }

    /// The model's own distribution: temperature 1, nothing removed, no penalty.
    public static let `default` = SamplingOptions(checkedTemperature: 1)

    /// Always the most probable token.
    public static let greedy = SamplingOptions(checkedTemperature: 0)

    /// True if the most probable token is taken and nothing is drawn.
    public var isGreedy: Bool { temperature == 0 }

    private init(checkedTemperature: Float) {
        temperature = checkedTemperature
        topK = 0
        topP = 1
        minP = 0
        repetitionPenalty = 1
        repetitionWindow = nil
    }
}

extension SamplingOptions: Codable {
    private enum CodingKeys: String, CodingKey {
        case temperature
        case topK
        case topP
        case minP
        case repetitionPenalty
        case repetitionWindow
    }

    /// Absent values take their defaults; a value outside its domain is a `DecodingError` whose underlying error is the
    /// ``SamplingError``.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let neutral = SamplingOptions.default
        let temperature = try values.decodeIfPresent(Float.self, forKey: .temperature)
        let topK = try values.decodeIfPresent(Int.self, forKey: .topK)
        let topP = try values.decodeIfPresent(Float.self, forKey: .topP)
        let minP = try values.decodeIfPresent(Float.self, forKey: .minP)
        let repetitionPenalty = try values.decodeIfPresent(Float.self, forKey: .repetitionPenalty)
        let repetitionWindow = try values.decodeIfPresent(Int.self, forKey: .repetitionWindow)
        do {
            try self.init(
                temperature: temperature ?? neutral.temperature,
                topK: topK ?? neutral.topK,
                topP: topP ?? neutral.topP,
                minP: minP ?? neutral.minP,
                repetitionPenalty: repetitionPenalty ?? neutral.repetitionPenalty,
                repetitionWindow: repetitionWindow
            )
        } catch {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: error.description,
                    underlyingError: error
                )
            )
        }
    }
}
