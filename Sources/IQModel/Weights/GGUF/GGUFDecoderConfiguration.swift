// GGUF metadata to the shape of a decoder. Sources: the GGUF specification; Gemma 3's technical report for its constants.

internal import IQTensor

extension DecoderConfiguration {
    /// GGUF's architecture names of the families. Mistral is stored as Llama.
    static let ggufArchitectures: [String: ModelFamily] = [
        "llama": .llama, "qwen2": .qwen2, "qwen3": .qwen3, "gemma3": .gemma3,
    ]

    /// More layers than any model has, fewer than exhaust memory.
    static let mostLayers = 4096

    /// - Parameters:
    ///   - metadata: a GGUF file's.
    ///   - tensors: the shapes of the file's tensors by name, outermost dimension first.
    ///   - rotaryFactors: the contents of `rope_freqs.weight`, where the file has it.
    package init(
        gguf metadata: GGUFMetadata,
        tensors: [String: [Int]],
        rotaryFactors: [Float]?
    ) throws(ConfigurationFault) {
        let architecture = try metadata.text("general.architecture")
        guard let family = Self.ggufArchitectures[architecture] else {
            throw .unknownArchitecture(architecture, supported: Self.ggufArchitectures.keys.sorted())
        }
        let keys = GGUFKeys(metadata: metadata, architecture: architecture)
        try keys.refuseUnsupported()
        let width = try keys.dimension("embedding_length")
        let layers = try keys.dimension("block_count")
        guard layers <= Self.mostLayers else {
            throw .invalid(key: keys.key("block_count"), value: "\(layers)", expected: "at most \(Self.mostLayers)")
        }
        let heads = try keys.dimension("attention.head_count")
        let kvHeads = try keys.optionalDimension("attention.head_count_kv") ?? heads
        guard heads % kvHeads == 0 else {
            throw .invalid(
                key: keys.key("attention.head_count_kv"),
                value: "\(kvHeads)",
                expected: "a divisor of the \(heads) heads"
            )
        }
        let headDimension = try keys.headDimension(width: width, heads: heads)
        let vocabularySize = try keys.vocabularySize(embedding: tensors["token_embd.weight"])
        let rotary = try keys.rotary(headDimension: headDimension, factors: rotaryFactors)
        let epsilon = try keys.positive("attention.layer_norm_rms_epsilon")
        guard let epsilon else { throw .missing(key: keys.key("attention.layer_norm_rms_epsilon")) }
        let isGemma = family == .gemma3
        self.init(
            family: family,
            vocabularySize: vocabularySize,
            width: width,
            heads: heads,
            kvHeads: kvHeads,
            headDimension: headDimension,
            feedForwardWidth: try keys.dimension("feed_forward_length"),
            activation: isGemma ? .geluTanh : .silu,
            maximumContext: try keys.dimension("context_length"),
            normEpsilon: epsilon,
            normWeightOffset: isGemma ? 1 : 0,
            layerReach: isGemma
                ? try keys.gemmaReach(layers: layers)
                : Array(repeating: .full, count: layers),
            slidingWindow: isGemma ? try keys.dimension("attention.sliding_window") : nil,
            rotary: rotary,
            slidingRotary: isGemma
                ? RotaryConfiguration(theta: try keys.positive("rope.freq_base_swa") ?? Gemma3.localTheta)
                : nil,
            attentionScale: try keys.positive("attention.scale")
                ?? (isGemma
                    ? Gemma3.attentionScale(layers: layers, width: width, heads: heads, headDimension: headDimension)
                    : nil),
            attentionSoftCap: try keys.positive("attn_logit_softcapping"),
            finalSoftCap: try keys.positive("final_logit_softcapping"),
            embeddingScale: isGemma ? Float(width).squareRoot() : 1,
            hasQueryKeyValueBias: tensors["blk.0.attn_q.bias"] != nil,
            hasAttentionOutputBias: tensors["blk.0.attn_output.bias"] != nil,
            hasFeedForwardBias: tensors["blk.0.ffn_gate.bias"] != nil,
            hasQueryKeyNorm: family == .qwen3 || isGemma,
            hasSandwichNorms: isGemma,
            tiesEmbeddings: tensors["output.weight"] == nil
        )
    }
}

/// What Gemma 3's files leave to the reader.
enum Gemma3 {
    /// One full layer after five sliding ones.
    static let slidingPattern = 6
    /// Rotary base of sliding layers.
    static let localTheta: Float = 10_000
    /// Layers of the 27B model, the only one whose scale is not that of the head width.
    private static let layersOf27B = 62

    static func layerReach(layers: Int, pattern: Int) -> [AttentionReach] {
        (1...layers).map { $0 % pattern == 0 ? .full : .sliding }
    }

    static func attentionScale(layers: Int, width: Int, heads: Int, headDimension: Int) -> Float {
        1 / Float(layers == layersOf27B ? width / heads : headDimension).squareRoot()
    }
}

/// The metadata keys of one architecture.
private struct GGUFKeys {
    let metadata: GGUFMetadata
    let architecture: String

    func key(_ name: String) -> String { "\(architecture).\(name)" }

    func dimension(_ name: String) throws(ConfigurationFault) -> Int { try metadata.dimension(key(name)) }

    func optionalDimension(_ name: String) throws(ConfigurationFault) -> Int? {
        try metadata.optionalDimension(key(name))
    }

    /// A finite float above zero, nil where the key is absent.
    func positive(_ name: String) throws(ConfigurationFault) -> Float? {
        guard let value = try metadata.optionalFloat(key(name)) else { return nil }
        guard value.isFinite, value > 0 else {
            throw .invalid(key: key(name), value: "\(value)", expected: "a finite number above 0")
        }
        return value
    }

    func refuseUnsupported() throws(ConfigurationFault) {
        for name in ["expert_count", "expert_used_count"] {
            if let count = try metadata.optionalInteger(key(name)), count != 0 {
                throw .unsupported(key: key(name), value: "\(count)", supported: "0 (no mixture of experts)")
            }
        }
        if let causal = try metadata.optionalBool(key("attention.causal")), !causal {
            throw .unsupported(key: key("attention.causal"), value: "false", supported: "true")
        }
    }

    func headDimension(width: Int, heads: Int) throws(ConfigurationFault) -> Int {
        let explicit = try optionalDimension("attention.key_length")
        if explicit == nil, width % heads != 0 {
            throw .invalid(
                key: key("attention.head_count"),
                value: "\(heads)",
                expected: "a divisor of the width \(width), or attention.key_length beside it"
            )
        }
        let dimension = explicit ?? width / heads
        if let value = try optionalDimension("attention.value_length"), value != dimension {
            throw .unsupported(key: key("attention.value_length"), value: "\(value)", supported: "\(dimension)")
        }
        guard dimension % 2 == 0 else {
            throw .invalid(key: key("attention.key_length"), value: "\(dimension)", expected: "an even number")
        }
        if let rotated = try optionalDimension("rope.dimension_count"), rotated != dimension {
            throw .unsupported(
                key: key("rope.dimension_count"),
                value: "\(rotated)",
                supported: "\(dimension), the whole head"
            )
        }
        return dimension
    }

    /// The rows of the embedding, else what the metadata say.
    func vocabularySize(embedding: [Int]?) throws(ConfigurationFault) -> Int {
        if let rows = embedding?.first { return try checkedDimension(rows, "rows of token_embd.weight") }
        return try dimension("vocab_size")
    }

    /// Which layers slide: one flag for each layer, or how many layers a period has, of which the last is full.
    func gemmaReach(layers: Int) throws(ConfigurationFault) -> [AttentionReach] {
        let name = "attention.sliding_window_pattern"
        guard let value = metadata[key(name)] else {
            return Gemma3.layerReach(layers: layers, pattern: Gemma3.slidingPattern)
        }
        guard case .array(.bool(let slides)) = value else {
            return Gemma3.layerReach(layers: layers, pattern: try dimension(name))
        }
        guard slides.count == layers else {
            throw .invalid(key: key(name), value: "\(slides.count) flags", expected: "\(layers), one for each layer")
        }
        return slides.map { $0 ? .sliding : .full }
    }

    func rotary(headDimension: Int, factors: [Float]?) throws(ConfigurationFault) -> RotaryConfiguration {
        let theta = try positive("rope.freq_base") ?? 10_000
        let typeKey = key("rope.scaling.type")
        let type = try metadata.optionalText(typeKey)
        var factor = try positive("rope.scaling.factor")
        if factor == nil { factor = try positive("rope.scale_linear") }
        switch type {
        case nil, "none", "linear": break
        case .some(let other): throw .unsupported(key: typeKey, value: other, supported: "none, linear")
        }
        if let factors {
            guard factors.count == headDimension / 2, factors.allSatisfy({ $0.isFinite && $0 > 0 }) else {
                throw .invalid(
                    key: "rope_freqs.weight",
                    value: "\(factors.count) factors from \(factors.min() ?? 0) to \(factors.max() ?? 0)",
                    expected: "\(headDimension / 2) finite factors above 0"
                )
            }
            if let factor, factor != 1, type != "none" {
                throw .unsupported(key: typeKey, value: "linear beside rope_freqs.weight", supported: "one of them")
            }
            return RotaryConfiguration(theta: theta, scaling: .factors(factors))
        }
        guard let factor, factor != 1, type != "none" else { return RotaryConfiguration(theta: theta) }
        return RotaryConfiguration(theta: theta, scaling: .linear(factor: factor))
    }
}
