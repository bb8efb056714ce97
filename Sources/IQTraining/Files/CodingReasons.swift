// Errors of encoders and decoders in a few words.

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Why a value could not be encoded, in a few words.
func encodingReason(_ error: any Error) -> String {
    guard case EncodingError.invalidValue(let value, let context) = error else { return "\(error)" }
    let place = context.codingPath.map(\.stringValue).joined(separator: ".")
    return (place.isEmpty ? "" : "\(place): ") + "\(value) has no form in JSON"
}

/// What a decoder did not find, and where, in a few words.
func decodingReason(_ error: any Error) -> String {
    func place(_ path: [any CodingKey]) -> String { path.map(\.stringValue).joined(separator: ".") }
    switch error {
    case DecodingError.keyNotFound(let key, let context): return "it lacks \(place(context.codingPath + [key]))"
    case DecodingError.typeMismatch(let type, let context): return "\(place(context.codingPath)) is no \(type)"
    case DecodingError.valueNotFound(let type, let context): return "\(place(context.codingPath)) is null, not \(type)"
    case DecodingError.dataCorrupted(let context):
        return (context.codingPath.isEmpty ? "" : "\(place(context.codingPath)): ") + context.debugDescription
    default: return "\(error)"
    }
}
