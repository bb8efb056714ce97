// Several rewards as one: weights, concurrency, time limits, retries, a cache, and a report that names each.

internal import Synchronization

/// Rewards that are summed by weight.
///
/// ```swift
/// let reward = try CompositeReward<InterestSample, InterestOutput> {
///     RetrievalAlignment(retriever: articles)
///     IntraListDiversity(embedder: embedder).weighted(0.5)
///     ClosureReward("polite") { completion, _ in completion.text.contains("!") ? 0 : 1 }
/// }
/// let report = try await reward.report(of: completions, for: person)
/// ```
///
/// The total of a completion is the sum over the rewards that apply to it of weight · value. Rewards of a call are evaluated
/// at the same time.
public struct CompositeReward<Sample: Sendable, Output: Sendable>: Reward {
    public let name: String
    /// The rewards, in the order of every report.
    public let members: [WeightedReward<Sample, Output>]
    private let cache: RewardCache<Sample, Output>?

    /// - Parameters:
    ///   - name: what the sum is called where it is itself a member.
    ///   - cache: remembers scores of completions; nil for none.
    ///   - rewards: at least one, no two with one name.
    /// - Throws: ``RewardError``.
    public init(
        name: String = "total",
        cache: RewardCache<Sample, Output>? = nil,
        @RewardBuilder<Sample, Output> rewards: () throws -> [WeightedReward<Sample, Output>]
    ) throws {
        try self.init(name: name, members: try rewards(), cache: cache)
    }

    /// The same with the members as an array.
    public init(
        name: String = "total",
        members: [WeightedReward<Sample, Output>],
        cache: RewardCache<Sample, Output>? = nil
    ) throws(RewardError) {
        guard !members.isEmpty else { throw .noRewards }
        var names: Set<String> = [name]
        for name in [name] + members.map(\.name) {
            let isBlank: (Unicode.Scalar) -> Bool = {
                $0.properties.isWhitespace || $0.value < 0x20 || $0.value == 0x7F
            }
            guard !name.isEmpty, !name.unicodeScalars.contains(where: isBlank) else { throw .invalidName(name) }
        }
        for member in members {
            guard names.insert(member.name).inserted else { throw .duplicateName(member.name) }
            guard member.weight.isFinite else { throw .invalidWeight(name: member.name, weight: member.weight) }
        }
        self.name = name
        self.members = members
        self.cache = cache
    }

    public var names: [String] { members.map(\.name) }
    public var weights: [Double] { members.map(\.weight) }

    /// The same rewards but one, for ablations. The cache stays the same one.
    ///
    /// - Throws: ``RewardError/unknownName(_:known:)``, or ``RewardError/noRewards`` if it was the only one.
    public func without(_ name: String) throws(RewardError) -> CompositeReward {
        guard names.contains(name) else { throw .unknownName(name, known: names) }
        return try CompositeReward(name: self.name, members: members.filter { $0.name != name }, cache: cache)
    }

    /// The same rewards with other weights; those that are not named keep theirs.
    ///
    /// - Throws: ``RewardError/unknownName(_:known:)``, ``RewardError/invalidWeight(name:weight:)``.
    public func reweighted(_ weights: [String: Double]) throws(RewardError) -> CompositeReward {
        for name in weights.keys.sorted() where !names.contains(name) { throw .unknownName(name, known: names) }
        return try CompositeReward(
            name: name,
            members: members.map { member in weights[member.name].map(member.with(weight:)) ?? member },
            cache: cache
        )
    }

    /// The totals, as a reward among others; a composite may be a member of another.
    public func scores(of completions: [Completion<Output>], for sample: Sample) async throws -> [RewardScore?] {
        try await report(of: completions, for: sample).totals.map { $0.map { RewardScore($0) } }
    }

    /// The scores of a sample's completions by every reward.
    ///
    /// - Throws: ``RewardFailure`` of a reward without a fallback, `CancellationError`.
    public func report(of completions: [Completion<Output>], for sample: Sample) async throws -> RewardReport {
        let keys = cache.map { cache in completions.map { cache.key($0, sample) } }
        let results = try await members.concurrentMap(limit: members.count) { member in
            try await evaluate(member, completions, sample, keys: member.execution.usesCache ? keys : nil)
        }
        return RewardReport(
            names: names,
            weights: weights,
            scores: results.map(\.scores),
            completionCount: completions.count,
            seconds: results.map(\.seconds),
            cached: results.map(\.cached),
            failures: results.compactMap(\.failure).map {
                RewardReport.Failure(reward: $0.reward, attempts: $0.attempts, message: $0.description)
            }
        )
    }

    /// The reports of several samples, in order.
    ///
    /// - Parameters:
    ///   - groups: samples with their completions.
    ///   - concurrency: how many samples are judged at a time.
    public func reports(
        of groups: [(sample: Sample, completions: [Completion<Output>])],
        concurrency: Int = 4
    ) async throws -> [RewardReport] {
        try await groups.concurrentMap(limit: max(1, concurrency)) { group in
            try await report(of: group.completions, for: group.sample)
        }
    }

    // MARK: One reward

    private struct MemberResult: Sendable {
        var scores: [RewardScore?]
        var seconds: Double
        var cached: Int
        var failure: RewardFailure?
    }

    private func evaluate(
        _ member: WeightedReward<Sample, Output>,
        _ completions: [Completion<Output>],
        _ sample: Sample,
        keys: [String]?
    ) async throws -> MemberResult {
        let start = ContinuousClock.now
        var scores = [RewardScore?](repeating: nil, count: completions.count)
        // Of completions with one key, only the first is judged.
        var firstOfKey: [String: Int] = [:]
        var judged: [Int] = []
        var cached = 0
        for index in completions.indices {
            guard let key = keys?[index], let cache else {
                judged.append(index)
                continue
            }
            if let known = cache.score(by: member.name, key: key, spans: completions[index].spans.count) {
                scores[index] = known.score
                cached += 1
            } else if firstOfKey[key] == nil {
                firstOfKey[key] = index
                judged.append(index)
            }
        }
        var failure: RewardFailure?
        if !judged.isEmpty {
            let outcome = try await attempt(member, judged.map { completions[$0] }, sample)
            switch outcome {
            case .success(let found):
                for (index, score) in zip(judged, found) {
                    scores[index] = score
                    if let keys { cache?.remember(score, by: member.name, key: keys[index]) }
                }
            case .failure(let reason):
                failure = reason
                let fallback = try Self.fallback(member, reason)
                for index in judged { scores[index] = fallback }
            }
        }
        if let keys, !firstOfKey.isEmpty {
            for index in completions.indices {
                if let first = firstOfKey[keys[index]], first != index { scores[index] = scores[first] }
            }
        }
        return MemberResult(scores: scores, seconds: start.secondsUntilNow, cached: cached, failure: failure)
    }

    private static func fallback(
        _ member: WeightedReward<Sample, Output>,
        _ failure: RewardFailure
    ) throws(RewardFailure) -> RewardScore? {
        switch member.execution.fallback {
        case .failure: throw failure
        case .unscored: nil
        case .value(let value): RewardScore(value)
        }
    }

    private func attempt(
        _ member: WeightedReward<Sample, Output>,
        _ completions: [Completion<Output>],
        _ sample: Sample
    ) async throws -> Result<[RewardScore?], RewardFailure> {
        let execution = member.execution
        var delay = execution.retryDelay
        var attempts = 0
        while true {
            try Task.checkCancellation()
            attempts += 1
            let reason: RewardFailure.Reason
            do {
                let reward = member.reward
                let scores = try await withTimeLimit(execution.timeout) {
                    try await reward.scores(of: completions, for: sample)
                }
                switch Self.checked(scores, completions) {
                case .success(let scores): return .success(scores)
                case .failure(let mismatch): reason = mismatch.reason
                }
            } catch let exceeded as TimeLimitExceeded {
                reason = .timedOut(exceeded.limit)
            } catch {
                // A cancelled evaluation is no failure of the reward.
                try Task.checkCancellation()
                reason = .threw("\(error)")
            }
            guard attempts <= execution.retries else {
                return .failure(RewardFailure(reward: member.name, attempts: attempts, reason: reason))
            }
            try await Task.sleep(for: delay)
            delay *= 2
        }
    }

    private struct Mismatch: Error { let reason: RewardFailure.Reason }

    /// The scores with what is not finite taken as none.
    private static func checked(
        _ scores: [RewardScore?],
        _ completions: [Completion<Output>]
    ) -> Result<[RewardScore?], Mismatch> {
        guard scores.count == completions.count else {
            return .failure(Mismatch(reason: .wrongCount(expected: completions.count, found: scores.count)))
        }
        var checked: [RewardScore?] = []
        for (index, score) in scores.enumerated() {
            guard let score, score.value.isFinite else {
                checked.append(nil)
                continue
            }
            if let spans = score.spans, spans.count != completions[index].spans.count {
                let expected = completions[index].spans.count
                return .failure(
                    Mismatch(reason: .wrongSpanCount(completion: index, expected: expected, found: spans.count))
                )
            }
            checked.append(
                RewardScore(score.value, spans: score.spans?.map { $0.flatMap { $0.isFinite ? $0 : nil } })
            )
        }
        return .success(checked)
    }
}

extension ContinuousClock.Instant {
    package var secondsUntilNow: Double {
        let parts = (ContinuousClock.now - self).components
        return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
    }
}

/// Remembers the scores of completions by every reward of a composite; a reward's failures are not remembered.
public final class RewardCache<Sample: Sendable, Output: Sendable>: Sendable {
    private struct Entry: Hashable {
        let reward: String
        let key: String
    }

    struct Known {
        let score: RewardScore?
    }

    let key: @Sendable (Completion<Output>, Sample) -> String
    private let scores: Mutex<BoundedCache<Entry, RewardScore?>>

    /// - Parameters:
    ///   - capacity: the most scores kept, one for each completion and reward; at least 2. Those not asked for lately go first.
    ///   - key: what identifies a completion of a sample: everything that the rewards look at. Two completions with one key
    ///     get the same scores.
    /// - Throws: ``RewardError/invalidOption(name:value:permitted:)``.
    public init(
        capacity: Int,
        key: @escaping @Sendable (Completion<Output>, Sample) -> String
    ) throws(RewardError) {
        try RewardError.require(capacity >= 2, "the cache's capacity", "\(capacity)", "2 or more")
        self.key = key
        scores = Mutex(BoundedCache(capacity: capacity))
    }

    /// How many scores are kept.
    public var count: Int { scores.withLock { $0.count } }

    func score(by reward: String, key: String, spans: Int) -> Known? {
        let entry = scores.withLock { $0.value(for: Entry(reward: reward, key: key)) }
        guard let score = entry else { return nil }
        // Values of spans that the completion does not have: the key did not tell two completions apart.
        if let values = score?.spans, values.count != spans { return nil }
        return Known(score: score)
    }

    func remember(_ score: RewardScore?, by reward: String, key: String) {
        scores.withLock { $0.insert(score, for: Entry(reward: reward, key: key)) }
    }
}
