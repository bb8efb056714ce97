// The shape of a decoder as the keys of a config.json that transformers opens.

package import IQTensor

/// The special tokens that a `config.json` names.
package struct SpecialTokenIDs: Sendable, Equatable {
    package var beginningOfText: Int?
    package var endOfText: Int?
    package var padding: Int?

    package init(beginningOfText: Int? = nil, endOfText: Int? = nil, padding: Int? = nil) {
        self.beginningOfText = beginningOfText
        self.endOfText = endOfText
        self.padding = padding
    }
}

extension DecoderConfiguration {
    /// The contents of `config.json`. The rotary settings are written with the keys that transformers 4 and 5 both read.
    ///
    /// - Parameters:
    ///   - format: the number format of the weights beside it: f32, f16 or bf16.
    ///   - path: where it will lie, for errors.
    /// - Throws: ``ModelError/notExpressible(path:what:reason:)`` for a shape that the family's class does not have.
    package func huggingFaceConfiguration(
        format: NumberFormat,
        specialTokens: SpecialTokenIDs,
        path: String
    ) throws(ModelError) -> JSONText {
        func refuse(_ what: String, _ reason: String) -> ModelError {
            .notExpressible(path: path, what: what, reason: reason)
        }
        let names = HuggingFaceArchitecture.names(of: family)
        guard let fullRotary = rotary.namingLlama3(headDimension: headDimension) else {
            throw refuse("the rotary factors", "they are not those of Llama 3's scaling")
        }
        try checkExpressible(refuse)
        let dtype = Self.huggingFaceType(of: format)
        var keys: [(String, JSONText)] = [
            ("architectures", .array([.string(names.architecture)])),
            ("model_type", .string(names.modelType)),
            ("vocab_size", .integer(vocabularySize)),
            ("hidden_size", .integer(width)),
            ("intermediate_size", .integer(feedForwardWidth)),
            ("num_hidden_layers", .integer(layers)),
            ("num_attention_heads", .integer(heads)),
            ("num_key_value_heads", .integer(kvHeads)),
            ("head_dim", .integer(headDimension)),
            ("max_position_embeddings", .integer(maximumContext)),
            ("rms_norm_eps", .number(normEpsilon)),
            ("tie_word_embeddings", .bool(tiesEmbeddings)),
            ("rope_theta", .number(rotary.theta)),
            ("rope_scaling", Self.scaling(fullRotary.scaling)),
            ("attention_dropout", .integer(0)),
            ("use_cache", .bool(true)),
            ("bos_token_id", specialTokens.beginningOfText.map { .integer($0) } ?? .null),
            ("eos_token_id", specialTokens.endOfText.map { .integer($0) } ?? .null),
            ("pad_token_id", specialTokens.padding.map { .integer($0) } ?? .null),
            ("dtype", .string(dtype)),
            ("torch_dtype", .string(dtype)),
        ]
        keys += familyKeys
        return .object(keys)
    }

    private var familyKeys: [(String, JSONText)] {
        let act: JSONText = .string(activation == .silu ? "silu" : "gelu_pytorch_tanh")
        let window = slidingWindow.map { JSONText.integer($0) } ?? .null
        let types = JSONText.array(
            layerReach.map { .string($0 == .full ? "full_attention" : "sliding_attention") }
        )
        switch family {
        case .llama:
            return [
                ("hidden_act", act), ("attention_bias", .bool(hasQueryKeyValueBias)),
                ("mlp_bias", .bool(hasFeedForwardBias)),
            ]
        case .mistral:
            return [("hidden_act", act), ("sliding_window", window)]
        case .qwen2, .qwen3:
            let slides = layerReach.contains(.sliding)
            let biasKey: [(String, JSONText)] =
                family == .qwen3 ? [("attention_bias", .bool(hasQueryKeyValueBias))] : []
            return biasKey + [
                ("hidden_act", act), ("use_sliding_window", .bool(slides)), ("sliding_window", window),
                ("max_window_layers", .integer(layerReach.firstIndex(of: .sliding) ?? layers)), ("layer_types", types),
            ]
        case .gemma3:
            return [
                ("hidden_activation", act), ("attention_bias", .bool(hasQueryKeyValueBias)),
                ("query_pre_attn_scalar", queryScalar), ("sliding_window", window), ("layer_types", types),
                ("rope_local_base_freq", .number(slidingRotary.theta)),
                ("attn_logit_softcapping", attentionSoftCap.map { .number($0) } ?? .null),
                ("final_logit_softcapping", finalSoftCap.map { .number($0) } ?? .null),
                ("use_bidirectional_attention", .bool(false)),
            ]
        }
    }

    /// The number whose inverse square root is the attention scale: a whole one in every published model.
    private var queryScalar: JSONText {
        let scalar = 1 / (attentionScale * attentionScale)
        let whole = scalar.rounded()
        return abs(scalar - whole) <= 1e-5 * scalar ? .integer(Int(whole)) : .number(scalar)
    }

    private static func scaling(_ scaling: RotaryScaling) -> JSONText {
        switch scaling {
        case .none, .factors: .null
        case .linear(let factor): .object([("rope_type", .string("linear")), ("factor", .number(factor))])
        case .llama3(let factor, let low, let high, let originalContext):
            .object([
                ("rope_type", .string("llama3")), ("factor", .number(factor)), ("low_freq_factor", .number(low)),
                ("high_freq_factor", .number(high)), ("original_max_position_embeddings", .integer(originalContext)),
            ])
        }
    }

    static func huggingFaceType(of format: NumberFormat) -> String {
        switch format {
        case .f16: "float16"
        case .bf16: "bfloat16"
        default: "float32"
        }
    }

    private func checkExpressible(_ refuse: (String, String) -> ModelError) throws(ModelError) {
        let isGemma = family == .gemma3
        let name = family.rawValue
        if hasFeedForwardBias, family != .llama { throw refuse("a bias on the feed-forward", "\(name) has none") }
        switch family {
        case .mistral where hasQueryKeyValueBias || hasAttentionOutputBias,
            .qwen2 where !hasQueryKeyValueBias || hasAttentionOutputBias:
            throw refuse("this choice of biases in attention", "\(name) has others")
        case .llama where hasQueryKeyValueBias != hasAttentionOutputBias,
            .qwen3 where hasQueryKeyValueBias != hasAttentionOutputBias,
            .gemma3 where hasQueryKeyValueBias != hasAttentionOutputBias:
            throw refuse("this choice of biases in attention", "\(name) has all or none")
        default: break
        }
        if hasQueryKeyNorm != (isGemma || family == .qwen3) || hasSandwichNorms != isGemma {
            throw refuse("this choice of norms", "\(name) has others")
        }
        let slides = layerReach.contains(.sliding)
        if slides, family == .llama || (family == .mistral && layerReach.contains(.full)) {
            throw refuse("sliding layers", "\(name) cannot have them in this arrangement")
        }
        if slides, slidingWindow == nil { throw refuse("sliding layers", "the window's length is not known") }
        if !isGemma {
            let plain = 1 / Float(headDimension).squareRoot()
            if abs(attentionScale - plain) > 1e-6 * plain || attentionSoftCap != nil || finalSoftCap != nil
                || embeddingScale != 1 || normWeightOffset != 0
            {
                throw refuse("its attention scale, bounds or embedding scale", "\(name) has none of its own")
            }
            if slides, slidingRotary != rotary { throw refuse("a second rotary base", "\(name) has one") }
        } else if slidingRotary.scaling != .none {
            throw refuse("a rotary scaling in sliding layers", "the keys cannot say it")
        }
    }
}
