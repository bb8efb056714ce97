// The file: a SQLite database with a mark of its own, its tables, and how it is opened.
//
//   facts       what is known of the index: options, model probe, dimension, generation, the graph's size and checksum
//   articles    one row an article; `number` is never used twice and changes whenever the text does, so that what belongs to
//               a number (a vector, a node of the graph) can be missing or superfluous but never wrong
//   words       FTS5 over title and abstract, its content being `articles`
//   vectors     f32, little-endian, length 1, with a checksum
//   graph       the graph of neighbours without its vectors, in parts; it names numbers, so it may lag behind the articles

internal import GRDB
internal import IQInterest

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

enum IndexDatabase {
    /// "IQNI", the application id in the file's header.
    static let applicationID = 0x4951_4E49
    /// The layout of the tables.
    static let version = 1
    /// How long a process waits for another one that writes.
    static let busySeconds = 10.0

    private static let schema = """
        CREATE TABLE facts(name TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE articles(
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            title TEXT NOT NULL,
            abstract TEXT,
            category TEXT,
            subcategory TEXT,
            url TEXT,
            published REAL,
            length INTEGER NOT NULL
        );
        CREATE INDEX articles_by_time ON articles(published);
        CREATE TABLE vectors(number INTEGER PRIMARY KEY NOT NULL, vector BLOB NOT NULL, checksum INTEGER NOT NULL);
        CREATE TABLE graph(part INTEGER PRIMARY KEY NOT NULL, bytes BLOB NOT NULL);
        CREATE VIRTUAL TABLE words USING fts5(
            title, abstract, content='articles', content_rowid='number', tokenize='\(WordTokenizer.name)'
        );
        CREATE VIRTUAL TABLE terms USING fts5vocab(words, row);
        """

    /// Opens an index for reading. Other processes may read it, and one may write it, at the same time.
    static func openForReading(path: String) throws -> DatabaseQueue {
        guard FileManager.default.fileExists(atPath: path) else { throw NewsIndexError.notFound(path: path) }
        return try mapped(path) {
            var configuration = configuration()
            configuration.readonly = true
            let queue: DatabaseQueue
            do {
                queue = try DatabaseQueue(path: path, configuration: configuration)
                try queue.read { try check($0, path: path) }
            } catch let error as DatabaseError
                where error.resultCode == .SQLITE_CANTOPEN || error.resultCode == .SQLITE_READONLY
            {
                // A folder that may not be written, where SQLite cannot make its files of shared memory. Without a log nobody
                // writes either, and the file can be taken as it is.
                guard !FileManager.default.fileExists(atPath: path + "-wal") else { throw error }
                let queue = try DatabaseQueue(path: "file:\(escaped(path))?immutable=1", configuration: configuration)
                try queue.read { try check($0, path: path) }
                return queue
            }
            return queue
        }
    }

    /// Opens an index for writing, or makes one where there is no file or an empty one.
    static func openForWriting(path: String, options: NewsIndexOptions?) throws -> DatabaseQueue {
        try mapped(path) {
            let queue = try DatabaseQueue(path: path, configuration: configuration())
            // Looks before it writes: a file of something else must stay as it is.
            let isEmpty = try queue.read { db in
                let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
                if tables > 0 { try check(db, path: path) }
                return tables == 0
            }
            try queue.writeWithoutTransaction { db in
                // A commit is durable against the process's end at once, and against the machine's with the next checkpoint;
                // the file is whole in either case.
                _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
                try db.execute(sql: "PRAGMA synchronous = NORMAL")
                guard isEmpty else { return }
                try db.inTransaction(.immediate) {
                    // Another process may have been quicker.
                    if try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0 {
                        try db.execute(sql: schema)
                        try db.execute(
                            sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)"
                        )
                        try Facts.set(options ?? NewsIndexOptions(), .options, db)
                        try Facts.set(0, .generation, db)
                    }
                    return .commit
                }
            }
            if let options, try queue.read({ try Facts.readOptions($0, path: path) }) != options {
                throw NewsIndexError.settingsMismatch(path: path, setting: "set of options")
            }
            return queue
        }
    }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(busySeconds)
        configuration.prepareDatabase { db in
            db.add(tokenizer: WordTokenizer.self)
            // A page whose cells do not add up is refused when it is read, and a file's schema cannot call what it should not;
            // SQLite then forbids triggers on `words` too, so `ArticleRows` keeps it in step.
            try db.execute(sql: "PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF")
        }
        return configuration
    }

    /// Throws if the database is not an index of this version.
    private static func check(_ db: Database, path: String) throws {
        let mark = try Int.fetchOne(db, sql: "PRAGMA application_id")
        guard mark == applicationID else {
            throw NewsIndexError.notAnIndex(path: path, reason: "it is another program's SQLite database")
        }
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard found == version else {
            throw NewsIndexError.unsupportedVersion(path: path, found: found, supported: version)
        }
        // Reading the schema fails where its pages are bad.
        _ = try Facts.readOptions(db, path: path)
        _ = try Facts.readGeneration(db)
    }

    /// Turns errors of the database into ours.
    static func mapped<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch { throw NewsIndexError.from(error, path: path) }
    }

    private static func escaped(_ path: String) -> String {
        path.utf8.reduce(into: "") { text, byte in
            let isPlain = byte > 0x20 && byte < 0x7F && !"%?#".utf8.contains(byte)
            let digits = String(byte, radix: 16)
            text += isPlain ? String(UnicodeScalar(byte)) : "%" + (digits.count < 2 ? "0" : "") + digits
        }
    }
}

/// Single values about the index.
enum Facts: String {
    case options, generation, dimension, probe, graphBytes, graphChecksum

    static func set(_ value: some DatabaseValueConvertible, _ fact: Facts, _ db: Database) throws {
        try db.execute(
            sql: "INSERT OR REPLACE INTO facts(name, value) VALUES (?, ?)",
            arguments: [fact.rawValue, value]
        )
    }

    static func set(_ options: NewsIndexOptions, _ fact: Facts, _ db: Database) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        try set(String(decoding: try encoder.encode(options), as: UTF8.self), fact, db)
    }

    static func remove(_ facts: [Facts], _ db: Database) throws {
        for fact in facts { try db.execute(sql: "DELETE FROM facts WHERE name = ?", arguments: [fact.rawValue]) }
    }

    static func integer(_ fact: Facts, _ db: Database) throws -> Int? {
        try Int.fetchOne(db, sql: "SELECT value FROM facts WHERE name = ?", arguments: [fact.rawValue])
    }

    static func bytes(_ fact: Facts, _ db: Database) throws -> Data? {
        try Data.fetchOne(db, sql: "SELECT value FROM facts WHERE name = ?", arguments: [fact.rawValue])
    }

    static func readOptions(_ db: Database, path: String) throws -> NewsIndexOptions {
        let text = try String.fetchOne(db, sql: "SELECT value FROM facts WHERE name = ?", arguments: [options.rawValue])
        guard let text, let options = try? JSONDecoder().decode(NewsIndexOptions.self, from: Data(text.utf8)) else {
            throw NewsIndexError.damaged(path: path, reason: "its options cannot be read")
        }
        return options
    }

    /// A number that grows with every change, so that readers see that there was one.
    static func readGeneration(_ db: Database) throws -> Int { try integer(.generation, db) ?? 0 }

    static func advanceGeneration(_ db: Database) throws { try set(try readGeneration(db) + 1, .generation, db) }
}
