// Functions of probability that statistics need, from the system's mathematics library or by series.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// log2 x.
func binaryLogarithm(_ x: Double) -> Double { log2(x) }

/// The standard normal distribution.
enum NormalDistribution {
    /// The probability of a value of at most x.
    static func cumulative(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

    /// The probability of a value at least as far from 0 as x.
    static func twoSided(_ x: Double) -> Double { erfc(abs(x) / 2.0.squareRoot()) }

    /// The value that is not exceeded with this probability, in 0 < p < 1: Newton's method on the logarithm of the tail, which
    /// is concave, so that it converges from anywhere.
    static func quantile(_ probability: Double) -> Double {
        precondition(probability > 0 && probability < 1, "a quantile of probability \(probability)")
        if probability > 0.5 { return -quantile(1 - probability) }
        var x = -(-2 * log(probability)).squareRoot()
        for _ in 0..<60 {
            let tail = cumulative(x)
            let density = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
            let step = (log(tail) - log(probability)) * tail / density
            x -= step
            if abs(step) < 1e-14 * max(1, abs(x)) { break }
        }
        return x
    }
}

/// The chi-square distribution.
enum ChiSquareDistribution {
    /// The probability of a value of at least x: the regularised upper incomplete gamma function Q(degrees/2, x/2), by its
    /// series below the mean and by its continued fraction above (Abramowitz and Stegun 6.5.29 and 6.5.31).
    static func upperTail(_ x: Double, degreesOfFreedom: Int) -> Double {
        precondition(degreesOfFreedom >= 1 && x >= 0, "chi-square \(x) of \(degreesOfFreedom) degrees")
        guard x > 0 else { return 1 }
        let (a, y) = (Double(degreesOfFreedom) / 2, x / 2)
        let front = exp(-y + a * log(y) - lgamma(a))
        if y < a + 1 {
            var term = 1 / a
            var sum = term
            var n = a
            while abs(term) > sum * 1e-16 {
                n += 1
                term *= y / n
                sum += term
            }
            return max(0, 1 - front * sum)
        }
        // Lentz's method.
        let tiny = 1e-300
        var b = y + 1 - a
        var c = 1 / tiny
        var d = 1 / b
        var fraction = d
        for i in 1...10_000 {
            let factor = -Double(i) * (Double(i) - a)
            b += 2
            d = factor * d + b
            if abs(d) < tiny { d = tiny }
            c = b + factor / c
            if abs(c) < tiny { c = tiny }
            d = 1 / d
            let change = d * c
            fraction *= change
            if abs(change - 1) < 1e-15 { break }
        }
        return min(1, front * fraction)
    }
}
