// The number formats in which weights are stored, one row each: name, block length, bytes per block.

internal import CIQKernels

/// How the numbers of a weight matrix are stored.
///
/// Block formats share one or two scales among 32 numbers (`q8_0` … `q5_1`) or 256 (`q4_K`, `q5_K`, `q6_K`); their layouts
/// are GGUF's. See ggml's `ggml-common.h` for the definition of each block.
public enum NumberFormat: String, Sendable, Hashable, CaseIterable, Codable {
    case f32
    case f16
    case bf16
    case q8_0
    case q4_0
    case q4_1
    case q5_0
    case q5_1
    case q4_K
    case q5_K
    case q6_K

    /// How many numbers one block holds; 1 for the plain formats. A row's length is a multiple of this.
    public var blockLength: Int { Int(iqk_format_block_length(kernelFormat)) }

    /// How many bytes one block takes.
    public var bytesPerBlock: Int { Int(iqk_format_block_bytes(kernelFormat)) }

    /// Bytes of `count` numbers, or nil if `count` is not a whole number of blocks, is negative, or overflows.
    public func byteCount(of count: Int) -> Int? {
        guard count >= 0, count % blockLength == 0 else { return nil }
        let (bytes, overflow) = (count / blockLength).multipliedReportingOverflow(by: bytesPerBlock)
        return overflow ? nil : bytes
    }

    /// True for the formats that share scales in blocks.
    public var isQuantized: Bool { blockLength > 1 }

    var kernelFormat: iqk_format {
        switch self {
        case .f32: IQK_F32
        case .f16: IQK_F16
        case .bf16: IQK_BF16
        case .q8_0: IQK_Q8_0
        case .q4_0: IQK_Q4_0
        case .q4_1: IQK_Q4_1
        case .q5_0: IQK_Q5_0
        case .q5_1: IQK_Q5_1
        case .q4_K: IQK_Q4_K
        case .q5_K: IQK_Q5_K
        case .q6_K: IQK_Q6_K
        }
    }
}
