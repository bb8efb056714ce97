// The shape of a decoder as GGUF metadata that llama.cpp opens.

internal import IQTensor

extension DecoderConfiguration {
    /// The architecture's name in GGUF. Mistral is stored as Llama.
    var ggufArchitecture: String {
        switch family {
        case .llama, .mistral: "llama"
        case .qwen2: "qwen2"
        case .qwen3: "qwen3"
        case .gemma3: "gemma3"
        }
    }

    /// The entries that describe the model. Llama 3's scaling is a tensor besides (``ggufRotaryFactors``).
    ///
    /// llama.cpp runs no sliding window for Mistral, Qwen2 and Qwen3: where such a model has one, the context length is
    /// written no longer than the window, so that both agree at every length the file allows.
    func ggufMetadata(name: String, fileType: UInt32, path: String) throws(ModelError) -> GGUFMetadata {
        var metadata = GGUFMetadata()
        let architecture = ggufArchitecture
        func set(_ key: String, _ value: Int) { metadata.set("\(architecture).\(key)", .uint32(UInt32(value))) }
        func set(_ key: String, _ value: Float) { metadata.set("\(architecture).\(key)", .float32(value)) }
        metadata.set("general.architecture", .text(architecture))
        metadata.set("general.type", .text("model"))
        metadata.set("general.name", .text(name))
        var context = maximumContext
        if family != .gemma3, layerReach.contains(.sliding), let slidingWindow { context = min(context, slidingWindow) }
        set("context_length", context)
        set("embedding_length", width)
        set("block_count", layers)
        set("feed_forward_length", feedForwardWidth)
        set("attention.head_count", heads)
        set("attention.head_count_kv", kvHeads)
        set("attention.key_length", headDimension)
        set("attention.value_length", headDimension)
        set("attention.layer_norm_rms_epsilon", normEpsilon)
        set("rope.dimension_count", headDimension)
        set("rope.freq_base", rotary.theta)
        set("vocab_size", vocabularySize)
        if case .linear(let factor) = rotary.scaling {
            metadata.set("\(architecture).rope.scaling.type", .text("linear"))
            set("rope.scaling.factor", factor)
        }
        if family == .gemma3 {
            guard let slidingWindow else { throw refusal(path, "a Gemma 3 without a sliding window") }
            set("attention.sliding_window", slidingWindow)
            let pattern = try gemmaPattern(path)
            if pattern != Gemma3.slidingPattern { set("attention.sliding_window_pattern", pattern) }
            if slidingRotary.theta != Gemma3.localTheta { set("rope.freq_base_swa", slidingRotary.theta) }
            if let finalSoftCap { set("final_logit_softcapping", finalSoftCap) }
        }
        try checkGGUFExpressible(path)
        metadata.set("general.file_type", .uint32(fileType))
        metadata.set("general.quantization_version", .uint32(2))
        return metadata
    }

    /// The contents of `rope_freqs.weight`; nil where the file has none.
    var ggufRotaryFactors: [Float]? {
        switch rotary.scaling {
        case .none, .linear: nil
        case .llama3, .factors: rotary.frequencyFactors(headDimension: headDimension)
        }
    }

    private func refusal(_ path: String, _ what: String) -> ModelError {
        .notExpressible(
            path: path,
            what: what,
            reason: "the architecture \(ggufArchitecture) of GGUF has no key for it"
        )
    }

    private func gemmaPattern(_ path: String) throws(ModelError) -> Int {
        let firstFull = layerReach.firstIndex(of: .full).map { $0 + 1 } ?? layers + 1
        guard layerReach == Gemma3.layerReach(layers: layers, pattern: firstFull) else {
            throw refusal(path, "an irregular order of sliding and full layers")
        }
        return firstFull
    }

    private func checkGGUFExpressible(_ path: String) throws(ModelError) {
        let isGemma = family == .gemma3
        let scale =
            isGemma
            ? Gemma3.attentionScale(layers: layers, width: width, heads: heads, headDimension: headDimension)
            : 1 / Float(headDimension).squareRoot()
        if abs(attentionScale - scale) > 1e-6 * scale { throw refusal(path, "the attention scale \(attentionScale)") }
        if let attentionSoftCap { throw refusal(path, "the bound \(attentionSoftCap) of attention scores") }
        if !isGemma, let finalSoftCap { throw refusal(path, "the bound \(finalSoftCap) of the logits") }
        if isGemma, slidingRotary.scaling != .none { throw refusal(path, "a rotary scaling in sliding layers") }
        if !isGemma, layerReach.contains(.sliding), slidingRotary != rotary {
            throw refusal(path, "a second rotary base")
        }
        if ggufRotaryFactors != nil, ggufArchitecture != "llama" {
            throw refusal(path, "one factor for each frequency")
        }
        let activationFits = (activation == .geluTanh) == isGemma
        if !activationFits { throw refusal(path, "the activation \(activation.rawValue)") }
        if embeddingScale != (isGemma ? Float(width).squareRoot() : 1) {
            throw refusal(path, "the embedding scale \(embeddingScale)")
        }
        if hasQueryKeyNorm != (isGemma || family == .qwen3) || hasSandwichNorms != isGemma {
            throw refusal(path, "this choice of norms")
        }
        if family == .gemma3 || family == .qwen3, hasQueryKeyValueBias || hasAttentionOutputBias {
            throw refusal(path, "a bias in attention")
        }
        if hasFeedForwardBias, ggufArchitecture != "llama" { throw refusal(path, "a bias on the feed-forward") }
    }
}
