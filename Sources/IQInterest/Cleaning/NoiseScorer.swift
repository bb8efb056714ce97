// What a learned judge of texts is.

/// Tells how likely texts are noise. ``NoiseHead`` and ``ClassifierNoiseScorer`` come with the library; a team's own model conforms.
public protocol NoiseScorer: Sendable {
    /// The name in reports, unique among the rules of a cleaner.
    var name: String { get }
    /// From this probability on a text is dropped.
    var threshold: Double { get }
    /// For each text, in order, the probability in [0, 1] that it is noise. Must not depend on the other texts.
    func noiseProbabilities(of texts: [String]) async throws -> [Double]
}

extension NoiseScorer {
    /// For each text, in order, why it is dropped, or nil.
    func reasons(against texts: [String]) async throws -> [CleaningReason?] {
        guard !texts.isEmpty else { return [] }
        let probabilities = try await noiseProbabilities(of: texts)
        precondition(
            probabilities.count == texts.count,
            "\(probabilities.count) probabilities for \(texts.count) texts"
        )
        return probabilities.map { probability in
            // A probability that is no number says nothing against a text.
            guard probability >= threshold else { return nil }
            return CleaningReason(
                rule: name,
                finding: .classified(probability: probability, threshold: threshold)
            )
        }
    }
}
