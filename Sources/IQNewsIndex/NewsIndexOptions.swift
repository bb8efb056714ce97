// What an index is made with; stored in it.

public import IQInterest

/// What an index is made with. It is stored in the file and stays as it is.
public struct NewsIndexOptions: Sendable, Hashable, Codable {
    /// What is embedded. Lexical search always reads title and abstract.
    public let embeddedText: ArticleText
    /// How many times a word of a title counts in BM25; above 0.
    public let titleWeight: Double
    /// How many times a word of an abstract counts in BM25; at least 0.
    public let abstractWeight: Double
    /// Words that BM25 passes over, in articles and queries.
    public let stopWords: [String]
    /// Links of an article in the graph of neighbours: M of Malkov and Yashunin, "Efficient and robust approximate nearest
    /// neighbor search using Hierarchical Navigable Small World graphs", 2016.
    public let graphLinks: Int
    /// Candidates kept while an article is added to the graph: efConstruction of the paper.
    public let graphWidth: Int

    /// - Parameters:
    ///   - embeddedText: titles, by default: short texts are what sentence models know best, and they embed fast.
    ///   - titleWeight: 1 counts titles and abstracts as one text, as plain BM25 does.
    ///   - abstractWeight: likewise.
    ///   - stopWords: the English ones of Lucene, by default.
    ///   - graphLinks: 16, hnswlib's default; 2...256.
    ///   - graphWidth: 200, hnswlib's default; 1...65,536.
    public init(
        embeddedText: ArticleText = .title,
        titleWeight: Double = 1,
        abstractWeight: Double = 1,
        stopWords: Set<String> = TextAnalyzer.englishStopWords,
        graphLinks: Int = 16,
        graphWidth: Int = 200
    ) {
        precondition(titleWeight > 0 && titleWeight.isFinite && abstractWeight >= 0 && abstractWeight.isFinite)
        precondition((2...256).contains(graphLinks) && (1...65_536).contains(graphWidth))
        self.embeddedText = embeddedText
        self.titleWeight = titleWeight
        self.abstractWeight = abstractWeight
        self.stopWords = stopWords.sorted()
        self.graphLinks = graphLinks
        self.graphWidth = graphWidth
    }

    var analyzer: TextAnalyzer { TextAnalyzer(stopWords: Set(stopWords)) }
}

/// How vectors are searched.
public enum DenseSearch: Sendable, Hashable {
    /// Every vector is compared.
    case exact
    /// The graph of neighbours is walked, keeping `width` candidates (ef of the paper; at least the limit is used). Only pools
    /// of everything are searched so; others, and articles that the graph does not know yet, are compared exactly.
    case graph(width: Int)
    /// Exact below ``NewsIndex/exactLimit`` articles, else the graph with a width of 128 if there is one.
    case automatic
}

/// How an index answers a query.
public enum NewsSearchMode: Sendable, Hashable {
    /// BM25 over the words of titles and abstracts.
    case lexical
    /// The similarity of vectors.
    case dense(DenseSearch)
    /// Both, each to `depth` times the limit, fused.
    case hybrid(DenseSearch, RankFusion, depth: Int)

    /// Dense search, however fits.
    public static let dense = NewsSearchMode.dense(.automatic)
    /// Lexical and dense search, fused by reciprocal ranks, each looked at to five times the limit.
    public static let hybrid = NewsSearchMode.hybrid(.automatic, .reciprocalRank, depth: 5)
}
