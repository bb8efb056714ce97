// The rotary embedding in config.json: the old keys (rope_theta, rope_scaling) and the new one (rope_parameters).

/// Rotary settings of full and of sliding layers.
struct HuggingFaceRotary {
    var full: RotaryConfiguration
    var sliding: RotaryConfiguration?

    private static let supportedTypes = "default, linear, llama3"

    init(_ reader: ConfigurationReader, family: ModelFamily, maximumContext: Int) throws(ConfigurationFault) {
        try Self.refusePartial(reader)
        let isGemma = family == .gemma3
        let standardTheta: Float = isGemma ? 1_000_000 : 10_000
        let theta = try reader.positive("rope_theta") ?? standardTheta
        let localTheta = try reader.positive("rope_local_base_freq") ?? Gemma3.localTheta
        let parameters = try reader.object("rope_parameters")
        if let parameters, parameters.has("full_attention") || parameters.has("sliding_attention") {
            let full = try parameters.object("full_attention")
            let sliding = try parameters.object("sliding_attention")
            self.full = try Self.configuration(full, theta: theta, maximumContext: maximumContext)
            // Without its own entry a sliding layer rotates like a full one, except in Gemma 3.
            if sliding != nil || isGemma {
                self.sliding = try Self.configuration(sliding, theta: localTheta, maximumContext: maximumContext)
            }
            return
        }
        var scaling = parameters
        if scaling == nil { scaling = try reader.object("rope_scaling") }
        full = try Self.configuration(scaling, theta: theta, maximumContext: maximumContext)
        // The scaling of the old keys is that of the full layers only.
        if isGemma { sliding = RotaryConfiguration(theta: localTheta) }
    }

    private static func refusePartial(_ reader: ConfigurationReader) throws(ConfigurationFault) {
        if let factor = try reader.number("partial_rotary_factor"), factor != 1 {
            throw .unsupported(
                key: reader.path("partial_rotary_factor"),
                value: "\(factor)",
                supported: "1, the whole head"
            )
        }
    }

    private static func configuration(
        _ reader: ConfigurationReader?,
        theta standardTheta: Float,
        maximumContext: Int
    ) throws(ConfigurationFault) -> RotaryConfiguration {
        guard let reader else { return RotaryConfiguration(theta: standardTheta) }
        try refusePartial(reader)
        let theta = try reader.positive("rope_theta") ?? standardTheta
        let newType = try reader.text("rope_type")
        let oldType = try reader.text("type")
        let typeKey = newType == nil ? "type" : "rope_type"
        func required(_ key: String) throws(ConfigurationFault) -> Float {
            guard let value = try reader.positive(key) else { throw .missing(key: reader.path(key)) }
            return value
        }
        switch newType ?? oldType {
        case nil, "default":
            return RotaryConfiguration(theta: theta)
        case "linear":
            return RotaryConfiguration(theta: theta, scaling: .linear(factor: try required("factor")))
        case "llama3":
            let low = try required("low_freq_factor")
            let high = try required("high_freq_factor")
            guard high > low else {
                throw .invalid(
                    key: reader.path("high_freq_factor"),
                    value: "\(high)",
                    expected: "more than low_freq_factor, which is \(low)"
                )
            }
            return RotaryConfiguration(
                theta: theta,
                scaling: .llama3(
                    factor: try required("factor"),
                    lowFrequencyFactor: low,
                    highFrequencyFactor: high,
                    originalContext: try reader.dimension("original_max_position_embeddings", default: maximumContext)
                )
            )
        case .some(let other):
            throw .unsupported(key: reader.path(typeKey), value: other, supported: supportedTypes)
        }
    }
}
