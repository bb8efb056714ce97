// Choosing articles that are relevant and not all alike.

/// Maximal marginal relevance: picks one article after the other, each time the one with the largest
/// λ · relevance − (1 − λ) · (largest similarity to those picked already).
///
/// Source: Carbonell and Goldstein, "The Use of MMR, Diversity-Based Reranking for Reordering Documents and Producing
/// Summaries", SIGIR 1998.
public enum MaximalMarginalRelevance {
    /// The indices of the picked candidates, in the order of picking; of equal candidates the one that comes first.
    ///
    /// - Parameters:
    ///   - relevance: one value for each candidate, on the scale of the similarities (a cosine to the query, say).
    ///   - vectors: one for each candidate; similarity is their cosine, and 0 where a vector is zero.
    ///   - lambda: 0...1; 1 is the order of relevance, 0 looks at diversity alone after the first pick.
    ///   - count: how many to pick.
    public static func select(
        relevance: [Double],
        vectors: [[Float]],
        lambda: Double,
        count: Int
    ) -> [Int] {
        precondition(relevance.count == vectors.count, "\(relevance.count) relevances of \(vectors.count) vectors")
        precondition((0...1).contains(lambda), "lambda \(lambda) is not in 0...1")
        let lengths = vectors.map { dot($0, $0).squareRoot() }
        var remaining = Array(vectors.indices)
        // The largest similarity to a picked one, so that each pick costs one product for each candidate.
        var similarity = [Double](repeating: -.infinity, count: vectors.count)
        var picked: [Int] = []
        while picked.count < count, !remaining.isEmpty {
            var best = 0
            var bestScore = -Double.infinity
            for (place, index) in remaining.enumerated() {
                let redundancy = picked.isEmpty ? 0 : similarity[index]
                let score = lambda * relevance[index] - (1 - lambda) * redundancy
                if score > bestScore { (best, bestScore) = (place, score) }
            }
            let chosen = remaining.remove(at: best)
            picked.append(chosen)
            for index in remaining {
                let product = lengths[index] * lengths[chosen]
                let cosine = product > 0 ? dot(vectors[index], vectors[chosen]) / product : 0
                similarity[index] = max(similarity[index], cosine)
            }
        }
        return picked
    }

    private static func dot(_ first: [Float], _ second: [Float]) -> Double {
        precondition(first.count == second.count, "vectors of \(first.count) and \(second.count) numbers")
        var sum = 0.0
        for index in first.indices { sum += Double(first[index]) * Double(second[index]) }
        return sum
    }
}
