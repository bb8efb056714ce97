import Foundation
import IQInterest
import IQModel
import IQNewsIndex
import IQTensor

/// A file in a folder of its own, gone at the end.
final class ScratchIndex {
    let folder: URL
    let path: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("iq-index-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appendingPathComponent("news.iqni").path
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var bytes: [UInt8] {
        get throws { try Array(Data(contentsOf: URL(fileURLWithPath: path))) }
    }

    func write(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
}

enum Sample {
    private static let subjects = [
        "comet", "heat pump", "striker", "parliament", "sourdough", "volcano", "cello", "harbour",
    ]
    private static let verbs = ["surprises", "wins over", "divides", "worries", "delights", "outlasts"]
    private static let objects = [
        "astronomers", "the village", "fans in Madrid", "home owners", "the opposition", "bakers", "tourists",
        "the jury",
    ]

    /// Different titles out of few words, some with abstracts, an hour apart.
    static func articles(_ count: Int, from first: Int = 0) throws -> [NewsArticle] {
        try (first..<first + count).map { number in
            let title =
                "\(subjects[number % 8]) \(verbs[number / 8 % 6]) \(objects[number / 48 % 8]) for the \(number)th time"
            return try NewsArticle(
                id: "n\(number)",
                title: title,
                abstract: number % 3 == 0 ? "Report: \(title), and the \(subjects[(number + 3) % 8]) too." : nil,
                category: ["news", "sports", "food"][number % 3],
                published: number % 10 == 9 ? nil : Date(timeIntervalSince1970: 1_773_000_000 + Double(number) * 3600)
            )
        }
    }
}

/// all-MiniLM-L6-v2, where it has been fetched.
enum SentenceModel {
    static let path: String? = {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
        let folder = environment["INTEREST_QUERY_MODELS"] ?? cache + "/interest-query-kit/models"
        let path = folder + "/all-MiniLM-L6-v2"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()

    static func embedder() async throws -> TextEmbedder {
        try await TextEmbedder(modelAt: URL(fileURLWithPath: path ?? ""))
    }
}
