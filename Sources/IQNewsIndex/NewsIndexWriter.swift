// The index for the one who changes it.

internal import GRDB
public import IQInterest
public import IQModel

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Makes and changes a news index. Each change is one transaction: killed at any moment, the file holds it whole or not at all, and
/// what was done before it stays done.
///
/// ```swift
/// let writer = try NewsIndexWriter(path: "news.iqni")
/// try await writer.add(articles)
/// try await writer.embed(with: embedder) { print($0.done, "of", $0.total) }
/// try await writer.buildGraph()
/// try await writer.close()
/// ```
public actor NewsIndexWriter {
    public nonisolated let path: String
    /// What the index was made with.
    public nonisolated let options: NewsIndexOptions

    private let database: DatabaseQueue
    private let lexical: LexicalSearch
    /// Called before each commit, for tests of interruption.
    private let willCommit: @Sendable () throws -> Void

    /// Articles that are written, and texts that are embedded, in one transaction.
    static let batch = 256
    /// The share of removed nodes above which the graph is built anew.
    static let removedShare = 0.25

    /// Opens an index for changes, or makes one.
    ///
    /// - Parameters:
    ///   - path: the file; made if it is not there or empty.
    ///   - options: what a new index is made with; one that is there must have been made with the same. nil takes an index as it
    ///     is, and the defaults for a new one.
    /// - Throws: ``NewsIndexError``.
    public init(path: String, options: NewsIndexOptions? = nil) throws {
        try self.init(path: path, options: options, willCommit: {})
    }

    package init(path: String, options: NewsIndexOptions?, willCommit: @escaping @Sendable () throws -> Void) throws {
        let database = try IndexDatabase.openForWriting(path: path, options: options)
        self.path = path
        self.database = database
        self.willCommit = willCommit
        self.options = try IndexDatabase.mapped(path) { try database.read { try Facts.readOptions($0, path: path) } }
        lexical = LexicalSearch(options: self.options)
    }

    /// What came of adding articles.
    public struct Changes: Sendable, Hashable {
        public var added = 0
        /// Those that were there with another title or abstract; they need a new vector.
        public var rewritten = 0
        /// Those of which only a detail (category, address, time) is new.
        public var updated = 0
        public var unchanged = 0

        public init() {}
    }

    /// Adds articles, replacing those that are there with the same id.
    ///
    /// - Throws: ``NewsIndexError``, `CancellationError` between batches, of which those before stay.
    @discardableResult
    public func add(_ articles: some Sequence<NewsArticle> & Sendable) throws -> Changes {
        var changes = Changes()
        var batch: [NewsArticle] = []
        for article in articles {
            batch.append(article)
            if batch.count == Self.batch {
                try add(batch: batch, &changes)
                batch = []
                try Task.checkCancellation()
            }
        }
        if !batch.isEmpty { try add(batch: batch, &changes) }
        return changes
    }

    private func add(batch: [NewsArticle], _ changes: inout Changes) throws {
        var counts = changes
        try change { db in
            let before = counts
            for article in batch {
                let row = try Row.fetchOne(
                    db.cachedStatement(sql: "SELECT * FROM articles WHERE id = ?"),
                    arguments: [article.id]
                )
                guard let row else {
                    try ArticleRows.insert(article, length: lexical.length(of: article), db)
                    counts.added += 1
                    continue
                }
                let stored = try ArticleRows.article(row, path: path)
                let number = try row.decode(Int64.self, forColumn: "number")
                if stored == article {
                    counts.unchanged += 1
                } else if stored.title == article.title, stored.abstract == article.abstract {
                    try ArticleRows.updateDetails(article, number: number, db)
                    counts.updated += 1
                } else {
                    _ = try ArticleRows.delete(where: PoolCondition(.articles([article.id])), db)
                    try ArticleRows.insert(article, length: lexical.length(of: article), db)
                    counts.rewritten += 1
                }
            }
            return counts.unchanged - before.unchanged < batch.count
        }
        changes = counts
    }

    /// Removes articles; ids that are not there are passed over.
    ///
    /// - Returns: how many were removed.
    @discardableResult
    public func remove(_ ids: some Sequence<NewsArticle.ID> & Sendable) throws -> Int {
        try remove(PoolCondition(.articles(Set(ids))))
    }

    /// Removes all articles but those of these ids.
    ///
    /// - Returns: how many were removed.
    @discardableResult
    public func removeAll(except ids: some Sequence<NewsArticle.ID> & Sendable) throws -> Int {
        try remove(PoolCondition(.complement(.articles(Set(ids)))))
    }

    /// Removes what was published before a time; articles without a time stay.
    ///
    /// - Returns: how many were removed.
    @discardableResult
    public func expire(publishedBefore time: Date) throws -> Int {
        try remove(
            PoolCondition(.published(Date(timeIntervalSince1970: 0)..<max(time, Date(timeIntervalSince1970: 0))))
        )
    }

    private func remove(_ condition: PoolCondition) throws -> Int {
        var removed = 0
        try change { db in
            removed = try ArticleRows.delete(where: condition, db)
            return removed > 0
        }
        return removed
    }

    // MARK: - Vectors

    /// How far a long piece of work is.
    public struct Progress: Sendable, Hashable {
        public let done: Int
        public let total: Int
    }

    /// Embeds the articles that have no vector. Killed or cancelled, it goes on where it was when it is called again.
    ///
    /// - Parameters:
    ///   - embedder: the model of all vectors of this index.
    ///   - progress: called after each batch.
    /// - Returns: how many were embedded.
    /// - Throws: ``NewsIndexError``, `CancellationError`; vectors up to then stay.
    @discardableResult
    public func embed(
        with embedder: TextEmbedder,
        progress: @Sendable (Progress) -> Void = { _ in }
    ) async throws -> Int {
        if let probe = try read({ try Facts.bytes(.probe, $0) }) {
            try await ModelProbe.check(embedder, against: VectorRows.vector(probe), path: path)
        } else {
            let probe = try await ModelProbe.vector(embedder)
            try change { db in
                try Facts.set(VectorRows.blob(probe), .probe, db)
                try Facts.set(probe.count, .dimension, db)
                return true
            }
        }
        // By length, so that the texts of a batch are of one length and none is padded or computed alone.
        let waiting = try read { db in
            try Int64.fetchAll(
                db,
                sql: """
                    SELECT articles.number FROM articles LEFT JOIN vectors USING (number) WHERE vectors.number IS NULL
                    ORDER BY length(title) + \(options.embeddedText == .title ? "0" : "coalesce(length(abstract), 0)"),
                    articles.number
                    """
            )
        }
        var done = 0
        progress(Progress(done: 0, total: waiting.count))
        for start in stride(from: 0, to: waiting.count, by: Self.batch) {
            try Task.checkCancellation()
            let numbers = Array(waiting[start..<min(start + Self.batch, waiting.count)])
            let texts = try texts(of: numbers)
            let vectors = try await embedder.embed(texts.map(\.text))
            try change { db in
                for (text, vector) in zip(texts, vectors) {
                    try ExactVectorIndex.check(vector, dimension: embedder.dimension, id: text.id)
                    try VectorRows.insert(vector, number: text.number, db)
                }
                return true
            }
            done += texts.count
            progress(Progress(done: start + numbers.count, total: waiting.count))
        }
        return done
    }

    private func texts(of numbers: [Int64]) throws -> [(number: Int64, id: NewsArticle.ID, text: String)] {
        try read { db in
            let statement = try db.cachedStatement(sql: "SELECT * FROM articles WHERE number = ?")
            // What another process has removed meanwhile is left out.
            return try numbers.compactMap { number in
                try Row.fetchOne(statement, arguments: [number]).map { row in
                    let article = try ArticleRows.article(row, path: path)
                    return (number, article.id, options.embeddedText.text(of: article))
                }
            }
        }
    }

    // MARK: - The graph

    /// Brings the graph of neighbours up to date with the vectors, or builds it: from nothing, or anew where more than a quarter of
    /// its nodes are of removed articles. Searches are right without it, and slower beyond some ten thousand articles.
    ///
    /// - Throws: ``NewsIndexError``, `CancellationError`; the stored graph is then the one from before.
    public func buildGraph(progress: @Sendable (Progress) -> Void = { _ in }) throws {
        guard let dimension = try read({ try Facts.integer(.dimension, $0) }) else { return }
        var numbers: [Int64] = []
        var vectors: [Float] = []
        let (live, saved) = try read { db in
            try VectorRows.forEach(dimension: dimension, path: path, db) { number, bytes in
                numbers.append(number)
                vectors.append(contentsOf: bytes.bindMemory(to: Float.self))
            }
            return (
                try Int64.fetchSet(db, sql: "SELECT number FROM articles JOIN vectors USING (number)"),
                try GraphRows.read(path: path, db)
            )
        }
        let places = Dictionary(uniqueKeysWithValues: numbers.enumerated().map { ($0.element, $0.offset) })
        func vector(_ number: Int64, _ body: (UnsafeBufferPointer<Float>) throws -> Void) rethrows -> Bool {
            guard let place = places[number] else { return false }
            try vectors.withUnsafeBufferPointer {
                try body(UnsafeBufferPointer(rebasing: $0[(place * dimension)..<((place + 1) * dimension)]))
            }
            return true
        }

        var graph: NeighborGraph?
        var known: Set<Int64> = []
        if let saved {
            let stored = Set(try NeighborGraph.savedNumbers(saved))
            let removed = stored.subtracting(live).count
            if Double(removed) <= Self.removedShare * Double(stored.count) {
                graph = try NeighborGraph.load(saved, path: path, dimension: dimension) { number, destination in
                    vector(number) { _ = destination.initialize(from: $0) }
                }
                .graph
                known = stored
            }
        }
        let isNew = graph == nil
        let built =
            try graph
            ?? NeighborGraph(
                dimension: dimension,
                capacity: live.count,
                links: options.graphLinks,
                width: options.graphWidth
            )
        let waiting = live.subtracting(known).sorted()
        guard isNew || !waiting.isEmpty else { return }
        for start in stride(from: 0, to: waiting.count, by: Self.batch) {
            try Task.checkCancellation()
            progress(Progress(done: start, total: waiting.count))
            for number in waiting[start..<min(start + Self.batch, waiting.count)] {
                _ = try vector(number) { try built.add([number], vectors: $0) }
            }
        }
        progress(Progress(done: waiting.count, total: waiting.count))
        let bytes = try built.saved()
        try change { db in
            try GraphRows.replace(with: bytes, db)
            // Vectors of removed articles serve the graph alone. What a new one does not know, nothing needs.
            if isNew {
                try db.execute(sql: "DELETE FROM vectors WHERE number NOT IN (SELECT number FROM articles)")
            }
            return true
        }
    }

    /// Forgets the graph.
    public func removeGraph() throws {
        try change { db in
            try GraphRows.remove(db)
            try db.execute(sql: "DELETE FROM vectors WHERE number NOT IN (SELECT number FROM articles)")
            return true
        }
    }

    // MARK: - The file

    public func statistics() throws -> NewsIndexStatistics {
        try read { try NewsIndexStatistics($0, path: path) }
    }

    /// Gives the space of what was removed back to the system and merges the word lists. Takes as long as writing the file anew.
    public func compact() throws {
        try IndexDatabase.mapped(path) {
            try database.writeWithoutTransaction { db in
                try db.execute(sql: "INSERT INTO words(words) VALUES ('optimize')")
                try db.execute(sql: "VACUUM")
            }
        }
    }

    /// Ends the writing: all changes are moved from the log into the file, as far as no reader holds an older state. The writer
    /// cannot be used any more.
    public func close() throws {
        try IndexDatabase.mapped(path) {
            try database.writeWithoutTransaction { db in
                _ = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            }
            try database.close()
        }
    }

    private func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try IndexDatabase.mapped(path) { try database.read(body) }
    }

    /// One transaction. `body` says whether it changed anything.
    private func change(_ body: (Database) throws -> Bool) throws {
        try IndexDatabase.mapped(path) {
            try database.writeWithoutTransaction { db in
                try db.inTransaction(.immediate) {
                    guard try body(db) else { return .rollback }
                    try Facts.advanceGeneration(db)
                    try willCommit()
                    return .commit
                }
            }
        }
    }
}
