// Vectors of texts for rewards, each text embedded once.

public import IQModel
internal import IQPolicy

/// Turns texts into vectors of length 1 whose scalar product is their similarity.
public protocol TextVectorizer: Sendable {
    /// One vector for each text, in order; the zero vector for a text without content.
    func vectors(of texts: [String]) async throws -> [[Float]]
}

extension TextEmbedder: TextVectorizer {
    public func vectors(of texts: [String]) throws -> [[Float]] { try embed(texts) }
}

/// Remembers vectors: rewards of one list ask for the same queries, and lists of one group write many queries alike.
public actor CachedVectorizer: TextVectorizer {
    private let source: any TextVectorizer
    private var cache: BoundedCache<String, [Float]>

    /// - Parameters:
    ///   - source: what makes the vectors.
    ///   - capacity: the most texts that are remembered, at least 2; those not asked for lately go first.
    public init(_ source: any TextVectorizer, capacity: Int = 20_000) {
        self.source = source
        cache = BoundedCache(capacity: max(2, capacity))
    }

    public func vectors(of texts: [String]) async throws -> [[Float]] {
        var known: [String: [Float]] = [:]
        var missing: [String] = []
        for text in texts where known[text] == nil {
            if let vector = cache.value(for: text) {
                known[text] = vector
            } else {
                known[text] = []
                missing.append(text)
            }
        }
        if !missing.isEmpty {
            for (text, vector) in zip(missing, try await source.vectors(of: missing)) {
                known[text] = vector
                cache.insert(vector, for: text)
            }
        }
        return texts.map { known[$0] ?? [] }
    }
}

/// The scalar product of two vectors of one length.
func similarity(_ first: [Float], _ second: [Float]) -> Double {
    precondition(first.count == second.count, "vectors of \(first.count) and \(second.count) numbers")
    var sum: Float = 0
    for index in first.indices { sum += first[index] * second[index] }
    return Double(sum)
}

/// −1 ... 1 as 0 ... 1; rounding may leave a cosine a little outside.
func unitInterval(cosine: Double) -> Double { min(1, max(0, (1 + cosine) / 2)) }
