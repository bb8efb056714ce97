// The row operations in Double, written as their definitions read: what the kernels are compared with.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Definitions in Double of what the kernels compute in f32.
public enum Reference {
    /// x / √(mean(x²) + epsilon) · (weight + offset)
    public static func rmsNorm(_ x: [Float], weight: [Float], offset: Float, epsilon: Float) -> [Double] {
        let meanSquare = x.reduce(0) { $0 + Double($1) * Double($1) } / Double(x.count)
        let inverse = 1 / (meanSquare + Double(epsilon)).squareRoot()
        return zip(x, weight).map { Double($0) * inverse * (Double($1) + Double(offset)) }
    }

    /// (x − mean) / √(variance + epsilon) · weight + bias
    public static func layerNorm(_ x: [Float], weight: [Float], bias: [Float], epsilon: Float) -> [Double] {
        let mean = x.reduce(0) { $0 + Double($1) } / Double(x.count)
        let variance = x.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(x.count)
        let inverse = 1 / (variance + Double(epsilon)).squareRoot()
        return x.indices.map { (Double(x[$0]) - mean) * inverse * Double(weight[$0]) + Double(bias[$0]) }
    }

    public static func silu(_ x: Float) -> Double { Double(x) / (1 + exp(-Double(x))) }

    /// 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³)))
    public static func geluTanh(_ x: Float) -> Double {
        let x = Double(x)
        return 0.5 * x * (1 + hyperbolicTangent((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    }

    /// 0.5 x (1 + erf(x / √2))
    public static func geluErf(_ x: Float) -> Double {
        0.5 * Double(x) * erfc(-Double(x) / 2.squareRoot())
    }

    public static func tanh(_ x: Float) -> Double { hyperbolicTangent(Double(x)) }

    /// The pairs (i, i + half) of one head, rotated by the angles of the tables; the rest unchanged.
    public static func rotate(_ head: [Float], cosine: [Float], sine: [Float]) -> [Double] {
        let half = cosine.count
        var result = head.map(Double.init)
        for i in 0..<half {
            let (a, b) = (Double(head[i]), Double(head[i + half]))
            result[i] = a * Double(cosine[i]) - b * Double(sine[i])
            result[i + half] = b * Double(cosine[i]) + a * Double(sine[i])
        }
        return result
    }

    /// Cosine and sine of an angle rounded to f32.
    public static func cosineAndSine(_ angle: Float) -> (Double, Double) { (cos(Double(angle)), sin(Double(angle))) }

    /// ∑ exp((x − shift) · factor) without the entries −∞.
    public static func sumOfExponentials(_ x: [Float], shift: Float, factor: Float) -> Double {
        x.reduce(0) { $1 == -.infinity ? $0 : $0 + exp((Double($1) - Double(shift)) * Double(factor)) }
    }

    /// a · b for functions that read their elements.
    public static func product(
        rows: Int,
        columns: Int,
        inner: Int,
        a: (Int, Int) -> Float,
        b: (Int, Int) -> Float
    ) -> [Double] {
        var result: [Double] = []
        for row in 0..<rows {
            for column in 0..<columns {
                result.append((0..<inner).reduce(0) { $0 + Double(a(row, $1)) * Double(b($1, column)) })
            }
        }
        return result
    }
}

/// Outside ``Reference``, whose own function hides the C library's.
func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }
