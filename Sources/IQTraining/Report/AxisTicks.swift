// Where the marks of an axis stand, and what is written beside them.

/// Marks at multiples of 1, 2 or 5 times a power of ten.
package struct AxisTicks: Equatable, Sendable {
    package let values: [Double]
    /// The distance between two marks.
    package let step: Double

    /// Marks within a range; as many as fit, and no more than asked for.
    ///
    /// - Parameters:
    ///   - smallestStep: 1 for an axis that counts.
    package init(from low: Double, to high: Double, atMost count: Int, smallestStep: Double = 0) {
        precondition(low < high && low.isFinite && high.isFinite && count >= 2, "ticks from \(low) to \(high)")
        let smallest = max((high - low) / Double(count), smallestStep)
        var exponent = 0
        while NumberText.power(exponent) > smallest { exponent -= 1 }
        while NumberText.power(exponent + 1) <= smallest { exponent += 1 }
        var candidates = [1.0, 2, 5, 10].map { $0 * NumberText.power(exponent) }.filter { $0 >= smallest }
        candidates.append(20 * NumberText.power(exponent))
        var best: [Double] = []
        var bestStep = candidates[0]
        for candidate in candidates {
            let first = (low / candidate - 1e-9).rounded(.up)
            let last = (high / candidate + 1e-9).rounded(.down)
            guard last - first + 1 <= Double(count) else { continue }
            best = stride(from: first, through: last, by: 1).map { $0 * candidate }
            bestStep = candidate
            break
        }
        values = best
        step = bestStep
    }

    /// What stands beside a mark: plain numbers where they are short, else powers of ten.
    package func label(_ value: Double) -> String {
        let largest = values.map(abs).max() ?? 0
        if abs(value) < step / 2 { return "0" }
        if largest >= 1e7 || step < 1e-4 { return NumberText.scientific(value, digits: 5) }
        if step >= 1 {
            return value < 0 ? NumberText.fixed(value, decimals: 0) : NumberText.grouped(Int(value.rounded()))
        }
        var decimals = 0
        while decimals < 6, NumberText.power(-decimals) > step * 1.0001 { decimals += 1 }
        return NumberText.fixed(value, decimals: decimals)
    }
}
