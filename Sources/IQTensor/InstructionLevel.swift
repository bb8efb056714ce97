// The instruction levels that the kernels are written for.

internal import CIQKernels

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Which set of kernels computes. Results of two levels agree to rounding.
public enum InstructionLevel: String, Sendable, Hashable, CaseIterable, Codable {
    /// Plain C, on any processor: the reference that the others are tested against.
    case portable
    /// x86-64 with AVX2, FMA and F16C.
    case avx2
    /// x86-64 with AVX-512 F, BW, VL and DQ; VNNI instructions where present.
    case avx512
    /// arm64 with NEON; products with stored weights are still the portable ones there.
    case neon

    /// True if this processor can run the level.
    public var isSupported: Bool { iqk_level_supported(kernelLevel) }

    /// The fastest level of this processor, or the one that `INTEREST_QUERY_LEVEL` in the environment names when the process first
    /// asks, so that whole programs and test suites can be run on a slower one. A name that this processor has no level of
    /// is passed over.
    public static var best: InstructionLevel { chosen }

    private static let chosen: InstructionLevel = {
        if let name = getenv("INTEREST_QUERY_LEVEL"), let level = InstructionLevel(rawValue: String(cString: name)),
            level.isSupported
        {
            return level
        }
        return InstructionLevel(iqk_level_best())
    }()

    /// The levels that this processor can run, slowest first.
    public static var supported: [InstructionLevel] { allCases.filter(\.isSupported) }

    init(_ level: iqk_level) {
        switch level {
        case IQK_LEVEL_AVX2: self = .avx2
        case IQK_LEVEL_AVX512: self = .avx512
        case IQK_LEVEL_NEON: self = .neon
        default: self = .portable
        }
    }

    var kernelLevel: iqk_level {
        switch self {
        case .portable: IQK_LEVEL_PORTABLE
        case .avx2: IQK_LEVEL_AVX2
        case .avx512: IQK_LEVEL_AVX512
        case .neon: IQK_LEVEL_NEON
        }
    }
}
