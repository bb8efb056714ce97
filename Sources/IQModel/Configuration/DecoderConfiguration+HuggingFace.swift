// config.json to the shape of a decoder. Where a key is absent, the defaults are those of transformers' classes.

extension DecoderConfiguration {
    /// - Parameters:
    ///   - reader: the object that holds the decoder's keys: `config.json`, or its `text_config`.
    init(_ reader: ConfigurationReader, family: ModelFamily) throws(ConfigurationFault) {
        try Self.refuseUnsupported(reader)
        let isGemma = family == .gemma3
        let width = try reader.dimension("hidden_size", default: isGemma ? 2304 : nil)
        let layers = try Self.layerCount(reader, isGemma: isGemma)
        let heads = try reader.dimension("num_attention_heads", default: isGemma ? 8 : nil)
        let kvHeads = try reader.dimension("num_key_value_heads", default: isGemma ? 4 : heads)
        guard heads % kvHeads == 0 else {
            throw .invalid(
                key: reader.path("num_key_value_heads"),
                value: "\(kvHeads)",
                expected: "a divisor of num_attention_heads, which is \(heads)"
            )
        }
        let headDimension = try Self.headDimension(reader, family: family, width: width, heads: heads)
        let maximumContext = try reader.dimension("max_position_embeddings", default: isGemma ? 131_072 : nil)
        let rotary = try HuggingFaceRotary(reader, family: family, maximumContext: maximumContext)
        let reach = try Self.layerReach(reader, family: family, layers: layers)
        let hasAttentionBias = try reader.bool("attention_bias") ?? false
        let readsAttentionBias = family != .qwen2 && family != .mistral
        self.init(
            family: family,
            vocabularySize: try reader.dimension("vocab_size", default: isGemma ? 262_208 : nil),
            width: width,
            heads: heads,
            kvHeads: kvHeads,
            headDimension: headDimension,
            feedForwardWidth: try reader.dimension("intermediate_size", default: isGemma ? 9216 : nil),
            activation: try Self.activation(reader, isGemma: isGemma),
            maximumContext: maximumContext,
            normEpsilon: try reader.positive("rms_norm_eps") ?? 1e-6,
            normWeightOffset: isGemma ? 1 : 0,
            layerReach: reach.layers,
            slidingWindow: reach.window,
            rotary: rotary.full,
            slidingRotary: rotary.sliding,
            attentionScale: isGemma
                ? 1 / (try reader.positive("query_pre_attn_scalar") ?? 256).squareRoot() : nil,
            attentionSoftCap: isGemma ? try reader.positive("attn_logit_softcapping") : nil,
            finalSoftCap: isGemma ? try reader.positive("final_logit_softcapping") : nil,
            embeddingScale: isGemma ? Float(width).squareRoot() : 1,
            hasQueryKeyValueBias: family == .qwen2 || (readsAttentionBias && hasAttentionBias),
            hasAttentionOutputBias: readsAttentionBias && hasAttentionBias,
            hasFeedForwardBias: family == .llama ? try reader.bool("mlp_bias") ?? false : false,
            hasQueryKeyNorm: family == .qwen3 || isGemma,
            hasSandwichNorms: isGemma,
            tiesEmbeddings: try reader.bool("tie_word_embeddings") ?? isGemma
        )
    }

    /// Refuses what would change the result and is not implemented.
    private static func refuseUnsupported(_ reader: ConfigurationReader) throws(ConfigurationFault) {
        for key in ["num_experts", "num_local_experts", "n_routed_experts"] {
            if let count = try reader.integer(key), count > 0 {
                throw .unsupported(key: reader.path(key), value: "\(count)", supported: "0 (no mixture of experts)")
            }
        }
        if try reader.bool("use_bidirectional_attention") == true {
            throw .unsupported(key: reader.path("use_bidirectional_attention"), value: "true", supported: "false")
        }
        try refuseQuantization(reader)
    }

    /// Refuses weights that are packed in a way of transformers' own.
    static func refuseQuantization(_ reader: ConfigurationReader) throws(ConfigurationFault) {
        guard let quantization = try reader.object("quantization_config") else { return }
        throw .unsupported(
            key: reader.path("quantization_config"),
            value: try quantization.text("quant_method") ?? "present",
            supported: "f32, f16 and bf16 weights, or GGUF"
        )
    }

    private static func layerCount(_ reader: ConfigurationReader, isGemma: Bool) throws(ConfigurationFault) -> Int {
        let layers = try reader.dimension("num_hidden_layers", default: isGemma ? 26 : nil)
        guard layers <= mostLayers else {
            throw .invalid(key: reader.path("num_hidden_layers"), value: "\(layers)", expected: "at most \(mostLayers)")
        }
        return layers
    }

    private static func headDimension(
        _ reader: ConfigurationReader,
        family: ModelFamily,
        width: Int,
        heads: Int
    ) throws(ConfigurationFault) -> Int {
        var dimension = try reader.optionalDimension("head_dim")
        if dimension == nil {
            // Gemma 3 and Qwen3 have a width of their own, whatever the number of heads.
            switch family {
            case .gemma3: dimension = 256
            case .qwen3: dimension = 128
            case .llama, .mistral, .qwen2:
                guard width % heads == 0 else {
                    throw .invalid(
                        key: reader.path("num_attention_heads"),
                        value: "\(heads)",
                        expected: "a divisor of hidden_size, which is \(width), or head_dim beside it"
                    )
                }
            }
        }
        let result = dimension ?? width / heads
        guard result % 2 == 0 else {
            throw .invalid(key: reader.path("head_dim"), value: "\(result)", expected: "an even number")
        }
        return result
    }

    private static func activation(
        _ reader: ConfigurationReader,
        isGemma: Bool
    ) throws(ConfigurationFault) -> FeedForwardActivation {
        let key = isGemma && reader.has("hidden_activation") ? "hidden_activation" : "hidden_act"
        switch try reader.text(key) {
        case nil: return isGemma ? .geluTanh : .silu
        case "silu", "swish": return .silu
        case "gelu_pytorch_tanh": return .geluTanh
        case .some(let other):
            throw .unsupported(key: reader.path(key), value: other, supported: "silu, gelu_pytorch_tanh")
        }
    }

    /// Which layers slide, and how far they see.
    private static func layerReach(
        _ reader: ConfigurationReader,
        family: ModelFamily,
        layers: Int
    ) throws(ConfigurationFault) -> (layers: [AttentionReach], window: Int?) {
        let allFull = Array(repeating: AttentionReach.full, count: layers)
        let standardWindow = 4096
        let reach: [AttentionReach]
        switch family {
        case .llama:
            return (allFull, nil)
        case .mistral:
            // Null means no window, and an absent key the class's default.
            guard let window = try nullableWindow(reader, default: standardWindow) else { return (allFull, nil) }
            return (Array(repeating: .sliding, count: layers), window)
        case .qwen2, .qwen3:
            guard try reader.bool("use_sliding_window") ?? false else { return (allFull, nil) }
            let first = try reader.integer("max_window_layers") ?? 28
            reach =
                try layerTypes(reader, layers: layers)
                ?? (0..<layers).map { $0 >= first ? AttentionReach.sliding : .full }
        case .gemma3:
            var pattern = try reader.optionalDimension("sliding_window_pattern")
            if pattern == nil { pattern = try reader.optionalDimension("_sliding_window_pattern") }
            reach =
                try layerTypes(reader, layers: layers)
                ?? Gemma3.layerReach(layers: layers, pattern: pattern ?? Gemma3.slidingPattern)
        }
        guard reach.contains(.sliding) else { return (reach, nil) }
        guard let window = try nullableWindow(reader, default: standardWindow) else {
            throw .missing(key: reader.path("sliding_window"))
        }
        return (reach, window)
    }

    private static func nullableWindow(
        _ reader: ConfigurationReader,
        default standard: Int
    ) throws(ConfigurationFault) -> Int? {
        if let window = try reader.optionalDimension("sliding_window") { return window }
        return reader.isNull("sliding_window") ? nil : standard
    }

    private static func layerTypes(
        _ reader: ConfigurationReader,
        layers: Int
    ) throws(ConfigurationFault) -> [AttentionReach]? {
        guard let types = try reader.texts("layer_types") else { return nil }
        guard types.count == layers else {
            throw .invalid(
                key: reader.path("layer_types"),
                value: "\(types.count) entries",
                expected: "\(layers), one for each layer"
            )
        }
        var reach: [AttentionReach] = []
        for type in types {
            switch type {
            case "full_attention": reach.append(.full)
            case "sliding_attention": reach.append(.sliding)
            default:
                throw .unsupported(
                    key: reader.path("layer_types"),
                    value: type,
                    supported: "full_attention, sliding_attention"
                )
            }
        }
        return reach
    }
}
