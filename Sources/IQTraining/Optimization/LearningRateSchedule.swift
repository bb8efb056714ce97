// How the learning rate changes over a run.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A rise over the first steps, and then a constant rate or a fall to a fraction of it.
///
/// With w steps of warm-up of n in all, step s = 0, 1, … has the peak rate times
/// - (s + 1) / w while s < w: the first step already learns, unlike transformers' schedules, which begin at 0;
/// - then f + (1 − f) · (1 − p) (linear) or f + (1 − f) · (1 + cos π p) / 2 (cosine; Loshchilov and Hutter, arXiv
///   1608.03983), where p = (s − w) / (n − w) and f is the final fraction.
public struct LearningRateSchedule: Sendable, Hashable {
    /// What follows the warm-up.
    public enum Decay: Sendable, Hashable {
        case constant
        /// Falls along a line to this fraction of the peak.
        case linear(finalFraction: Double)
        /// Falls along half a cosine to this fraction of the peak.
        case cosine(finalFraction: Double)

        /// The fraction that is left at the end.
        public var finalFraction: Double {
            switch self {
            case .constant: 1
            case .linear(let fraction), .cosine(let fraction): fraction
            }
        }
    }

    public let decay: Decay
    /// Steps over which the rate rises.
    public let warmUpSteps: Int

    /// Warm-up over 10 steps, then half a cosine to 0.
    public static let standard = LearningRateSchedule(unchecked: .cosine(finalFraction: 0), warmUpSteps: 10)
    /// The same rate at every step.
    public static let constant = LearningRateSchedule(unchecked: .constant, warmUpSteps: 0)

    /// - Parameters:
    ///   - decay: what follows the warm-up; the final fraction is in 0 ... 1.
    ///   - warmUpSteps: at least 0; more than the run has steps means that the rate never reaches its peak.
    /// - Throws: ``TrainingError/invalidOption(name:value:permitted:)``.
    public init(_ decay: Decay, warmUpSteps: Int = 0) throws(TrainingError) {
        guard (0...1).contains(decay.finalFraction) else {
            throw .invalidOption(name: "finalFraction", value: "\(decay.finalFraction)", permitted: "0 ... 1")
        }
        guard warmUpSteps >= 0 else {
            throw .invalidOption(name: "warmUpSteps", value: "\(warmUpSteps)", permitted: "a number of at least 0")
        }
        self.init(unchecked: decay, warmUpSteps: warmUpSteps)
    }

    private init(unchecked decay: Decay, warmUpSteps: Int) {
        self.decay = decay
        self.warmUpSteps = warmUpSteps
    }

    /// The fraction of the peak rate at a step.
    ///
    /// - Parameters:
    ///   - step: from 0.
    ///   - total: steps of the run; later steps have the final fraction.
    public func fraction(step: Int, total: Int) -> Double {
        if step < warmUpSteps { return Double(step + 1) / Double(warmUpSteps) }
        let progress = min(1, Double(step - warmUpSteps) / Double(max(1, total - warmUpSteps)))
        switch decay {
        case .constant: return 1
        case .linear(let final): return final + (1 - final) * (1 - progress)
        case .cosine(let final): return final + (1 - final) * (1 + cos(Double.pi * progress)) / 2
        }
    }
}

extension LearningRateSchedule: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case decay, warmUpSteps, finalFraction
    }

    /// Checks what it reads as ``init(_:warmUpSteps:)`` does, and refuses keys that it does not know.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.checkedContainer(keyedBy: CodingKeys.self)
        let fraction = try values.decodeIfPresent(Double.self, forKey: .finalFraction)
        let name = try values.decode(String.self, forKey: .decay)
        let decay: Decay
        switch (name, fraction) {
        case ("constant", nil), ("constant", 1): decay = .constant
        case ("linear", _): decay = .linear(finalFraction: fraction ?? 0)
        case ("cosine", _): decay = .cosine(finalFraction: fraction ?? 0)
        case ("constant", let fraction):
            throw TrainingError.invalidOption(
                name: "finalFraction",
                value: "\(fraction ?? 1)",
                permitted: "no finalFraction with a constant rate"
            )
        default:
            throw TrainingError.invalidOption(name: "decay", value: name, permitted: "constant, linear or cosine")
        }
        try self.init(decay, warmUpSteps: try values.decodeIfPresent(Int.self, forKey: .warmUpSteps) ?? 0)
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        switch decay {
        case .constant: try values.encode("constant", forKey: .decay)
        case .linear: try values.encode("linear", forKey: .decay)
        case .cosine: try values.encode("cosine", forKey: .decay)
        }
        if decay != .constant { try values.encode(decay.finalFraction, forKey: .finalFraction) }
        try values.encode(warmUpSteps, forKey: .warmUpSteps)
    }
}
