// The parameters of a decoder: which there are, of what shape, and what Hugging Face and GGUF call them.

package import IQTensor

/// One parameter of a layer. Weights are [output features, input features]; norms and biases are vectors.
package enum DecoderLayerParameter: String, Sendable, Hashable, CaseIterable {
    case attentionNorm
    case queryWeight
    case queryBias
    case keyWeight
    case keyBias
    case valueWeight
    case valueBias
    case outputWeight
    case outputBias
    case queryNorm
    case keyNorm
    case postAttentionNorm
    case feedForwardNorm
    case gateWeight
    case gateBias
    case upWeight
    case upBias
    case downWeight
    case downBias
    case postFeedForwardNorm

    /// The name after `model.layers.N.`. The norm before the feed-forward is called after attention, except where a norm
    /// really follows attention (Gemma).
    func huggingFaceName(sandwichNorms: Bool) -> String {
        switch self {
        case .attentionNorm: "input_layernorm.weight"
        case .queryWeight: "self_attn.q_proj.weight"
        case .queryBias: "self_attn.q_proj.bias"
        case .keyWeight: "self_attn.k_proj.weight"
        case .keyBias: "self_attn.k_proj.bias"
        case .valueWeight: "self_attn.v_proj.weight"
        case .valueBias: "self_attn.v_proj.bias"
        case .outputWeight: "self_attn.o_proj.weight"
        case .outputBias: "self_attn.o_proj.bias"
        case .queryNorm: "self_attn.q_norm.weight"
        case .keyNorm: "self_attn.k_norm.weight"
        case .postAttentionNorm: "post_attention_layernorm.weight"
        case .feedForwardNorm:
            sandwichNorms ? "pre_feedforward_layernorm.weight" : "post_attention_layernorm.weight"
        case .gateWeight: "mlp.gate_proj.weight"
        case .gateBias: "mlp.gate_proj.bias"
        case .upWeight: "mlp.up_proj.weight"
        case .upBias: "mlp.up_proj.bias"
        case .downWeight: "mlp.down_proj.weight"
        case .downBias: "mlp.down_proj.bias"
        case .postFeedForwardNorm: "post_feedforward_layernorm.weight"
        }
    }

    /// The name after `blk.N.`.
    var ggufName: String {
        switch self {
        case .attentionNorm: "attn_norm.weight"
        case .queryWeight: "attn_q.weight"
        case .queryBias: "attn_q.bias"
        case .keyWeight: "attn_k.weight"
        case .keyBias: "attn_k.bias"
        case .valueWeight: "attn_v.weight"
        case .valueBias: "attn_v.bias"
        case .outputWeight: "attn_output.weight"
        case .outputBias: "attn_output.bias"
        case .queryNorm: "attn_q_norm.weight"
        case .keyNorm: "attn_k_norm.weight"
        case .postAttentionNorm: "post_attention_norm.weight"
        case .feedForwardNorm: "ffn_norm.weight"
        case .gateWeight: "ffn_gate.weight"
        case .gateBias: "ffn_gate.bias"
        case .upWeight: "ffn_up.weight"
        case .upBias: "ffn_up.bias"
        case .downWeight: "ffn_down.weight"
        case .downBias: "ffn_down.bias"
        case .postFeedForwardNorm: "post_ffw_norm.weight"
        }
    }

    /// True for the scales of RMS norms, which Gemma's GGUF files store with 1 added.
    var isNorm: Bool {
        switch self {
        case .attentionNorm, .queryNorm, .keyNorm, .postAttentionNorm, .feedForwardNorm, .postFeedForwardNorm: true
        default: false
        }
    }

    func isPresent(in configuration: DecoderConfiguration) -> Bool {
        switch self {
        case .queryBias, .keyBias, .valueBias: configuration.hasQueryKeyValueBias
        case .outputBias: configuration.hasAttentionOutputBias
        case .gateBias, .upBias, .downBias: configuration.hasFeedForwardBias
        case .queryNorm, .keyNorm: configuration.hasQueryKeyNorm
        case .postAttentionNorm, .postFeedForwardNorm: configuration.hasSandwichNorms
        default: true
        }
    }

    func shape(in configuration: DecoderConfiguration) -> [Int] {
        let width = configuration.width
        let queryWidth = configuration.heads * configuration.headDimension
        let keyWidth = configuration.kvHeads * configuration.headDimension
        return switch self {
        case .attentionNorm, .feedForwardNorm, .postAttentionNorm, .postFeedForwardNorm: [width]
        case .queryWeight: [queryWidth, width]
        case .queryBias: [queryWidth]
        case .keyWeight, .valueWeight: [keyWidth, width]
        case .keyBias, .valueBias: [keyWidth]
        case .outputWeight: [width, queryWidth]
        case .outputBias, .downBias: [width]
        case .queryNorm, .keyNorm: [configuration.headDimension]
        case .gateWeight, .upWeight: [configuration.feedForwardWidth, width]
        case .gateBias, .upBias: [configuration.feedForwardWidth]
        case .downWeight: [width, configuration.feedForwardWidth]
        }
    }
}

/// One parameter of a decoder.
package enum DecoderParameter: Sendable, Hashable {
    case embedding
    case layer(Int, DecoderLayerParameter)
    case finalNorm
    case outputHead

    /// Every parameter that the configuration asks for, from the embedding to the output head.
    package static func all(in configuration: DecoderConfiguration) -> [DecoderParameter] {
        let parts = DecoderLayerParameter.allCases.filter { $0.isPresent(in: configuration) }
        var all: [DecoderParameter] = [.embedding]
        for layer in 0..<configuration.layers { all += parts.map { .layer(layer, $0) } }
        all.append(.finalNorm)
        if !configuration.tiesEmbeddings { all.append(.outputHead) }
        return all
    }

    /// [output features, input features] for a matrix, [elements] for a vector.
    package func shape(in configuration: DecoderConfiguration) -> [Int] {
        switch self {
        case .embedding, .outputHead: [configuration.vocabularySize, configuration.width]
        case .layer(_, let part): part.shape(in: configuration)
        case .finalNorm: [configuration.width]
        }
    }

    /// The name in a Hugging Face file.
    package func huggingFaceName(in configuration: DecoderConfiguration) -> String {
        switch self {
        case .embedding: "model.embed_tokens.weight"
        case .layer(let layer, let part):
            "model.layers.\(layer).\(part.huggingFaceName(sandwichNorms: configuration.hasSandwichNorms))"
        case .finalNorm: "model.norm.weight"
        case .outputHead: "lm_head.weight"
        }
    }

    /// The name in a GGUF file.
    package var ggufName: String {
        switch self {
        case .embedding: "token_embd.weight"
        case .layer(let layer, let part): "blk.\(layer).\(part.ggufName)"
        case .finalNorm: "output_norm.weight"
        case .outputHead: "output.weight"
        }
    }

    /// True for the scales of RMS norms.
    package var isNorm: Bool {
        switch self {
        case .finalNorm: true
        case .layer(_, let part): part.isNorm
        case .embedding, .outputHead: false
        }
    }

    /// The heads whose rows Llama's GGUF files store in another order: those of query and key.
    func rotaryHeads(in configuration: DecoderConfiguration) -> Int? {
        switch self {
        case .layer(_, .queryWeight), .layer(_, .queryBias): configuration.heads
        case .layer(_, .keyWeight), .layer(_, .keyBias): configuration.kvHeads
        default: nil
        }
    }
}

/// The value of a parameter.
package enum ParameterValue: Sendable {
    case matrix(WeightMatrix)
    case vector(WeightVector)

    package var count: Int {
        switch self {
        case .matrix(let matrix): matrix.rows * matrix.columns
        case .vector(let vector): vector.count
        }
    }

    package var shape: [Int] {
        switch self {
        case .matrix(let matrix): [matrix.rows, matrix.columns]
        case .vector(let vector): [vector.count]
        }
    }

    package var format: NumberFormat {
        switch self {
        case .matrix(let matrix): matrix.format
        case .vector: .f32
        }
    }

    package var byteCount: Int {
        switch self {
        case .matrix(let matrix): matrix.byteCount
        case .vector(let vector): vector.count * MemoryLayout<Float>.stride
        }
    }

    /// Lends the bytes, in ``format``.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        switch self {
        case .matrix(let matrix): try matrix.withBytes(body)
        case .vector(let vector): try vector.values.withUnsafeBytes(body)
        }
    }
}
