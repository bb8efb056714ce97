// Which model the vectors are of, told by what it does.

internal import IQModel

/// The vector of one fixed text stands in the index. A model that makes another one is another model, whatever its name.
enum ModelProbe {
    static let text = "A comet, brighter than predicted, will be visible without a telescope this weekend."
    /// Other number formats of the same weights stay above this; other models are far below.
    static let sufficientSimilarity = 0.99

    static func vector(_ embedder: TextEmbedder) async throws -> [Float] {
        try await embedder.embed([text]).first ?? []
    }

    static func check(_ embedder: TextEmbedder, against stored: [Float], path: String) async throws {
        guard embedder.dimension == stored.count else {
            throw NewsIndexError.dimensionMismatch(found: embedder.dimension, index: stored.count)
        }
        let vector = try await vector(embedder)
        let similarity = zip(vector, stored).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        guard similarity >= sufficientSimilarity else {
            throw NewsIndexError.modelMismatch(path: path, similarity: similarity)
        }
    }
}
