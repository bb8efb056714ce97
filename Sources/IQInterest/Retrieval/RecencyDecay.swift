// Fresh news before old news.

internal import IQTensor

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A factor that halves with every half-life of an article's age: 2^(−age / halfLife), the exponential time decay of
/// Li and Croft, "Time-Based Language Models", CIKM 2003, written with a half-life.
public struct RecencyDecay: Sendable, Hashable {
    /// Seconds after which an article counts half.
    public let halfLife: TimeInterval

    /// - Parameter halfLife: seconds, above 0 and finite; two days is `172_800`.
    public init(halfLife: TimeInterval) {
        precondition(halfLife > 0 && halfLife.isFinite, "a half-life of \(halfLife) seconds")
        self.halfLife = halfLife
    }

    /// The factor, in 0...1; 1 for an article from the future.
    public func factor(published: Date, now: Date) -> Double {
        let age = max(0, now.timeIntervalSince(published))
        return exponential(-age / halfLife * naturalLogarithm(2))
    }

    /// The articles ranked anew by score times factor.
    ///
    /// - Parameters:
    ///   - ranking: with scores of at least 0, of which alone a product with a factor makes sense; negative ones are taken as 0.
    ///   - published: when each was published; where it is unknown, the factor is `unknown`.
    public func applied(
        to ranking: [RetrievedArticle],
        now: Date,
        unknown: Double = 0.5,
        published: (NewsArticle.ID) -> Date?
    ) -> [RetrievedArticle] {
        ranking.map { article in
            let factor = published(article.id).map { self.factor(published: $0, now: now) } ?? unknown
            return RetrievedArticle(id: article.id, score: max(0, article.score) * factor)
        }
        .ranked()
    }
}
