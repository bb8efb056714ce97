// What a caller can get wrong when describing how tokens are drawn.

/// A sampling option outside its domain. Compares NaN equal to NaN, so that an error always equals itself.
public enum SamplingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The temperature is negative, not a number, infinite, or so small that its reciprocal is infinite.
    case invalidTemperature(Float)
    /// Top-k is negative.
    case invalidTopK(Int)
    /// Top-p is not in (0, 1].
    case invalidTopP(Float)
    /// Min-p is not in [0, 1].
    case invalidMinP(Float)
    /// The repetition penalty is not a positive finite number, or so small that its reciprocal is infinite.
    case invalidRepetitionPenalty(Float)
    /// The repetition window is under 1.
    case invalidRepetitionWindow(Int)

    public var description: String {
        switch self {
        case .invalidTemperature(let value):
            "the temperature is \(value); give 0 for greedy decoding, or a positive finite number"
        case .invalidTopK(let value): "top-k is \(value); give the number of tokens to keep, or 0 to keep all"
        case .invalidTopP(let value): "top-p is \(value); give a number above 0 and up to 1 (1 keeps all tokens)"
        case .invalidMinP(let value): "min-p is \(value); give a number from 0 (keeps all tokens) to 1"
        case .invalidRepetitionPenalty(let value):
            "the repetition penalty is \(value); give a positive finite number (1 changes nothing)"
        case .invalidRepetitionWindow(let value):
            "the repetition window is \(value) tokens; give at least 1, or nil for the whole text"
        }
    }

    public static func == (left: SamplingError, right: SamplingError) -> Bool {
        switch (left, right) {
        case (.invalidTemperature(let a), .invalidTemperature(let b)): isSame(a, b)
        case (.invalidTopK(let a), .invalidTopK(let b)): a == b
        case (.invalidTopP(let a), .invalidTopP(let b)): isSame(a, b)
        case (.invalidMinP(let a), .invalidMinP(let b)): isSame(a, b)
        case (.invalidRepetitionPenalty(let a), .invalidRepetitionPenalty(let b)): isSame(a, b)
        case (.invalidRepetitionWindow(let a), .invalidRepetitionWindow(let b)): a == b
        default: false
        }
    }

    private static func isSame(_ a: Float, _ b: Float) -> Bool { a == b || (a.isNaN && b.isNaN) }
}
