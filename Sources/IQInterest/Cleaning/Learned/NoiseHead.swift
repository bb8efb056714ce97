// Our own small judge: logistic regression over the vector of a sentence encoder and what the text looks like.

public import IQModel

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A trained head over an encoder's vectors, such as all-MiniLM-L6-v2's, and 24 numbers about the characters.
///
/// ```swift
/// let embedder = try await TextEmbedder(modelAt: miniLM)
/// let cleaner = SignalCleaner(scorer: try await NoiseHead(at: folder, embedder: embedder))
/// ```
/// `interest-query train cleaner` makes the folder. It holds the encoder's vector of a fixed text, and an encoder that gives another
/// one is refused.
public struct NoiseHead: NoiseScorer {
    public let name = "learned"
    public let threshold: Double
    let parameters: NoiseHeadParameters
    private let letters: LetterModel
    private let embedder: TextEmbedder

    /// Characters of a text that are looked at.
    static let longestText = 2000

    init(parameters: NoiseHeadParameters, embedder: TextEmbedder, threshold: Double? = nil) {
        self.parameters = parameters
        self.embedder = embedder
        self.threshold = threshold ?? parameters.threshold
        letters = parameters.letters
    }

    /// Reads a head.
    ///
    /// - Parameters:
    ///   - folder: what training wrote.
    ///   - embedder: the encoder that the head was trained on.
    ///   - threshold: in (0, 1]; nil takes the head's own, chosen on clean lines that it had not learned.
    /// - Throws: ``CleaningError`` for a folder that holds no head, another encoder, or a threshold out of range.
    public init(at folder: URL, embedder: TextEmbedder, threshold: Double? = nil) async throws {
        if let threshold, !(threshold > 0 && threshold <= 1) {
            throw CleaningError.invalidOption(
                name: "threshold",
                value: "\(threshold)",
                expected: "a number above 0 and up to 1"
            )
        }
        let parameters = try NoiseHeadParameters.read(from: folder.path)
        guard embedder.dimension == parameters.probe.count else {
            throw CleaningError.dimensionMismatch(
                path: folder.path,
                found: embedder.dimension,
                head: parameters.probe.count
            )
        }
        let probe = try await embedder.embed([NoiseHeadParameters.probeText])[0]
        let similarity = zip(probe, parameters.probe).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        guard similarity >= NoiseHeadParameters.sufficientSimilarity else {
            throw CleaningError.encoderMismatch(path: folder.path, similarity: similarity)
        }
        self.init(parameters: parameters, embedder: embedder, threshold: threshold)
    }

    /// Writes the head into a folder, which is made if there is none. ``init(at:embedder:threshold:)`` reads it.
    public func save(to folder: URL) throws { try parameters.write(to: folder.path) }

    public func noiseProbabilities(of texts: [String]) async throws -> [Double] {
        let texts = texts.map(Self.examined)
        return zip(texts, try await embedder.embed(texts)).map { text, vector in
            parameters.probability(vector: vector, text: text, letters: letters)
        }
    }

    /// What is looked at of a text.
    static func examined(_ text: String) -> String {
        guard text.unicodeScalars.count > longestText else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(longestText)))
    }
}
