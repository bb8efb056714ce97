// How a policy in training is sampled.

public import IQModel
public import IQTensor

/// The weights that completions are sampled with.
public enum RolloutPrecision: Sendable, Hashable {
    /// The weights in training themselves, in f32: samples are exactly the policy's.
    case trained
    /// A copy of the matrices in this format, made anew before each step, with the products of
    /// ``QuantizedProduct/rounded``: less memory to read for each token, and several times the tokens a second. The policy is then
    /// not quite the sampler; trainers correct the difference by truncated importance weights and report it.
    case copy(NumberFormat)
}

/// How a policy in training is sampled.
public struct RolloutOptions: Sendable, Hashable {
    /// The longest completion; one that has as many tokens was cut off.
    public let maximumTokens: Int
    /// The distribution. Log-probabilities are trained at its temperature.
    public let sampling: SamplingOptions
    /// A completion ends where its text would contain one of these.
    public let stopStrings: [String]
    /// An end-of-text token ends a completion; false samples on, for measurements.
    public let stopsAtEndOfText: Bool
    public let precision: RolloutPrecision
    /// Completions that are decoded together: more are faster and take more memory. At least a whole group.
    public let sequencesTogether: Int
    public let cacheFormat: CacheFormat

    /// - Throws: ``TrainingError/invalidOption(name:value:permitted:)`` for a number below 1, an empty stop string, greedy
    ///   sampling (nothing would be explored), or a repetition penalty (the samples would not be the policy's).
    public init(
        maximumTokens: Int = 128,
        sampling: SamplingOptions = .default,
        stopStrings: [String] = [],
        stopsAtEndOfText: Bool = true,
        precision: RolloutPrecision = .trained,
        sequencesTogether: Int = 32,
        cacheFormat: CacheFormat = .f32
    ) throws(TrainingError) {
        func require(_ isGood: Bool, _ name: String, _ value: Any, _ permitted: String) throws(TrainingError) {
            if !isGood { throw .invalidOption(name: name, value: "\(value)", permitted: permitted) }
        }
        try require(maximumTokens >= 1, "maximumTokens", maximumTokens, "a number of at least 1")
        try require(!stopStrings.contains(""), "stopStrings", "\"\"", "strings that are not empty")
        try require(
            !sampling.isGreedy,
            "temperature",
            sampling.temperature,
            "a number above 0: the policy must explore"
        )
        try require(
            sampling.repetitionPenalty == 1,
            "repetitionPenalty",
            sampling.repetitionPenalty,
            "1: penalised samples are not the policy's"
        )
        try require(sequencesTogether >= 1, "sequencesTogether", sequencesTogether, "a number of at least 1")
        if case .copy(let format) = precision {
            let formats: [NumberFormat] = [.f16, .bf16, .q8_0, .q4_0]
            try require(
                formats.contains(format),
                "precision of rollouts",
                format.rawValue,
                formats.map(\.rawValue).joined(separator: ", ") + ", or f32 for the weights themselves"
            )
            let isPlain = sampling.topK == 0 && sampling.topP == 1 && sampling.minP == 0
            try require(
                sampling.temperature == 1 || isPlain,
                "temperature",
                sampling.temperature,
                "1, or no truncation: rollouts in another precision are corrected by the whole distribution's probabilities"
            )
        }
        self.maximumTokens = maximumTokens
        self.sampling = sampling
        self.stopStrings = stopStrings
        self.stopsAtEndOfText = stopsAtEndOfText
        self.precision = precision
        self.sequencesTogether = sequencesTogether
        self.cacheFormat = cacheFormat
    }
}

extension RolloutOptions: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case maximumTokens, temperature, topK, topP, minP, stopStrings, stopsAtEndOfText, precision, sequencesTogether
        case cacheFormat
    }

    /// Checks what it reads as the initialiser does, and refuses keys that it does not know. What is not there is as by
    /// default.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.checkedContainer(keyedBy: CodingKeys.self)
        let standard = try RolloutOptions()
        let format = try values.decodeIfPresent(NumberFormat.self, forKey: .precision) ?? .f32
        try self.init(
            maximumTokens: try values.decodeIfPresent(Int.self, forKey: .maximumTokens) ?? standard.maximumTokens,
            sampling: try SamplingOptions(
                temperature: try values.decodeIfPresent(Float.self, forKey: .temperature) ?? 1,
                topK: try values.decodeIfPresent(Int.self, forKey: .topK) ?? 0,
                topP: try values.decodeIfPresent(Float.self, forKey: .topP) ?? 1,
                minP: try values.decodeIfPresent(Float.self, forKey: .minP) ?? 0
            ),
            stopStrings: try values.decodeIfPresent([String].self, forKey: .stopStrings) ?? [],
            stopsAtEndOfText: try values.decodeIfPresent(Bool.self, forKey: .stopsAtEndOfText) ?? true,
            precision: format == .f32 ? .trained : .copy(format),
            sequencesTogether: try values.decodeIfPresent(Int.self, forKey: .sequencesTogether)
                ?? standard.sequencesTogether,
            cacheFormat: try values.decodeIfPresent(CacheFormat.self, forKey: .cacheFormat) ?? .f32
        )
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(maximumTokens, forKey: .maximumTokens)
        try values.encode(sampling.temperature, forKey: .temperature)
        try values.encode(sampling.topK, forKey: .topK)
        try values.encode(sampling.topP, forKey: .topP)
        try values.encode(sampling.minP, forKey: .minP)
        try values.encode(stopStrings, forKey: .stopStrings)
        try values.encode(stopsAtEndOfText, forKey: .stopsAtEndOfText)
        switch precision {
        case .trained: try values.encode(NumberFormat.f32, forKey: .precision)
        case .copy(let format): try values.encode(format, forKey: .precision)
        }
        try values.encode(sequencesTogether, forKey: .sequencesTogether)
        try values.encode(cacheFormat, forKey: .cacheFormat)
    }
}
