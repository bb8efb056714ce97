// From measurements to results: a pure function, so that tables can be written whatever is there.

package import IQInterest
package import IQTraining

/// Puts the results of a study together.
package struct StudyAssembly: Sendable {
    package let outline: StudyOutline
    package let measurements: StudyMeasurements
    package let sampled: SampledValues?
    package let bootstrap: Bootstrap

    package init(
        _ outline: StudyOutline,
        measurements: StudyMeasurements,
        sampled: SampledValues?,
        bootstrap: Bootstrap
    ) {
        self.outline = outline
        self.measurements = measurements
        self.sampled = sampled
        self.bootstrap = bootstrap
    }

    /// How many people's lists are shown.
    private static let exampleCount = 10
    /// The N of the curve.
    private static let counts = [1, 2, 4, 8, 16, 32]

    /// All of it.
    ///
    /// - Parameters:
    ///   - written: now, as ISO 8601.
    ///   - configuration: of the study.
    ///   - inputs: what came from outside.
    ///   - stages: what has become of each.
    package func results(
        written: String,
        configuration: JSONTree,
        inputs: [FileFingerprint],
        stages: [StudyResults.StageRow]
    ) throws -> StudyResults {
        var results = StudyResults(
            written: written,
            software: .current,
            machine: .current,
            configuration: configuration,
            inputs: inputs,
            stages: stages,
            bootstrap: .init(resamples: bootstrap.resamples, level: bootstrap.level, seed: bootstrap.seed),
            systems: systems,
            differences: differences,
            sampling: try sampling(),
            credit: credit,
            distillation: distillation,
            claims: [],
            examples: examples
        )
        results.claims = StudyClaims(outline, results: results).rows
        return results
    }

    package var systems: [StudyResults.SystemRow] { outline.systems.map(row) }

    private func row(_ system: StudyOutline.System) -> StudyResults.SystemRow {
        let columns = StudyMeasure.all.compactMap { measure in
            measurements.perPerson(measure, of: system).map { (name: measure.name, values: $0) }
        }
        let lists = measurements.lists(of: system)
        return StudyResults.SystemRow(
            label: system.label,
            stage: system.stage,
            isMeasured: measurements.isMeasured(system),
            people: columns.map(\.values.people.count).max() ?? 0,
            measures: bootstrap.means(of: columns),
            usersPerSecond: lists?.perSecond,
            lists: lists?.queries.count,
            distinctLists: lists?.distinctCount,
            mostFrequentShare: lists?.mostFrequentShare,
            paper: system.paper
        )
    }

    /// Each system against those that it should be better than.
    package var differences: [StudyResults.DifferenceRow] {
        var pairs: [(StudyOutline.System, StudyOutline.System)] = []
        func compare(_ system: StudyOutline.System, _ references: [StudyOutline.System]) {
            for reference in references where system != reference { pairs.append((system, reference)) }
        }
        compare(outline.warmUp, [outline.promptOnly])
        for pair in outline.seeds {
            compare(pair.credit, [outline.promptOnly, outline.warmUp, pair.plain] + outline.baselines)
            compare(pair.plain, [outline.warmUp])
        }
        compare(outline.allRewards, [outline.warmUp])
        for ablation in outline.ablations { compare(ablation.system, [outline.allRewards, outline.warmUp]) }
        for model in outline.capacity {
            compare(model.after, [model.before] + (outline.capacity.last.map { [$0.after] } ?? []))
        }
        compare(outline.undistilled, [outline.teacher])
        compare(outline.supervised, [outline.undistilled, outline.teacher])
        compare(outline.onPolicy, [outline.undistilled, outline.supervised, outline.teacher])
        let measures: [StudyMeasure] = [.reward, .rewardWithClicks, .recall10, .ndcg10, .area, .union10]
        var seen: Set<[StudyOutline.System]> = []
        return pairs.filter { seen.insert([$0.0, $0.1]).inserted }.flatMap { system, reference in
            let columns = measures.compactMap { measure in
                measurements.differences(measure, of: system, to: reference).map { (name: measure.name, values: $0) }
            }
            let means = bootstrap.means(of: columns)
            return measures.compactMap { measure in
                means[measure.name].map {
                    StudyResults.DifferenceRow(
                        label: system.label,
                        reference: reference.label,
                        measure: measure.name,
                        difference: $0
                    )
                }
            }
        }
    }

    /// What N is worth; nil if nothing was sampled.
    package func sampling() throws -> StudyResults.SamplingRow? {
        guard let sampled, sampled.lists > 0 else { return nil }
        let counts = Self.counts.filter { $0 <= sampled.lists }
        var best: [String: [ConfidenceInterval?]] = [:]
        var merged: [String: [ConfidenceInterval?]] = [:]
        best[StudyMeasure.reward.name] = try sampled.curve(nil, at: counts, bootstrap: bootstrap)
        for measure in [StudyMeasure.recall5, .recall10, .ndcg10, .reciprocalRank] {
            best[measure.name] = try sampled.curve(measure.metric, at: counts, bootstrap: bootstrap)
            merged[measure.name] = sampled.mergedCurve(measure.metric, bootstrap: bootstrap)
        }
        return StudyResults.SamplingRow(
            label: outline.teacher.label,
            people: Set(sampled.people).count,
            counts: counts,
            best: best,
            mergedCounts: sampled.mergedCounts,
            merged: merged,
            gains: [
                StudyMeasure.reward.name: try sampled.gains(nil, at: counts, bootstrap: bootstrap),
                StudyMeasure.recall10.name: try sampled.gains(
                    StudyMeasure.recall10.metric,
                    at: counts,
                    bootstrap: bootstrap
                ),
            ]
        )
    }

    /// Mean and range over the seeds, with and without credit.
    package var credit: [StudyResults.SeedSummary] {
        [("with credit for queries", \StudyOutline.SeedPair.credit), ("without", \.plain)].map { label, path in
            let measured = outline.seeds.filter { measurements.isMeasured($0[keyPath: path]) }
            var summary = StudyResults.SeedSummary(
                label: label,
                seeds: measured.map(\.seed),
                means: [:],
                lowest: [:],
                highest: [:]
            )
            for measure in StudyMeasure.all {
                let means = measured.compactMap { pair in
                    measurements.perPerson(measure, of: pair[keyPath: path]).flatMap { values in
                        values.values.isEmpty ? nil : values.values.reduce(0, +) / Double(values.values.count)
                    }
                }
                guard let lowest = means.min(), let highest = means.max() else { continue }
                summary.means[measure.name] = means.reduce(0, +) / Double(means.count)
                summary.lowest[measure.name] = lowest
                summary.highest[measure.name] = highest
            }
            return summary
        }
    }

    /// The share of the teacher's gain that each student keeps.
    package var distillation: [StudyResults.KeptRow] {
        [outline.supervised, outline.onPolicy].flatMap { student in
            [StudyMeasure.reward, .rewardWithClicks, .recall10, .ndcg10].map { measure in
                StudyResults.KeptRow(
                    student: student.label,
                    measure: measure.name,
                    share: measurements.keptShare(
                        measure,
                        student: student,
                        teacher: outline.teacher,
                        undistilled: outline.undistilled,
                        bootstrap: bootstrap
                    )
                )
            }
        }
    }

    /// The lists of the first people before and after training.
    package var examples: [StudyResults.ExampleRow] {
        let systems = [outline.promptOnly, outline.warmUp, outline.teacher, outline.onPolicy]
        let lists = systems.compactMap { system in measurements.lists(of: system).map { (system.label, $0) } }
        guard let cases = lists.first?.1.cases else { return [] }
        return cases.prefix(Self.exampleCount).map { name in
            StudyResults.ExampleRow(
                person: name,
                lists: lists.compactMap { label, lists in
                    lists.cases.firstIndex(of: name).map { .init(label: label, queries: lists.queries[$0]) }
                }
            )
        }
    }
}

extension Bootstrap {
    /// The intervals of means by name; columns over the same people are drawn together, which takes no more draws than one of them.
    func means(of columns: [(name: String, values: PersonValues)]) -> [String: ConfidenceInterval] {
        var means: [String: ConfidenceInterval] = [:]
        for (_, group) in Dictionary(grouping: columns, by: \.values.people) {
            let intervals = self.means(group.map { $0.values.values.map(Optional.some) })
            for (column, interval) in zip(group, intervals) { means[column.name] = interval }
        }
        return means
    }
}

extension SampledValues {
    /// What the best of k adds to one list, as a mean over people with intervals, paired.
    func gains(_ metric: String?, at counts: [Int], bootstrap: Bootstrap) throws -> [ConfidenceInterval?] {
        let column = metric.flatMap { metrics.firstIndex(of: $0) }
        if metric != nil, column == nil { return counts.map { _ in nil } }
        var columns = counts.map { _ in [Double]() }
        for (index, scores) in scores.enumerated() {
            let curve = try ExpectedBest.curve(
                of: scores,
                measuring: column.map { column in values[index].map { $0[column] } }
            )
            for (place, count) in counts.enumerated() { columns[place].append(curve[count - 1] - curve[0]) }
        }
        return bootstrap.means(columns.map { PersonValues(people: people, values: $0).values.map(Optional.some) })
    }
}
