// Pools as conditions of SQL.

internal import GRDB
internal import IQInterest

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A condition over `articles` with its arguments.
struct PoolCondition {
    var sql: String
    var arguments: StatementArguments

    init(_ pool: CandidatePool) {
        switch pool {
        case .everything: (sql, arguments) = ("1", [])
        case .articles(let ids):
            (sql, arguments) = ("id IN (SELECT value FROM json_each(?))", [JSONText.array(ids.sorted())])
        case .published(let interval):
            sql = "coalesce(published >= ? AND published < ?, 0)"
            arguments = [interval.lowerBound.timeIntervalSince1970, interval.upperBound.timeIntervalSince1970]
        case .categories(let names):
            sql = "coalesce(category IN (SELECT value FROM json_each(?)), 0)"
            arguments = [JSONText.array(names.sorted())]
        case .intersection(let pools):
            let parts = pools.map(PoolCondition.init)
            sql = parts.isEmpty ? "1" : parts.map { "(\($0.sql))" }.joined(separator: " AND ")
            arguments = parts.reduce(into: []) { $0 += $1.arguments }
        case .complement(let pool):
            let part = PoolCondition(pool)
            (sql, arguments) = ("NOT (\(part.sql))", part.arguments)
        }
    }

    /// The ids of the pool's articles; nil stands for all.
    static func ids(_ pool: CandidatePool, _ db: Database) throws -> Set<NewsArticle.ID>? {
        switch pool {
        case .everything: return nil
        case .articles(let ids): return ids
        default:
            let condition = PoolCondition(pool)
            return try String.fetchSet(
                db,
                sql: "SELECT id FROM articles WHERE \(condition.sql)",
                arguments: condition.arguments
            )
        }
    }
}
