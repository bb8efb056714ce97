// Attention in Double, one query and head at a time.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

package import IQTensor

extension Reference {
    /// softmax(scale · q · Kᵀ) · V of one sequence.
    ///
    /// - Parameters:
    ///   - q: [queries, H · D], the first at position `firstPosition`.
    ///   - keys: [tokens, KV heads · D], the first at position 0.
    ///   - values: as `keys`.
    /// - Returns: [queries, H · D]
    package static func attention(
        _ shape: AttentionShape,
        q: [Float],
        firstPosition: Int,
        keys: [Float],
        values: [Float]
    ) -> [Double] {
        let width = shape.headDimension
        let (queryWidth, keyWidth) = (shape.heads * width, shape.kvHeads * width)
        let tokens = keys.count / keyWidth
        var result = [Double](repeating: 0, count: q.count)
        for query in 0..<(q.count / queryWidth) {
            let position = firstPosition + query
            for head in 0..<shape.heads {
                let qStart = query * queryWidth + head * width
                let kvStart = head / (shape.heads / shape.kvHeads) * width
                var weights: [(token: Int, score: Double)] = []
                for token in 0..<tokens {
                    if shape.isCausal && token > position { continue }
                    if let window = shape.window, token <= position - window { continue }
                    var score = 0.0
                    for d in 0..<width {
                        score += Double(q[qStart + d]) * Double(keys[token * keyWidth + kvStart + d])
                    }
                    score *= Double(shape.scale)
                    if let cap = shape.softCap { score = Double(cap) * hyperbolicTangent(score / Double(cap)) }
                    weights.append((token, score))
                }
                let largest = weights.map(\.score).max() ?? 0
                let sum = weights.reduce(0) { $0 + exp($1.score - largest) }
                for (token, score) in weights {
                    let probability = exp(score - largest) / sum
                    for d in 0..<width {
                        result[qStart + d] += probability * Double(values[token * keyWidth + kvStart + d])
                    }
                }
            }
        }
        return result
    }
}
