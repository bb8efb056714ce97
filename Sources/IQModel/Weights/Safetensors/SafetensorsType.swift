// The number types of the safetensors format. Source: the format's documentation.

internal import IQTensor

enum SafetensorsType {
    /// Bits of one element of every type that the format defines.
    static let bits: [String: Int] = [
        "BOOL": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8,
        "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "F64": 64, "I64": 64, "U64": 64,
        "C64": 64,
    ]

    static let supportedNames = ["F32", "F16", "BF16"]

    /// The format of weights of this type; nil for those that weights cannot have here.
    static func format(of name: String) -> NumberFormat? {
        switch name {
        case "F32": .f32
        case "F16": .f16
        case "BF16": .bf16
        default: nil
        }
    }

    /// The type's name; nil for block formats, which safetensors does not have.
    static func name(of format: NumberFormat) -> String? {
        switch format {
        case .f32: "F32"
        case .f16: "F16"
        case .bf16: "BF16"
        default: nil
        }
    }
}
