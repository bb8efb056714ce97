// Softmax over a handful of numbers.

internal import IQTensor

/// exp(x − max) / ∑ exp(x − max), in Double inside. For vocabulary-sized rows use the kernels.
package func softmax(_ scores: [Float]) -> [Float] {
    guard let maximum = scores.max() else { return [] }
    let powers = scores.map { exponential(Double($0) - Double(maximum)) }
    let sum = powers.reduce(0, +)
    return powers.map { Float($0 / sum) }
}
