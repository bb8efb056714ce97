// Articles as rows of the file.

internal import GRDB
internal import IQInterest

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

enum ArticleRows {
    /// The article of a row of `articles`.
    static func article(_ row: Row, path: String) throws -> NewsArticle {
        // Not by `row[...]`, which ends the process where a damaged file has a value of another type.
        let id = try row.decode(String.self, forColumn: "id")
        let title = try row.decode(String.self, forColumn: "title")
        let abstract = try row.decode(String?.self, forColumn: "abstract")
        let category = try row.decode(String?.self, forColumn: "category")
        let subcategory = try row.decode(String?.self, forColumn: "subcategory")
        let address = try row.decode(String?.self, forColumn: "url")
        let published = try row.decode(Double?.self, forColumn: "published")
        do throws(NewsArticleError) {
            return try NewsArticle(
                id: id,
                title: title,
                abstract: abstract,
                category: category,
                subcategory: subcategory,
                url: address.flatMap { URL(string: $0) },
                published: published.map { Date(timeIntervalSince1970: $0) }
            )
        } catch {
            throw NewsIndexError.damaged(path: path, reason: "an article cannot be read: \(error)")
        }
    }

    static func insert(_ article: NewsArticle, length: Int, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO articles(id, title, abstract, category, subcategory, url, published, length)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        try statement.execute(
            arguments: [
                article.id, article.title, article.abstract, article.category, article.subcategory,
                article.url?.absoluteString, article.published?.timeIntervalSince1970, length,
            ]
        )
        let words = try db.cachedStatement(sql: "INSERT INTO words(rowid, title, abstract) VALUES (?, ?, ?)")
        try words.execute(arguments: [db.lastInsertedRowID, article.title, article.abstract])
    }

    /// Removes the rows of a condition with their words.
    ///
    /// - Returns: how many.
    static func delete(where condition: PoolCondition, _ db: Database) throws -> Int {
        try db.execute(
            sql: """
                INSERT INTO words(words, rowid, title, abstract)
                SELECT 'delete', number, title, abstract FROM articles WHERE \(condition.sql)
                """,
            arguments: condition.arguments
        )
        try db.execute(sql: "DELETE FROM articles WHERE \(condition.sql)", arguments: condition.arguments)
        return db.changesCount
    }

    /// Changes what is not searched by words; the row keeps its number and so its vector.
    static func updateDetails(_ article: NewsArticle, number: Int64, _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "UPDATE articles SET category = ?, subcategory = ?, url = ?, published = ? WHERE number = ?"
        )
        try statement.execute(
            arguments: [
                article.category, article.subcategory, article.url?.absoluteString,
                article.published?.timeIntervalSince1970, number,
            ]
        )
    }
}
