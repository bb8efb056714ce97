// Vectors as rows of the file.

internal import GRDB
internal import IQInterest
internal import IQTensor

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

package enum VectorRows {
    /// Little-endian f32.
    package static func blob(_ vector: [Float]) -> Data {
        vector.map { $0.bitPattern.littleEndian }.withUnsafeBytes { Data($0) }
    }

    static func vector(_ blob: Data) -> [Float] {
        blob.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count - bytes.count % 4, by: 4).map { offset in
                Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            }
        }
    }

    static func insert(_ vector: [Float], number: Int64, _ db: Database) throws {
        let blob = blob(vector)
        let statement = try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO vectors(number, vector, checksum) VALUES (?, ?, ?)"
        )
        try statement.execute(arguments: [number, blob, Int(CRC32C(blob).value)])
    }

    /// Calls `body` with each vector's number and its bytes, which were checked, by ascending number.
    static func forEach(
        dimension: Int,
        path: String,
        where condition: String = "1",
        _ db: Database,
        _ body: (_ number: Int64, _ bytes: UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT number, vector, checksum FROM vectors WHERE \(condition) ORDER BY number"
        )
        while let row = try rows.next() {
            let number = try row.decode(Int64.self, atIndex: 0)
            let checksum = try row.decode(Int64.self, atIndex: 2)
            try row.withUnsafeData(atIndex: 1) { data in
                let size = dimension * MemoryLayout<Float>.stride
                guard let data, data.count == size, Int64(CRC32C(data).value) == checksum else {
                    throw NewsIndexError.damaged(
                        path: path,
                        reason: "the vector of row \(number) is not what was stored"
                    )
                }
                try data.withUnsafeBytes { try body(number, $0) }
            }
        }
    }
}

/// The graph as rows of the file.
enum GraphRows {
    /// SQLite handles rows of some megabytes well.
    static let partBytes = 4 << 20

    static func replace(with bytes: [UInt8], _ db: Database) throws {
        try db.execute(sql: "DELETE FROM graph")
        for (part, start) in stride(from: 0, to: bytes.count, by: partBytes).enumerated() {
            let end = min(start + partBytes, bytes.count)
            try db.execute(
                sql: "INSERT INTO graph(part, bytes) VALUES (?, ?)",
                arguments: [part, Data(bytes[start..<end])]
            )
        }
        try Facts.set(bytes.count, .graphBytes, db)
        try Facts.set(Int(CRC32C(bytes).value), .graphChecksum, db)
    }

    static func remove(_ db: Database) throws {
        try db.execute(sql: "DELETE FROM graph")
        try Facts.remove([.graphBytes, .graphChecksum], db)
    }

    /// The bytes, checked; nil if there is no graph.
    static func read(path: String, _ db: Database) throws -> [UInt8]? {
        guard let count = try Facts.integer(.graphBytes, db), let checksum = try Facts.integer(.graphChecksum, db)
        else {
            return nil
        }
        var bytes: [UInt8] = []
        let parts = try Data.fetchCursor(db, sql: "SELECT bytes FROM graph ORDER BY part")
        while let part = try parts.next() {
            guard bytes.count + part.count <= count else { break }
            bytes.append(contentsOf: part)
        }
        guard bytes.count == count, Int(CRC32C(bytes).value) == checksum else {
            throw NewsIndexError.damaged(path: path, reason: "the graph of neighbours is not what was stored")
        }
        return bytes
    }
}
