// A reward as a member of a composite, and the builder that lists such members.

/// A reward with its weight and the way it is run.
public struct WeightedReward<Sample: Sendable, Output: Sendable>: Sendable {
    public let reward: any Reward<Sample, Output>
    /// What its scores are multiplied by in the total; 0 reports a reward without training on it.
    public let weight: Double
    public let execution: RewardExecution

    public init(
        _ reward: any Reward<Sample, Output>,
        weight: Double = 1,
        execution: RewardExecution = .standard
    ) {
        self.reward = reward
        self.weight = weight
        self.execution = execution
    }

    public var name: String { reward.name }

    func with(weight: Double) -> WeightedReward { WeightedReward(reward, weight: weight, execution: execution) }
}

extension Reward {
    /// This reward as a member of a ``CompositeReward``.
    public func weighted(
        _ weight: Double = 1,
        execution: RewardExecution = .standard
    ) -> WeightedReward<Sample, Output> {
        WeightedReward(self, weight: weight, execution: execution)
    }
}

/// Lists the rewards of a ``CompositeReward``: rewards (with weight 1), weighted rewards, arrays of them, `if` and `for`.
@resultBuilder
public enum RewardBuilder<Sample: Sendable, Output: Sendable> {
    public typealias Member = WeightedReward<Sample, Output>

    public static func buildExpression(_ reward: some Reward<Sample, Output>) -> [Member] { [reward.weighted()] }
    public static func buildExpression(_ member: Member) -> [Member] { [member] }
    public static func buildExpression(_ members: [Member]) -> [Member] { members }
    public static func buildBlock(_ parts: [Member]...) -> [Member] { parts.flatMap { $0 } }
    public static func buildOptional(_ part: [Member]?) -> [Member] { part ?? [] }
    public static func buildEither(first part: [Member]) -> [Member] { part }
    public static func buildEither(second part: [Member]) -> [Member] { part }
    public static func buildArray(_ parts: [[Member]]) -> [Member] { parts.flatMap { $0 } }
    public static func buildLimitedAvailability(_ part: [Member]) -> [Member] { part }
}
