// One reward: a name, and a number for every completion it applies to.

/// What a reward says of a completion.
public struct RewardScore: Sendable, Hashable {
    /// Of the whole completion.
    public let value: Double
    /// One for each of the completion's spans, nil where the reward does not apply to one; nil for a reward that judges the
    /// whole only. With per-span credit the trainer pays these to the spans' own tokens instead of `value`.
    public let spans: [Double?]?

    public init(_ value: Double, spans: [Double?]? = nil) {
        self.value = value
        self.spans = spans
    }
}

/// Judges completions.
///
/// All completions of a sample are judged in one call, so that what they share (an embedding, a request) is done once. A
/// reward must not depend on the order of the completions.
public protocol Reward<Sample, Output>: Sendable {
    associatedtype Sample: Sendable
    associatedtype Output: Sendable

    /// What it is called in logs and reports; no two rewards of a composite have the same name.
    var name: String { get }

    /// One score for each completion, in order; nil where the reward does not apply, for example for want of data. A score that is
    /// not finite counts as nil.
    func scores(of completions: [Completion<Output>], for sample: Sample) async throws -> [RewardScore?]
}
