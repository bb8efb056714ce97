// JSON files that describe a training.

internal import InterestQueryKit

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

enum ConfigurationFile {
    /// Reads a configuration.
    ///
    /// - Throws: ``CommandFailure`` with the path of keys and what is wrong there.
    static func read<Configuration: Decodable>(_ path: String) throws -> Configuration {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(message: "\(path) cannot be read", code: CommandFailure.missingInput)
        }
        return try decode(data, path: path)
    }

    /// Decodes a configuration.
    ///
    /// - Parameter path: where the data come from, for messages.
    static func decode<Configuration: Decodable>(_ data: Data, path: String) throws -> Configuration {
        do {
            return try JSONDecoder().decode(Configuration.self, from: data)
        } catch let error as DecodingError {
            throw CommandFailure(message: "\(path): \(Self.text(error))", code: CommandFailure.data)
        }
    }

    /// The path of keys and what is wrong there.
    private static func text(_ error: DecodingError) -> String {
        let context: DecodingError.Context
        switch error {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .keyNotFound(_, let found),
            .dataCorrupted(let found):
            context = found
        @unknown default: return "\(error)"
        }
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
    }
}
