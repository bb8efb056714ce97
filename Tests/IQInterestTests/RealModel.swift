import IQInterest
import IQModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// SmolLM2-135M-Instruct, where it has been fetched.
enum RealModel {
    static let path: String? = {
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
        let folder = environment["INTEREST_QUERY_MODELS"] ?? cache + "/interest-query-kit/models"
        let path = folder + "/SmolLM2-135M-Instruct.Q4_1.gguf"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()

    static func engine() async throws -> InferenceEngine {
        try await InferenceEngine(
            modelAt: URL(fileURLWithPath: path ?? ""),
            options: EngineOptions(contextLength: 1024)
        )
    }

    static func signals() throws -> [UserSignal] {
        let texts: [(SignalKind, String)] = [
            (.newsClick, "Comet brightens faster than predicted"), (.webSearch, "comet visibility april"),
            (.pageVisit, "Bortle scale explained"), (.newsClick, "Heat pump grants extended"),
            (.webSearch, "heat pump running costs"), (.newsClick, "Village bakery wins prize"),
        ]
        return try texts.enumerated().map { index, signal in
            try UserSignal(
                kind: signal.0,
                time: Date(timeIntervalSince1970: 1_773_000_000 + Double(index) * 3600),
                text: signal.1
            )
        }
    }
}
