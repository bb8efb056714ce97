// A fine-tuned BERT or RoBERTa as the judge of texts, as in the paper.

public import IQModel

/// Takes the classes of a sequence classifier that mean noise together as the probability of noise.
///
/// ```swift
/// let classifier = try await TextClassifier(modelAt: folder)
/// let scorer = try ClassifierNoiseScorer(classifier, noiseLabels: ["spam"])
/// let cleaner = SignalCleaner(scorer: scorer)
/// ```
public struct ClassifierNoiseScorer: NoiseScorer {
    public let name = "classifier"
    public let classifier: TextClassifier
    public let threshold: Double
    /// Places of the classes that mean noise.
    private let places: [Int]

    /// - Parameters:
    ///   - classifier: the model.
    ///   - noiseLabels: names of the classes that mean noise, at least one.
    ///   - threshold: in (0, 1]. A model's own probabilities are seldom calibrated: choose it on lines that must stay.
    /// - Throws: ``CleaningError/unknownLabels(_:available:)`` or ``CleaningError/invalidOption(name:value:expected:)``.
    public init(_ classifier: TextClassifier, noiseLabels: Set<String>, threshold: Double = 0.5) throws(CleaningError) {
        guard threshold > 0, threshold <= 1 else {
            throw .invalidOption(name: "threshold", value: "\(threshold)", expected: "a number above 0 and up to 1")
        }
        let missing = noiseLabels.subtracting(classifier.labels)
        guard missing.isEmpty, !noiseLabels.isEmpty else {
            throw .unknownLabels(missing.sorted(), available: classifier.labels)
        }
        self.classifier = classifier
        self.threshold = threshold
        places = classifier.labels.indices.filter { noiseLabels.contains(classifier.labels[$0]) }
    }

    public func noiseProbabilities(of texts: [String]) async throws -> [Double] {
        try await classifier.classify(texts).map { probabilities in
            places.reduce(0) { $0 + Double(probabilities[$1]) }
        }
    }
}
