// A reward of a few lines.

/// A reward made of a closure.
///
/// ```swift
/// let brevity = ClosureReward<InterestSample, InterestOutput>("brevity") { completion, _ in
///     completion.output.list.isEmpty ? nil : 1 / Double(completion.tokenCount)
/// }
/// ```
public struct ClosureReward<Sample: Sendable, Output: Sendable>: Reward {
    public let name: String
    private let judge: @Sendable ([Completion<Output>], Sample) async throws -> [RewardScore?]

    /// Judges the completions of a group one by one.
    ///
    /// - Parameters:
    ///   - name: what it is called in logs.
    ///   - concurrency: how many completions are judged at a time; more than 1 serves closures that wait for something.
    ///   - score: the completion's reward; nil where it does not apply.
    public init(
        _ name: String,
        concurrency: Int = 4,
        _ score: @escaping @Sendable (Completion<Output>, Sample) async throws -> Double?
    ) {
        self.name = name
        let limit = max(1, concurrency)
        judge = { completions, sample in
            try await completions.concurrentMap(limit: limit) { completion in
                try await score(completion, sample).map { RewardScore($0) }
            }
        }
    }

    /// Judges all completions of a sample in one call, with values of spans where there are some.
    ///
    /// - Parameters:
    ///   - name: what it is called in logs.
    ///   - scores: one for each completion, in order; nil where the reward does not apply. If a score depends on the other
    ///     completions, switch ``RewardExecution/usesCache`` off.
    public init(
        _ name: String,
        group scores: @escaping @Sendable ([Completion<Output>], Sample) async throws -> [RewardScore?]
    ) {
        self.name = name
        judge = scores
    }

    public func scores(of completions: [Completion<Output>], for sample: Sample) async throws -> [RewardScore?] {
        try await judge(completions, sample)
    }
}
