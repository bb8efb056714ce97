// Where the recorded reference numbers and the real models are.

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Recorded reference numbers: `Tests/Golden`, or the folder that `INTEREST_QUERY_GOLDEN` names.
public enum GoldenFiles {
    /// The folder.
    public static var folder: URL {
        if let path = ProcessInfo.processInfo.environment["INTEREST_QUERY_GOLDEN"], !path.isEmpty {
            return URL(filePath: path)
        }
        return packageFolder.appending(path: "Tests/Golden")
    }

    /// A file or folder in it, such as `llama_tied/config.json`.
    public static func url(_ path: String) -> URL { folder.appending(path: path) }

    /// The contents of a file in it.
    public static func data(_ path: String) throws -> Data { try Data(contentsOf: url(path)) }
}

/// Real models that some tests need: in the folder that `INTEREST_QUERY_MODELS` names, else in the user's cache, where
/// `Scripts/fetch-model` puts them.
public enum ModelFiles {
    public static let smolLM2 = "SmolLM2-135M-Instruct.Q4_1.gguf"
    public static let gemma3 = "gemma-3-270m-q4_k_m.gguf"
    public static let qwen2 = "Qwen2.5-Coder-0.5B-Instruct.gguf"
    public static let miniLM = "all-MiniLM-L6-v2"

    /// The folder.
    public static var folder: URL {
        let environment = ProcessInfo.processInfo.environment
        if let path = environment["INTEREST_QUERY_MODELS"], !path.isEmpty { return URL(filePath: path) }
        let cache =
            environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
            ?? (environment["HOME"] ?? "") + "/.cache"
        return URL(filePath: cache).appending(path: "interest-query-kit/models")
    }

    /// A model's path.
    public static func url(_ name: String) -> URL { folder.appending(path: name) }

    /// True if the model is there; for `.enabled(if:)`.
    public static func has(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: url(name).path)
    }
}

/// The package's root.
public let packageFolder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
