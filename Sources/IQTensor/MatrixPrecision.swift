// The number format that matrix products of training are computed in.

internal import CIQKernels

/// How training multiplies matrices. Weights, activations, gradients and sums are f32 in both.
public enum MatrixPrecision: String, Sendable, Hashable, CaseIterable, Codable {
    /// Operands in f32.
    case f32
    /// Operands rounded to bfloat16 (to the nearest, ties to even), products summed in f32.
    case bf16
}

extension MatrixPrecision {
    var kernelPrecision: iqk_precision { self == .bf16 ? IQK_PRECISION_BF16 : IQK_PRECISION_F32 }
}
