// ggml's numbers for the formats of tensors: those this library reads, and the names of the others for the error.

internal import IQTensor

enum GGUFTensorType {
    /// ggml's number of each format that this library reads.
    static let supported: [(number: UInt32, format: NumberFormat, name: String)] = [
        (0, .f32, "F32"),
        (1, .f16, "F16"),
        (2, .q4_0, "Q4_0"),
        (3, .q4_1, "Q4_1"),
        (6, .q5_0, "Q5_0"),
        (7, .q5_1, "Q5_1"),
        (8, .q8_0, "Q8_0"),
        (12, .q4_K, "Q4_K"),
        (13, .q5_K, "Q5_K"),
        (14, .q6_K, "Q6_K"),
        (30, .bf16, "BF16"),
    ]

    private static let otherNames: [UInt32: String] = [
        9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S",
        20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64",
        29: "IQ1_M", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4",
    ]

    static var supportedNames: [String] { supported.map(\.name) }

    static func format(of number: UInt32) -> NumberFormat? { supported.first { $0.number == number }?.format }

    static func number(of format: NumberFormat) -> UInt32? { supported.first { $0.format == format }?.number }

    static func name(of number: UInt32) -> String {
        supported.first { $0.number == number }?.name ?? otherNames[number] ?? "type \(number)"
    }
}
