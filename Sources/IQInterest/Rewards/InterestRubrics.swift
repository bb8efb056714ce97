// The paper's two judged rewards for query lists, in words. The paper does not give its rubrics; these are ours.

public import IQPolicy

extension Rubric {
    /// Whether a list reflects all of the reader's interests.
    public static let coverage = Rubric(
        name: "coverage",
        question:
            "First come titles and searches of a reader, then search queries written for that reader. Interests that recur among "
            + "the titles and searches matter most. Do the queries together reflect the reader's different interests, leaving "
            + "none of the main ones out and adding none that the reader does not have?"
    )

    /// Whether a query asks for something in particular.
    public static let specificity = Rubric(
        name: "specificity",
        question:
            "This is a query for a search in the news. Does it name something in particular, such as a person, a team, a place, a "
            + "product or an event, so that it would find articles about that and not merely about a broad field like sports or politics?"
    )
}

extension RubricReward where Sample == InterestSample, Output == InterestOutput {
    /// Interest coverage by a judge, who sees the newest signals and the whole list. nil without signals; a list without queries
    /// is not shown to the judge and has no score, which ``StructuralValidity`` makes up for.
    ///
    /// - Parameters:
    ///   - judge: who answers.
    ///   - rubric: what is asked.
    ///   - signals: the most that the judge sees.
    public static func coverage(
        judge: any RubricJudge,
        rubric: Rubric = .coverage,
        signals: Int = 12
    ) -> RubricReward {
        RubricReward(rubric, judge: judge) { completion, sample in
            let queries = completion.output.list.queries
            let shown = sample.signals.suffix(max(1, signals)).map { "- " + $0.text }
            guard !shown.isEmpty, !queries.isEmpty else { return .whole(nil) }
            return .whole(
                (["Reader:"] + shown + ["Queries:"] + queries.map { "- " + $0 }).joined(separator: "\n")
            )
        }
    }

    /// Query specificity by a judge, who sees each query on its own: the mean is the list's value, and each query's own score is its
    /// span's. A list without queries has no score.
    public static func specificity(judge: any RubricJudge, rubric: Rubric = .specificity) -> RubricReward {
        RubricReward(rubric, judge: judge) { completion, _ in .spans(completion.output.list.queries) }
    }
}
