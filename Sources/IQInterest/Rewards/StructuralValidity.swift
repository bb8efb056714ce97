// Whether a completion has the required form.

public import IQPolicy

/// Structural validity: 1 if the completion is a list in the format that was asked for and nothing else, with as many queries as
/// were asked for, each in its normal form, none twice, and not cut off; else 0. See ``InterestOutput/isValid``.
///
/// Worked example, lines and 3 to 5 queries: "tidal turbines\nLisbon flights\ngarden bulbs" scores 1; the same after "Sure! Here
/// are three queries:" scores 0, and so do two queries, or a third that breaks off at the token limit.
///
/// Alone it is hacked by one harmless list for everybody.
public struct StructuralValidity: Reward {
    public let name = "structure"

    public init() {}

    public func scores(
        of completions: [Completion<InterestOutput>],
        for sample: InterestSample
    ) async throws -> [RewardScore?] {
        completions.map { RewardScore($0.output.isValid ? 1 : 0) }
    }
}
