// Watches a training for collapse and for rewards that are won without merit: what other trainers' users found out only
// when it was over (Search-R1 #88, #89, #186; ConvSearch-R1 #6).

public import IQTraining

/// When a training is called off the rails, and what is done then.
public struct GuardRails: Sendable, Hashable, Codable {
    public enum Action: String, Sendable, Hashable, CaseIterable, Codable {
        /// Nothing is looked at.
        case off
        /// A ``GRPOEvent/warning(_:)``, and the training goes on.
        case warn
        /// The training ends.
        case stop
        /// The training ends with the weights of the best checkpoint, or with the present ones if there is none.
        case rollBack
    }

    public let action: Action
    /// The first steps, whose mean is what later ones are compared with.
    public let baselineSteps: Int
    /// Later steps are averaged over so many.
    public let window: Int
    /// Entropy below this part of the baseline's is a collapse.
    public let entropyFraction: Double
    /// The share of a completion's tokens that repeat a run of four tokens may grow by this much.
    public let repetitionRise: Double
    /// The share of completions that another of their group repeats word for word may grow by this much.
    public let duplicateRise: Double
    /// Length, in tokens and in parts, may change by this factor, up or down.
    public let lengthFactor: Double
    /// The share of completions with parts (valid lists) may fall by this much.
    public let validFall: Double
    /// At two evaluations in a row the reward has risen while the hold-out metric has fallen by this much of the best one's
    /// size. Hold out enough samples: over a few of them the metric wanders by chance.
    public let holdOutFall: Double

    /// - Throws: ``TrainingError/invalidOption(name:value:permitted:)``.
    public init(
        action: Action = .warn,
        baselineSteps: Int = 5,
        window: Int = 5,
        entropyFraction: Double = 0.2,
        repetitionRise: Double = 0.3,
        duplicateRise: Double = 0.5,
        lengthFactor: Double = 2.5,
        validFall: Double = 0.3,
        holdOutFall: Double = 0.1
    ) throws(TrainingError) {
        func require(_ isGood: Bool, _ name: String, _ value: Any, _ permitted: String) throws(TrainingError) {
            if !isGood { throw .invalidOption(name: name, value: "\(value)", permitted: permitted) }
        }
        try require(baselineSteps >= 1, "baselineSteps", baselineSteps, "a number of at least 1")
        try require(window >= 1, "window", window, "a number of at least 1")
        try require((0..<1).contains(entropyFraction), "entropyFraction", entropyFraction, "0 ..< 1")
        try require(repetitionRise > 0, "repetitionRise", repetitionRise, "a number above 0")
        try require(duplicateRise > 0, "duplicateRise", duplicateRise, "a number above 0")
        try require(lengthFactor > 1, "lengthFactor", lengthFactor, "a number above 1")
        try require(validFall > 0, "validFall", validFall, "a number above 0")
        try require(holdOutFall > 0, "holdOutFall", holdOutFall, "a number above 0")
        self.init(
            checked: action,
            baselineSteps,
            window,
            entropyFraction,
            repetitionRise,
            duplicateRise,
            lengthFactor,
            validFall,
            holdOutFall
        )
    }

    private init(
        checked action: Action,
        _ baselineSteps: Int,
        _ window: Int,
        _ entropyFraction: Double,
        _ repetitionRise: Double,
        _ duplicateRise: Double,
        _ lengthFactor: Double,
        _ validFall: Double,
        _ holdOutFall: Double
    ) {
        self.action = action
        self.baselineSteps = baselineSteps
        self.window = window
        self.entropyFraction = entropyFraction
        self.repetitionRise = repetitionRise
        self.duplicateRise = duplicateRise
        self.lengthFactor = lengthFactor
        self.validFall = validFall
        self.holdOutFall = holdOutFall
    }

    /// Warnings, with the limits above.
    public static let standard = GuardRails(checked: .warn, 5, 5, 0.2, 0.3, 0.5, 2.5, 0.3, 0.1)

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case action, baselineSteps, window, entropyFraction, repetitionRise, duplicateRise, lengthFactor, validFall
        case holdOutFall
    }

    /// Checks what it reads as the initialiser does, and refuses keys that it does not know. What is not there is as by
    /// default.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.checkedContainer(keyedBy: CodingKeys.self)
        let standard = GuardRails.standard
        func number(_ key: CodingKeys, _ value: Double) throws -> Double {
            try values.decodeIfPresent(Double.self, forKey: key) ?? value
        }
        try self.init(
            action: try values.decodeIfPresent(Action.self, forKey: .action) ?? standard.action,
            baselineSteps: try values.decodeIfPresent(Int.self, forKey: .baselineSteps) ?? standard.baselineSteps,
            window: try values.decodeIfPresent(Int.self, forKey: .window) ?? standard.window,
            entropyFraction: try number(.entropyFraction, standard.entropyFraction),
            repetitionRise: try number(.repetitionRise, standard.repetitionRise),
            duplicateRise: try number(.duplicateRise, standard.duplicateRise),
            lengthFactor: try number(.lengthFactor, standard.lengthFactor),
            validFall: try number(.validFall, standard.validFall),
            holdOutFall: try number(.holdOutFall, standard.holdOutFall)
        )
    }
}

/// A sign that a training has left the rails.
public enum CollapseSign: Sendable, Hashable, CustomStringConvertible {
    /// Mean entropy per token, in nats.
    case entropy(now: Double, before: Double)
    case repetition(now: Double, before: Double)
    case duplicates(now: Double, before: Double)
    /// Mean tokens of a completion.
    case tokens(now: Double, before: Double)
    /// Mean parts of a completion that has some.
    case parts(now: Double, before: Double)
    /// Share of completions with parts.
    case valid(now: Double, before: Double)
    /// The reward has risen while the hold-out metric has fallen.
    case rewardHacking(reward: Double, rewardBefore: Double, holdOut: Double, best: Double)

    public var description: String {
        func text(_ what: String, _ now: Double, _ before: Double) -> String {
            "\(what) is \(rounded(now)), and was \(rounded(before))"
        }
        return switch self {
        case .entropy(let now, let before): text("the entropy of a token", now, before) + ": the policy has collapsed"
        case .repetition(let now, let before): text("the share of repeated tokens", now, before)
        case .duplicates(let now, let before): text("the share of equal completions in a group", now, before)
        case .tokens(let now, let before): text("the mean length in tokens", now, before)
        case .parts(let now, let before): text("the mean number of parts", now, before)
        case .valid(let now, let before): text("the share of completions with parts", now, before)
        case .rewardHacking(let reward, let rewardBefore, let holdOut, let best):
            text("the reward", reward, rewardBefore)
                + ", while the hold-out metric has fallen to \(rounded(holdOut)) from "
                + "\(rounded(best)): the reward is being won without merit"
        }
    }

    /// What kind of sign it is, whatever its numbers.
    var kind: String {
        switch self {
        case .entropy: "entropy"
        case .repetition: "repetition"
        case .duplicates: "duplicates"
        case .tokens: "tokens"
        case .parts: "parts"
        case .valid: "valid"
        case .rewardHacking: "rewardHacking"
        }
    }
}

/// Three decimals.
private func rounded(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
    return "\((value * 1000).rounded() / 1000)"
}

/// What the detector is told of a step.
public struct CollapseObservation: Sendable, Hashable, Codable {
    public var entropy: Double?
    /// Share of tokens that stand in a run of four that the completion had before.
    public var repetition: Double
    /// Share of completions that are equal to an earlier one of their group.
    public var duplicates: Double
    public var tokens: Double
    /// Mean parts of the completions that have some; nil where none has.
    public var parts: Double?
    /// Share of completions with parts.
    public var valid: Double
    public var reward: Double?

    public init(
        entropy: Double?,
        repetition: Double,
        duplicates: Double,
        tokens: Double,
        parts: Double?,
        valid: Double,
        reward: Double?
    ) {
        self.entropy = entropy
        self.repetition = repetition
        self.duplicates = duplicates
        self.tokens = tokens
        self.parts = parts
        self.valid = valid
        self.reward = reward
    }
}

/// Compares the last steps of a training with its first ones, and the hold-out metric with its best value. A pure state
/// machine: it is part of a checkpoint.
public struct CollapseDetector: Sendable, Hashable, Codable {
    public let rails: GuardRails
    private var first: [CollapseObservation] = []
    private var last: [CollapseObservation] = []
    /// The best hold-out metric with the reward of its time.
    private var best: (metric: Double, reward: Double?)? {
        get { bestMetric.map { ($0, bestReward) } }
        set { (bestMetric, bestReward) = (newValue?.metric, newValue?.reward) }
    }
    private var bestMetric: Double?
    private var bestReward: Double?
    /// Evaluations in a row that look like a reward won without merit: one alone may be chance.
    private var suspicions = 0
    private static let sufficientSuspicions = 2

    public init(_ rails: GuardRails) { self.rails = rails }

    /// Signs that a step shows.
    public mutating func observe(_ step: CollapseObservation) -> [CollapseSign] {
        guard rails.action != .off else { return [] }
        last.append(step)
        if last.count > rails.window { last.removeFirst() }
        guard first.count >= rails.baselineSteps else {
            first.append(step)
            return []
        }
        guard last.count == rails.window else { return [] }
        var signs: [CollapseSign] = []
        func compare(
            _ value: (CollapseObservation) -> Double?,
            _ isBad: (_ now: Double, _ before: Double) -> Bool,
            _ sign: (_ now: Double, _ before: Double) -> CollapseSign
        ) {
            guard let now = Self.mean(last, value), let before = Self.mean(first, value) else { return }
            if isBad(now, before) { signs.append(sign(now, before)) }
        }
        let factor = rails.lengthFactor
        func hasMoved(_ now: Double, _ before: Double) -> Bool {
            before > 0 && (now > before * factor || now < before / factor)
        }
        compare(\.entropy, { $0 < $1 * rails.entropyFraction }, { .entropy(now: $0, before: $1) })
        compare(\.repetition, { $0 > $1 + rails.repetitionRise }, { .repetition(now: $0, before: $1) })
        compare(\.duplicates, { $0 > $1 + rails.duplicateRise }, { .duplicates(now: $0, before: $1) })
        compare(\.tokens, hasMoved, { .tokens(now: $0, before: $1) })
        compare(\.parts, hasMoved, { .parts(now: $0, before: $1) })
        compare(\.valid, { $0 < $1 - rails.validFall }, { .valid(now: $0, before: $1) })
        return signs
    }

    /// Signs that an evaluation shows.
    public mutating func observe(holdOut metric: Double) -> [CollapseSign] {
        guard rails.action != .off, metric.isFinite else { return [] }
        let reward = Self.mean(last, \.reward)
        guard let best, metric < best.metric else {
            self.best = (metric, reward)
            suspicions = 0
            return []
        }
        let before = best.reward ?? Self.mean(first, \.reward)
        guard let reward, let before, reward > before,
            metric < best.metric - rails.holdOutFall * abs(best.metric)
        else {
            suspicions = 0
            return []
        }
        suspicions += 1
        guard suspicions >= Self.sufficientSuspicions else { return [] }
        return [.rewardHacking(reward: reward, rewardBefore: before, holdOut: metric, best: best.metric)]
    }

    private static func mean(
        _ steps: [CollapseObservation],
        _ value: (CollapseObservation) -> Double?
    ) -> Double? {
        let values = steps.compactMap(value)
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    /// Share of tokens that end a run of four which the completion had before.
    public static func repetition<Token: Hashable>(_ tokens: [Token]) -> Double {
        let length = 4
        guard tokens.count > length else { return 0 }
        var seen: Set<[Token]> = []
        var repeated = 0
        for start in 0...(tokens.count - length) where !seen.insert(Array(tokens[start..<start + length])).inserted {
            repeated += 1
        }
        return Double(repeated) / Double(tokens.count - length + 1)
    }
}
