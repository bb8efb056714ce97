// A judge's opinion as a reward.

/// Holds outputs against a ``Rubric`` by a ``RubricJudge``.
///
/// A judge may be asked once about the whole output, or once about each of its parts. In the second case the parts' scores are the
/// values of the spans, and their mean, parts without a score left out, is the value of the whole.
///
/// Scores outside 0...1 are brought to the nearer end; nil where the judge cannot tell, or there is nothing to ask about.
public struct RubricReward<Sample: Sendable, Output: Sendable>: Reward {
    public var name: String { rubric.name }
    public let rubric: Rubric
    private let judge: any RubricJudge
    private let materials: @Sendable (Completion<Output>, Sample) -> Materials

    /// What the judge is shown of a completion.
    public enum Materials: Sendable, Hashable {
        /// The whole at once; nil if there is nothing to judge.
        case whole(String?)
        /// One text for each span.
        case spans([String])
    }

    /// - Parameters:
    ///   - rubric: what is asked.
    ///   - judge: who answers; wrap it in ``CachedJudge`` if the same outputs come again.
    ///   - materials: what the judge is shown of a completion.
    public init(
        _ rubric: Rubric,
        judge: any RubricJudge,
        materials: @escaping @Sendable (Completion<Output>, Sample) -> Materials
    ) {
        self.rubric = rubric
        self.judge = judge
        self.materials = materials
    }

    public func scores(of completions: [Completion<Output>], for sample: Sample) async throws -> [RewardScore?] {
        let shown = completions.map { materials($0, sample) }
        // One call for the whole group, so that the judge may work on many at a time; nothing is asked twice.
        var texts: [String] = []
        var places: [String: Int] = [:]
        for text in shown.flatMap(\.texts) where places[text] == nil {
            places[text] = texts.count
            texts.append(text)
        }
        guard !texts.isEmpty else { return completions.map { _ in nil } }
        let answers = try await judge.scores(of: texts.map { RubricQuestion(rubric: rubric, material: $0) })
        guard answers.count == texts.count else {
            throw RubricJudgeError.wrongCount(expected: texts.count, found: answers.count)
        }
        func answer(_ text: String) -> Double? {
            places[text].flatMap { answers[$0] }.flatMap { $0.isFinite ? min(1, max(0, $0)) : nil }
        }
        return shown.map { materials in
            switch materials {
            case .whole(let text): return text.flatMap(answer).map { RewardScore($0) }
            case .spans(let texts):
                let values = texts.map(answer)
                let known = values.compactMap(\.self)
                guard !known.isEmpty else { return nil }
                return RewardScore(known.reduce(0, +) / Double(known.count), spans: values)
            }
        }
    }
}

extension RubricReward.Materials {
    fileprivate var texts: [String] {
        switch self {
        case .whole(let text): text.map { [$0] } ?? []
        case .spans(let texts): texts
        }
    }
}

/// What is wrong with a judge.
public enum RubricJudgeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// It answered another number of questions than it was asked.
    case wrongCount(expected: Int, found: Int)
    /// The model's tokenizer writes "yes" and "no" with the same first token.
    case sameAnswerToken
    /// A question is longer than the model can read.
    case tooLong(tokens: Int, context: Int)

    public var description: String {
        switch self {
        case .wrongCount(let expected, let found):
            "the judge gave \(found) scores for \(expected) questions; give one for each"
        case .sameAnswerToken:
            "this model's tokenizer begins 'yes' and 'no' with the same token; use another model as judge"
        case .tooLong(let tokens, let context):
            "a question has \(tokens) tokens and the judge reads \(context); show it less, or use another model"
        }
    }
}
