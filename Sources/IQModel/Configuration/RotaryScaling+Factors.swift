// Llama 3's rotary scaling as one factor for each frequency, and back. Source: the Llama 3.1 reference code.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

extension RotaryConfiguration {
    /// By what each of the D/2 frequencies is divided; nil where that is 1 for all.
    package func frequencyFactors(headDimension: Int) -> [Float]? {
        switch scaling {
        case .none: return nil
        case .linear(let factor): return Array(repeating: factor, count: headDimension / 2)
        case .factors(let factors): return factors
        case .llama3(let factor, let low, let high, let originalContext):
            return Self.llama3Factors(
                theta: theta,
                headDimension: headDimension,
                factor: factor,
                low: low,
                high: high,
                originalContext: originalContext
            )
        }
    }

    /// This configuration with per-frequency factors named as Llama 3's scaling where they are one. Files in Hugging
    /// Face's form can say no other.
    package func namingLlama3(headDimension: Int) -> RotaryConfiguration? {
        guard case .factors(let factors) = scaling else { return self }
        guard let largest = factors.max(), factors.count == headDimension / 2 else { return nil }
        if factors.allSatisfy({ $0 == 1 }) { return RotaryConfiguration(theta: theta) }
        // The published models differ in the factor only.
        let (low, high, originalContext): (Float, Float, Int) = (1, 4, 8192)
        let candidate = Self.llama3Factors(
            theta: theta,
            headDimension: headDimension,
            factor: largest,
            low: low,
            high: high,
            originalContext: originalContext
        )
        let tolerance: Float = 1e-5
        guard zip(candidate, factors).allSatisfy({ abs($0 - $1) <= tolerance * $1 }) else { return nil }
        return RotaryConfiguration(
            theta: theta,
            scaling: .llama3(
                factor: largest,
                lowFrequencyFactor: low,
                highFrequencyFactor: high,
                originalContext: originalContext
            )
        )
    }

    private static func llama3Factors(
        theta: Float,
        headDimension: Int,
        factor: Float,
        low: Float,
        high: Float,
        originalContext: Int
    ) -> [Float] {
        (0..<(headDimension / 2)).map { index in
            let frequency = pow(Double(theta), -2 * Double(index) / Double(headDimension))
            // How often the frequency turns around within the original context.
            let turns = Double(originalContext) * frequency / (2 * Double.pi)
            if turns < Double(low) { return factor }
            if turns > Double(high) { return 1 }
            let blend = (turns - Double(low)) / (Double(high) - Double(low))
            return Float(1 / ((1 - blend) / Double(factor) + blend))
        }
    }
}
