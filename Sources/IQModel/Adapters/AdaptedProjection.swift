// The places in a decoder where an adapter can be.

/// A linear layer of a decoder's layer. Raw values are the names that Hugging Face and PEFT give them.
public enum AdaptedProjection: String, Sendable, Hashable, CaseIterable, Codable {
    case query = "q_proj"
    case key = "k_proj"
    case value = "v_proj"
    case output = "o_proj"
    case gate = "gate_proj"
    case up = "up_proj"
    case down = "down_proj"

    /// The name of the part of the layer that it belongs to.
    var part: String {
        switch self {
        case .query, .key, .value, .output: "self_attn"
        case .gate, .up, .down: "mlp"
        }
    }

    var weight: DecoderLayerParameter {
        switch self {
        case .query: .queryWeight
        case .key: .keyWeight
        case .value: .valueWeight
        case .output: .outputWeight
        case .gate: .gateWeight
        case .up: .upWeight
        case .down: .downWeight
        }
    }
}

/// One linear layer of a decoder.
package struct AdapterSite: Sendable, Hashable, Comparable {
    package let layer: Int
    package let projection: AdaptedProjection

    package init(layer: Int, projection: AdaptedProjection) {
        self.layer = layer
        self.projection = projection
    }

    /// Every place of a decoder, layer by layer.
    package static func all(in configuration: DecoderConfiguration) -> [AdapterSite] {
        (0..<configuration.layers).flatMap { layer in
            AdaptedProjection.allCases.map { AdapterSite(layer: layer, projection: $0) }
        }
    }

    /// Number in the order of ``all(in:)``, the same whichever places are adapted.
    package var number: Int {
        layer * AdaptedProjection.allCases.count + (AdaptedProjection.allCases.firstIndex(of: projection) ?? 0)
    }

    package static func < (one: AdapterSite, other: AdapterSite) -> Bool { one.number < other.number }

    /// The adapted weights.
    package var parameter: DecoderParameter { .layer(layer, projection.weight) }

    /// The layer's name in a Hugging Face model.
    package var moduleName: String { "model.layers.\(layer).\(projection.part).\(projection.rawValue)" }

    /// The name of A [r, input features] in a PEFT file.
    package var downName: String { "base_model.model.\(moduleName).lora_A.weight" }

    /// The name of B [output features, r] in a PEFT file.
    package var upName: String { "base_model.model.\(moduleName).lora_B.weight" }
}
