// Rotary position embedding (Su et al., arXiv 2104.09864) and the ways in which models stretch it.

package import IQTensor

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Rotates the pairs (i, i + D/2) of each head by position · frequency i.
package struct RotaryEmbedding: Sendable {
    /// One frequency for each pair: [D/2].
    package let inverseFrequencies: WeightVector

    package init(_ configuration: RotaryConfiguration, headDimension: Int) throws {
        inverseFrequencies = try WeightVector(Self.frequencies(configuration, headDimension: headDimension))
    }

    /// Fills cosine and sine, [T, D/2] each, for the positions of a step.
    package func tables(
        positions: [Int32],
        cosine: FloatMatrix,
        sine: FloatMatrix,
        on context: ComputeContext
    ) throws(TensorError) {
        try context.rotaryTables(
            positions: positions,
            inverseFrequencies: inverseFrequencies,
            scale: 1,
            cosine: cosine,
            sine: sine
        )
    }

    /// θ^(−2i/D), scaled as the configuration says. `.factors` must hold D/2 values.
    package static func frequencies(_ configuration: RotaryConfiguration, headDimension: Int) -> [Float] {
        let half = headDimension / 2
        let plain = (0..<half).map { index in
            Float(pow(Double(configuration.theta), -Double(2 * index) / Double(headDimension)))
        }
        switch configuration.scaling {
        case .none:
            return plain
        case .linear(let factor):
            return plain.map { $0 / factor }
        case .factors(let factors):
            precondition(factors.count == half, "\(factors.count) rotary factors for \(half) pairs")
            return zip(plain, factors).map { $0 / $1 }
        case .llama3(let factor, let low, let high, let originalContext):
            return plain.map {
                llama3Frequency($0, factor: factor, low: low, high: high, originalContext: originalContext)
            }
        }
    }

    /// Wavelengths over originalContext / low are divided by the factor, those under originalContext / high are kept, and
    /// the ones between are interpolated (Llama 3.1's `rope_type: llama3`).
    static func llama3Frequency(
        _ frequency: Float,
        factor: Float,
        low: Float,
        high: Float,
        originalContext: Int
    ) -> Float {
        let wavelength = 2 * Float.pi / frequency
        let context = Float(originalContext)
        if wavelength < context / high { return frequency }
        if wavelength > context / low { return frequency / factor }
        let smooth = (context / wavelength - low) / (high - low)
        return (1 - smooth) * frequency / factor + smooth * frequency
    }
}
