// Baselines that compare sentence vectors of titles.

public import IQModel

/// Vectors of titles, made once and shared by the baselines that need them.
public struct TitleVectors: Sendable {
    /// Numbers in a vector.
    public let dimension: Int
    private let rows: [NewsArticle.ID: Int]
    private let values: [Float]

    /// - Parameters:
    ///   - articles: no two with one id.
    ///   - embedder: what turns titles into vectors of length 1.
    ///   - progress: called with the number of titles done, from time to time.
    /// - Throws: `CancellationError` between batches, and what the embedder throws.
    public init(
        _ articles: [NewsArticle],
        embedder: TextEmbedder,
        progress: @Sendable (Int) -> Void = { _ in }
    ) async throws {
        var values: [Float] = []
        values.reserveCapacity(articles.count * embedder.dimension)
        for start in stride(from: 0, to: articles.count, by: Self.batch) {
            let part = articles[start..<min(start + Self.batch, articles.count)]
            for vector in try await embedder.embed(part.map(\.title)) { values += vector }
            progress(start + part.count)
        }
        self.values = values
        dimension = embedder.dimension
        rows = Dictionary(articles.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Vectors that are there already, all of one dimension.
    public init(_ vectors: [(article: NewsArticle.ID, vector: [Float])]) {
        let lengths = Set(vectors.map(\.vector.count))
        precondition(lengths.count <= 1, "vectors of \(lengths.sorted()) numbers")
        dimension = lengths.first ?? 0
        values = vectors.flatMap(\.vector)
        rows = Dictionary(vectors.enumerated().map { ($1.article, $0) }, uniquingKeysWith: { first, _ in first })
    }

    static let batch = 512

    /// The scalar product of an article's vector with another; nil if the article has none.
    func product(of id: NewsArticle.ID, with vector: [Float]) -> Double? {
        guard let row = rows[id] else { return nil }
        precondition(vector.count == dimension, "a vector of \(vector.count) numbers instead of \(dimension)")
        return values.withUnsafeBytes { all in
            vector.withUnsafeBytes { other in
                // Eight sums side by side: one sum alone would be added up number by number.
                let stride = MemoryLayout<Float>.stride
                var sums = SIMD8<Float>.zero
                var index = 0
                while index + 8 <= dimension {
                    let left = all.loadUnaligned(
                        fromByteOffset: (row * dimension + index) * stride,
                        as: SIMD8<Float>.self
                    )
                    sums += left * other.loadUnaligned(fromByteOffset: index * stride, as: SIMD8<Float>.self)
                    index += 8
                }
                var sum = sums.sum()
                while index < dimension {
                    sum += values[row * dimension + index] * vector[index]
                    index += 1
                }
                return Double(sum)
            }
        }
    }

    /// The mean of the vectors of articles; nil if none has one.
    func mean(of articles: some Sequence<NewsArticle>) -> [Float]? { mean(ofArticles: articles.lazy.map(\.id)) }

    /// The mean of the vectors of articles by their ids; nil if none has one.
    func mean(ofArticles ids: some Sequence<NewsArticle.ID>) -> [Float]? {
        var sum = [Float](repeating: 0, count: dimension)
        var count: Float = 0
        for id in ids {
            guard let row = rows[id] else { continue }
            for index in 0..<dimension { sum[index] += values[row * dimension + index] }
            count += 1
        }
        return count > 0 ? sum.map { $0 / count } : nil
    }

    /// The vector of an article.
    func vector(of id: NewsArticle.ID) -> [Float]? {
        rows[id].map { Array(values[($0 * dimension)..<(($0 + 1) * dimension)]) }
    }
}

/// The mean vector of the history against titles, by scalar product, which orders as the cosine does.
public struct MeanVectorRanker: ArticleRanker {
    public let name = "mean of history, dense"
    private let vectors: TitleVectors

    public init(_ vectors: TitleVectors) { self.vectors = vectors }

    public func scores(for requests: [RankingRequest]) -> [[Double]] {
        requests.map { request in
            guard let mean = vectors.mean(of: request.person.history) else {
                return [Double](repeating: 0, count: request.candidates.count)
            }
            return request.candidates.map { vectors.product(of: $0.id, with: mean) ?? 0 }
        }
    }
}

/// The titles read last as dense queries, merged by reciprocal rank fusion over all candidates.
public struct DenseHistoryRanker: ArticleRanker {
    public let name: String
    private let vectors: TitleVectors
    private let count: Int

    public init(_ vectors: TitleVectors, count: Int = 5) {
        self.vectors = vectors
        self.count = count
        name = "last \(count) titles, dense"
    }

    public func scores(for requests: [RankingRequest]) -> [[Double]] {
        requests.map { request in
            var scores = [Double](repeating: 0, count: request.candidates.count)
            for article in request.person.history.suffix(count) {
                guard let query = vectors.vector(of: article.id) else { continue }
                let products = request.candidates.map { vectors.product(of: $0.id, with: query) ?? -1 }
                let order = products.indices.sorted { (products[$1], $0) < (products[$0], $1) }
                for (place, index) in order.enumerated() {
                    scores[index] += 1 / (RankFusion.standardK + Double(place + 1))
                }
            }
            return scores
        }
    }
}
