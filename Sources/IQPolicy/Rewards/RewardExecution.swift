// How a reward of a composite is run: time limit, retries, and what counts when it fails all the same.

/// How one reward is run, and what is done when it fails.
public struct RewardExecution: Sendable, Hashable {
    /// What stands in for the scores of a reward that failed.
    public enum Fallback: Sendable, Hashable {
        /// Nothing: the evaluation throws ``RewardFailure``.
        case failure
        /// No score, as if the reward did not apply to these completions.
        case unscored
        /// This value for each completion, without values of spans.
        case value(Double)
    }

    public let fallback: Fallback
    /// How often a failed attempt is repeated.
    public let retries: Int
    /// The pause before the first repetition; it doubles with each further one.
    public let retryDelay: Duration
    /// The longest that an attempt may take; nil for no limit. An attempt over it is cancelled and counts as failed; work that
    /// does not heed its cancellation runs on unheard.
    public let timeout: Duration?
    /// Whether scores may come from the composite's cache. False for a reward whose scores depend on the other completions of
    /// the group, or on anything else that the cache's key does not tell.
    public let usesCache: Bool

    /// - Throws: ``RewardError/invalidOption(name:value:permitted:)`` for a fallback that is not finite, retries outside
    ///   0...100, a negative delay, or a time limit of 0 or less.
    public init(
        fallback: Fallback = .failure,
        retries: Int = 0,
        retryDelay: Duration = .milliseconds(500),
        timeout: Duration? = nil,
        usesCache: Bool = true
    ) throws(RewardError) {
        if case .value(let value) = fallback {
            try RewardError.require(value.isFinite, "the value of a failed reward", "\(value)", "a finite number")
        }
        try RewardError.require((0...100).contains(retries), "retries", "\(retries)", "0 to 100")
        try RewardError.require(retryDelay >= .zero, "retryDelay", "\(retryDelay)", "0 seconds or more")
        if let timeout { try RewardError.require(timeout > .zero, "timeout", "\(timeout)", "more than 0 seconds") }
        self.init(checked: fallback, retries, retryDelay, timeout, usesCache)
    }

    private init(checked fallback: Fallback, _ retries: Int, _ delay: Duration, _ timeout: Duration?, _ cached: Bool) {
        self.fallback = fallback
        self.retries = retries
        retryDelay = delay
        self.timeout = timeout
        usesCache = cached
    }

    /// One attempt without a limit; a failure ends the evaluation.
    public static let standard = RewardExecution(checked: .failure, 0, .milliseconds(500), nil, true)
}

/// What a composite cannot be made of.
public enum RewardError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Two rewards have one name.
    case duplicateName(String)
    /// A name is empty, or has white space or control characters, which logs and tables cannot show.
    case invalidName(String)
    /// A weight is not finite.
    case invalidWeight(name: String, weight: Double)
    case noRewards
    /// There is no reward of this name.
    case unknownName(String, known: [String])
    case invalidOption(name: String, value: String, permitted: String)

    public var description: String {
        switch self {
        case .duplicateName(let name): "there are two rewards named '\(name)'; give each a name of its own"
        case .invalidName(let name): "'\(name)' cannot be a reward's name; use letters, digits, '_' and '-'"
        case .invalidWeight(let name, let weight): "the weight of '\(name)' is \(weight); give a finite number"
        case .noRewards: "there are no rewards; give at least one"
        case .unknownName(let name, let known):
            "there is no reward named '\(name)'; there are \(known.joined(separator: ", "))"
        case .invalidOption(let name, let value, let permitted): "\(name) is \(value); give \(permitted)"
        }
    }

    package static func require(
        _ condition: Bool,
        _ name: String,
        _ value: String,
        _ permitted: String
    ) throws(RewardError) {
        if !condition { throw .invalidOption(name: name, value: value, permitted: permitted) }
    }
}

/// A reward that failed at its last attempt.
public struct RewardFailure: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Reason: Equatable, Sendable {
        /// It threw; the error's description.
        case threw(String)
        case timedOut(Duration)
        /// It returned another number of scores than it was given completions.
        case wrongCount(expected: Int, found: Int)
        /// A score has another number of values than the completion has spans. Completions are counted from 0.
        case wrongSpanCount(completion: Int, expected: Int, found: Int)
    }

    /// The reward's name.
    public let reward: String
    /// How often it was tried.
    public let attempts: Int
    public let reason: Reason

    public init(reward: String, attempts: Int, reason: Reason) {
        self.reward = reward
        self.attempts = attempts
        self.reason = reason
    }

    public var description: String {
        let what =
            switch reason {
            case .threw(let text): text
            case .timedOut(let limit): "it took longer than \(limit)"
            case .wrongCount(let expected, let found): "it returned \(found) scores for \(expected) completions"
            case .wrongSpanCount(let completion, let expected, let found):
                "it returned \(found) values for the \(expected) spans of completion \(completion)"
            }
        return "the reward '\(reward)' failed after \(attempts == 1 ? "1 attempt" : "\(attempts) attempts"): \(what)"
    }
}
