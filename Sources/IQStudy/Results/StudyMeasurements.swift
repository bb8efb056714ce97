// What measuring stages wrote, loaded once, and the statistics over it.

package import IQInterest

/// The values of a study's systems, by stage.
package struct StudyMeasurements: Sendable {
    private var values: [String: EvaluationValues]

    package init(_ values: [String: EvaluationValues]) { self.values = values }

    package func isMeasured(_ system: StudyOutline.System) -> Bool {
        values[system.stage]?.results.contains { $0.system == system.name } ?? false
    }

    /// A measure for each person; nil if it was not measured.
    package func perPerson(_ measure: StudyMeasure, of system: StudyOutline.System) -> PersonValues? {
        let name = measure.isInUnion ? "popularity + \(system.name)" : system.name
        return values[system.stage]?.perPerson(measure.metric, of: name, task: measure.task)
    }

    /// The lists; nil for a system that writes none.
    package func lists(of system: StudyOutline.System) -> SystemLists? {
        values[system.stage]?.lists.first { $0.system == system.name }
    }

    /// A system's value less another's for each person whom both have; nil where one was not measured.
    package func differences(
        _ measure: StudyMeasure,
        of system: StudyOutline.System,
        to reference: StudyOutline.System
    ) -> PersonValues? {
        guard let first = perPerson(measure, of: reference), let second = perPerson(measure, of: system) else {
            return nil
        }
        let known = Dictionary(zip(first.people, first.values), uniquingKeysWith: { first, _ in first })
        let both = zip(second.people, second.values).compactMap { person, value in
            known[person].map { (person: person, difference: value - $0) }
        }
        return PersonValues(people: both.map(\.person), values: both.map(\.difference))
    }

    /// The share of a gain that a student keeps: (student − undistilled) / (teacher − undistilled), of means over the same people; nil
    /// where one was not measured, or the teacher has no gain to keep.
    package func keptShare(
        _ measure: StudyMeasure,
        student: StudyOutline.System,
        teacher: StudyOutline.System,
        undistilled: StudyOutline.System,
        bootstrap: Bootstrap
    ) -> ConfidenceInterval? {
        guard let low = perPerson(measure, of: undistilled), let high = perPerson(measure, of: teacher),
            let middle = perPerson(measure, of: student)
        else { return nil }
        let lows = Dictionary(zip(low.people, low.values), uniquingKeysWith: { first, _ in first })
        let highs = Dictionary(zip(high.people, high.values), uniquingKeysWith: { first, _ in first })
        var (gains, whole): ([Double], [Double]) = ([], [])
        for (person, value) in zip(middle.people, middle.values) {
            guard let low = lows[person], let high = highs[person] else { continue }
            gains.append(value - low)
            whole.append(high - low)
        }
        guard whole.reduce(0, +) > 0 else { return nil }
        return bootstrap.ratioOfMeans(gains, whole)
    }
}

/// A measure of the tables.
package struct StudyMeasure: Sendable, Hashable {
    /// What tables call it.
    package var name: String
    var task: EvaluationTask
    var metric: String
    /// Of the system's articles and popular ones, in turn.
    var isInUnion = false

    package static let recall5 = StudyMeasure(name: "Recall@5", task: .retrieval, metric: "Recall@5")
    package static let recall10 = StudyMeasure(name: "Recall@10", task: .retrieval, metric: "Recall@10")
    package static let ndcg5 = StudyMeasure(name: "NDCG@5", task: .retrieval, metric: "NDCG@5")
    package static let ndcg10 = StudyMeasure(name: "NDCG@10", task: .retrieval, metric: "NDCG@10")
    package static let reciprocalRank = StudyMeasure(name: "MRR", task: .retrieval, metric: "MRR@100")
    package static let area = StudyMeasure(name: "slate AUC", task: .slate, metric: "AUC")
    package static let union10 = StudyMeasure(
        name: "with popularity, Recall@10",
        task: .retrieval,
        metric: "Recall@10",
        isInUnion: true
    )
    package static let reward = StudyMeasure(name: "reward", task: .rewards, metric: ListRewards.sumName)
    package static let rewardWithClicks = StudyMeasure(
        name: "reward with clicks",
        task: .rewards,
        metric: ListRewards.sumWithClicksName
    )

    /// A single reward.
    package static func reward(_ name: String) -> StudyMeasure {
        StudyMeasure(name: name, task: .rewards, metric: name)
    }

    package static let rewardNames = ["alignment", "coverage", "specificity", "diversity", "structure", "clicks"]
    /// In the order of the tables.
    package static let rankings: [StudyMeasure] = [recall5, recall10, ndcg5, ndcg10, reciprocalRank, area, union10]
    package static let all: [StudyMeasure] =
        rankings + [reward, rewardWithClicks] + rewardNames.map { reward($0) }
}
