// How much is in an index, and whether it is sound.

internal import GRDB
internal import IQInterest

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// How much is in an index.
public struct NewsIndexStatistics: Sendable, Hashable, Codable {
    public let articles: Int
    /// Articles with a vector.
    public let embedded: Int
    /// Articles that the graph of neighbours knows; nil if there is none.
    public let inGraph: Int?
    /// Numbers in a vector; nil before the first was embedded.
    public let dimension: Int?
    /// Different words.
    public let words: Int
    /// The mean number of words of an article that BM25 counts.
    public let meanLength: Double
    public let oldest: Date?
    public let newest: Date?
    /// Articles of each category; those without one are left out.
    public let categories: [String: Int]
    /// The size of the file in bytes, without its log.
    public let fileBytes: Int
    /// Grows with every change.
    public let generation: Int

    init(_ db: Database, path: String) throws {
        func integer(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: sql) ?? 0 }
        func date(_ function: String) throws -> Date? {
            try Double.fetchOne(db, sql: "SELECT \(function)(published) FROM articles")
                .map { Date(timeIntervalSince1970: $0) }
        }
        articles = try integer("SELECT count(*) FROM articles")
        embedded = try integer("SELECT count(*) FROM articles JOIN vectors USING (number)")
        dimension = try Facts.integer(.dimension, db)
        if let saved = try GraphRows.read(path: path, db) {
            let numbers = try Int64.fetchSet(db, sql: "SELECT number FROM articles")
            inGraph = try NeighborGraph.savedNumbers(saved).count { numbers.contains($0) }
        } else {
            inGraph = nil
        }
        words = try integer("SELECT count(*) FROM terms")
        meanLength = try Double.fetchOne(db, sql: "SELECT avg(length) FROM articles") ?? 0
        oldest = try date("min")
        newest = try date("max")
        var categories: [String: Int] = [:]
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT category, count(*) FROM articles WHERE category IS NOT NULL GROUP BY category"
        )
        while let row = try rows.next() {
            categories[try row.decode(String.self, atIndex: 0)] = try row.decode(Int.self, atIndex: 1)
        }
        self.categories = categories
        fileBytes = try integer("PRAGMA page_count") * integer("PRAGMA page_size")
        generation = try Facts.readGeneration(db)
    }
}

/// Everything that must hold in a file.
enum IndexCheck {
    static func run(_ db: Database, path: String) throws {
        func damaged(_ reason: String) -> NewsIndexError { .damaged(path: path, reason: reason) }
        if let problem = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)"), problem != "ok" {
            throw damaged(problem)
        }
        let texts = try Row.fetchCursor(db, sql: "SELECT * FROM articles")
        let search = LexicalSearch(options: try Facts.readOptions(db, path: path))
        var words: [String: Int] = [:]
        while let row = try texts.next() {
            let article = try ArticleRows.article(row, path: path)
            guard search.length(of: article) == (try row.decode(Int.self, forColumn: "length")) else {
                throw damaged("the length of the article '\(article.id)' is wrong")
            }
            var own: Set<String> = []
            for text in [article.title, article.abstract ?? ""] {
                TextAnalyzer.forEachToken(of: text) { token, _ in own.insert(token) }
            }
            for word in own { words[word, default: 0] += 1 }
        }
        let terms = try Row.fetchCursor(db, sql: "SELECT term, doc FROM terms")
        var found = 0
        while let row = try terms.next() {
            let (word, holders) = (try row.decode(String.self, atIndex: 0), try row.decode(Int.self, atIndex: 1))
            guard words[word] == holders else { throw damaged("the word '\(word)' is listed for other articles") }
            found += 1
        }
        guard found == words.count else { throw damaged("\(words.count - found) words are not listed") }
        if let dimension = try Facts.integer(.dimension, db) {
            var vectors: [Int64: [Float]] = [:]
            try VectorRows.forEach(dimension: dimension, path: path, db) { number, bytes in
                vectors[number] = Array(bytes.bindMemory(to: Float.self))
            }
            if let saved = try GraphRows.read(path: path, db) {
                _ = try NeighborGraph.load(saved, path: path, dimension: dimension) { number, destination in
                    guard let vector = vectors[number] else { return false }
                    _ = destination.initialize(from: vector)
                    return true
                }
            }
        }
    }
}
