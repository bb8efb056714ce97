// The index for those who search it.

internal import GRDB
public import IQInterest
public import IQModel
public import IQTensor

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A news index in one file, opened for searching.
///
/// Many processes may have it open while one changes it (``NewsIndexWriter``). Every search sees one state of the file; a change
/// is seen by the next search. Vectors are held in memory, read at the first dense search and again after a change.
///
/// ```swift
/// let index = try await NewsIndex(path: "news.iqni", embedder: embedder)
/// let found = try await index.retrieve(["comet visible tonight"], limit: 10, pool: .everything)
/// ```
public actor NewsIndex: Retriever {
    public nonisolated let path: String
    /// What the index was made with.
    public nonisolated let options: NewsIndexOptions
    /// How ``retrieve(_:limit:pool:)`` searches.
    public nonisolated let mode: NewsSearchMode
    public nonisolated let embedder: TextEmbedder?

    /// The most articles that one query may ask for.
    public static let maximumLimit = 100_000
    /// Below so many articles ``DenseSearch/automatic`` compares all: that is as fast as a graph.
    public static let exactLimit = 20_000
    /// The width of the graph's search where none is given.
    static let graphWidth = 128

    private let database: DatabaseQueue
    private let compute: ComputeOptions
    private let lexical: LexicalSearch
    private var state: DenseState?
    private var isProbed = false

    /// Opens an index for reading.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - embedder: the model that built the index; nil allows lexical search alone.
    ///   - mode: how to search; hybrid where there is an embedder, else lexical.
    ///   - compute: threads and instruction level for comparing vectors; nil takes every processor and the fastest level.
    /// - Throws: ``NewsIndexError``.
    public init(
        path: String,
        embedder: TextEmbedder? = nil,
        mode: NewsSearchMode? = nil,
        compute: ComputeOptions? = nil
    ) throws {
        let database = try IndexDatabase.openForReading(path: path)
        let options = try IndexDatabase.mapped(path) { try database.read { try Facts.readOptions($0, path: path) } }
        self.path = path
        self.database = database
        self.options = options
        self.embedder = embedder
        self.mode = mode ?? (embedder == nil ? .lexical : .hybrid)
        self.compute = try compute ?? ComputeOptions()
        lexical = LexicalSearch(options: options)
    }

    /// Searches as ``mode`` says.
    ///
    /// - Throws: ``NewsIndexError``, `CancellationError`. No query fails for what it contains; one without words finds nothing
    ///   lexically.
    public func retrieve(_ queries: [String], limit: Int, pool: CandidatePool) async throws -> [[RetrievedArticle]] {
        try await search(queries, limit: limit, pool: pool, mode: mode)
    }

    /// Searches in a mode of this call's own.
    public func search(
        _ queries: [String],
        limit: Int,
        pool: CandidatePool = .everything,
        mode: NewsSearchMode
    ) async throws -> [[RetrievedArticle]] {
        guard (1...Self.maximumLimit).contains(limit) else { throw NewsIndexError.invalidLimit(limit) }
        switch mode {
        case .lexical: return try searchWords(queries, limit: limit, pool: pool)
        case .dense(let search):
            return try await searchVectors(try await embedded(queries), limit: limit, pool: pool, search: search)
        case .hybrid(let search, let fusion, let depth):
            let wide = min(limit * max(1, depth), Self.maximumLimit)
            let words = try searchWords(queries, limit: wide, pool: pool)
            let vectors = try await searchVectors(try await embedded(queries), limit: wide, pool: pool, search: search)
            return zip(words, vectors).map { fusion.fuse([$0, $1], limit: limit) }
        }
    }

    /// The articles nearest to vectors of your own, such as the mean of a person's history.
    ///
    /// - Parameter vectors: of the index's dimension; similarity is their scalar product.
    public func search(
        vectors: [[Float]],
        limit: Int,
        pool: CandidatePool = .everything,
        search: DenseSearch = .automatic
    ) async throws -> [[RetrievedArticle]] {
        guard (1...Self.maximumLimit).contains(limit) else { throw NewsIndexError.invalidLimit(limit) }
        return try await searchVectors(vectors, limit: limit, pool: pool, search: search)
    }

    /// The article of an id, if it is there.
    public func article(_ id: NewsArticle.ID) throws -> NewsArticle? {
        try read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM articles WHERE id = ?", arguments: [id]).map {
                try ArticleRows.article($0, path: path)
            }
        }
    }

    /// The vector of an article, if it is there and was embedded.
    public func vector(_ id: NewsArticle.ID) throws -> [Float]? {
        try read { db in
            try Row.fetchOne(
                db,
                sql: "SELECT vector FROM articles JOIN vectors USING (number) WHERE id = ?",
                arguments: [id]
            )
            .map { VectorRows.vector(try $0.decode(Data.self, atIndex: 0)) }
        }
    }

    /// How much is in the index.
    public func statistics() throws -> NewsIndexStatistics {
        try read { try NewsIndexStatistics($0, path: path) }
    }

    /// Looks at every page, every word and every vector. Takes as long as reading the file several times.
    ///
    /// - Throws: ``NewsIndexError/damaged(path:reason:)`` with the first thing that does not hold.
    public func check() throws {
        try read { try IndexCheck.run($0, path: path) }
    }

    // MARK: - Searches

    private func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try IndexDatabase.mapped(path) { try database.read(body) }
    }

    private func searchWords(_ queries: [String], limit: Int, pool: CandidatePool) throws -> [[RetrievedArticle]] {
        try read { db in
            try queries.map { query in
                try Task.checkCancellation()
                return try lexical.search(query, limit: limit, pool: pool, db)
            }
        }
    }

    private func embedded(_ queries: [String]) async throws -> [[Float]] {
        guard let embedder else { throw NewsIndexError.noEmbedder }
        if !isProbed {
            if let probe = try read({ try Facts.bytes(.probe, $0) }) {
                try await ModelProbe.check(embedder, against: VectorRows.vector(probe), path: path)
            }
            isProbed = true
        }
        return try await embedder.embed(queries)
    }

    private func searchVectors(
        _ vectors: [[Float]],
        limit: Int,
        pool: CandidatePool,
        search: DenseSearch
    ) async throws -> [[RetrievedArticle]] {
        let (members, current) = try read { db -> (Set<NewsArticle.ID>?, DenseState?) in
            (try PoolCondition.ids(pool, db), try self.upToDate(search, db))
        }
        guard let current else { return vectors.map { _ in [] } }
        for vector in vectors where vector.count != current.exact.dimension {
            throw NewsIndexError.dimensionMismatch(found: vector.count, index: current.exact.dimension)
        }
        guard members == nil, let graph = current.graph,
            let width = Self.width(search, articles: current.exact.ids.count)
        else { return try await current.exact.search(vectors, limit: limit, among: members) }
        for vector in vectors where !vector.allSatisfy(\.isFinite) { throw VectorIndexError.notFinite(id: nil) }
        let matches = try graph.graph.search(vectors, limit: limit, width: width, threads: compute.threads)
        let known: [[RetrievedArticle]] = matches.map { matches in
            matches.compactMap { match in
                graph.ids[match.number].map { RetrievedArticle(id: $0, score: Double(match.score)) }
            }
        }
        guard !graph.missing.isEmpty else { return known.map { $0.ranked(limit: limit) } }
        let others = try await current.exact.search(vectors, limit: limit, among: graph.missing)
        return zip(known, others).map { ($0 + $1).ranked(limit: limit) }
    }

    /// The width of a search of the graph; nil for an exact one.
    private static func width(_ search: DenseSearch, articles: Int) -> Int? {
        switch search {
        case .exact: nil
        case .graph(let width): max(1, min(width, 65_536))
        case .automatic: articles < exactLimit ? nil : graphWidth
        }
    }

    /// The state in memory, read anew if the file has changed; nil if no article was embedded.
    private func upToDate(_ search: DenseSearch, _ db: Database) throws -> DenseState? {
        guard let dimension = try Facts.integer(.dimension, db) else { return nil }
        let generation = try Facts.readGeneration(db)
        let wantsGraph: Bool
        switch search {
        case .exact: wantsGraph = false
        case .graph: wantsGraph = true
        case .automatic:
            wantsGraph = (try Int.fetchOne(db, sql: "SELECT count(*) FROM vectors") ?? 0) >= Self.exactLimit
        }
        if let state, state.generation == generation, !wantsGraph || state.graph != nil || state.lacksGraph {
            return state
        }
        let state = try DenseState.read(
            db,
            path: path,
            dimension: dimension,
            includingGraph: wantsGraph,
            compute: compute
        )
        self.state = state
        return state
    }
}
