// The results as tables in Markdown, in the order of the paper's.

internal import IQInterest
internal import IQTraining

/// Writes `results.md`.
package struct StudyTables: Sendable {
    private let outline: StudyOutline
    private let results: StudyResults
    /// What stands for long paths in commands, by path.
    private let shortNames: [(path: String, name: String)]

    /// - Parameter shortNames: what stands for paths in commands; the longest first.
    package init(_ outline: StudyOutline, results: StudyResults, shortNames: [(path: String, name: String)] = []) {
        self.outline = outline
        self.results = results
        self.shortNames = shortNames
    }

    package var markdown: String {
        [
            "# Results of the study\n\n" + introduction, claims, headline, rewards, differences, sampling, capacity,
            ablation, credit, distillation, examples, commands,
        ]
        .joined(separator: "\n")
    }

    private var introduction: String {
        let people = results.systems.map(\.people).max() ?? 0
        let level = StudyText.percent(results.bootstrap.level)
        return
            "Written \(results.written) on \(results.machine.processors) processors (\(results.machine.processor)), version "
            + "\(results.software.package). Means over \(people) people with \(level) bootstrap intervals over people, "
            + "\(NumberText.grouped(results.bootstrap.resamples)) resamples; differences are paired by person. "
            + "\"reward\" is the sum of the five rewards that need no label, \"reward with clicks\" has later clicks in. Figures of the "
            + "paper are of other models, other data and other users: only directions compare.\n"
    }

    private var claims: String {
        let rows = results.claims.map { [$0.claim, $0.verdict.rawValue, $0.evidence] }
        return "## The paper's claims, what is not seen first\n\n"
            + StudyText.table(["claim", "here", "evidence"], rows)
    }

    private var mainSystems: [StudyOutline.System] {
        [
            outline.promptOnly, outline.warmUp, outline.teacher, outline.supervised, outline.onPolicy,
            outline.undistilled,
        ] + outline.baselines
    }

    private var headline: String {
        let measures = StudyMeasure.rankings
        let rows = mainSystems.map { system -> [String] in
            let row = results.system(system.label)
            return [system.label]
                + measures.map { StudyText.measure($0, of: row) }
                + [
                    row?.usersPerSecond.map(StudyText.rate) ?? StudyText.none,
                    row?.mostFrequentShare.map(StudyText.percent) ?? StudyText.none,
                    system.paper.map(Self.paper) ?? StudyText.none,
                ]
        }
        let header =
            ["method"] + measures.map(\.name)
            + ["users/s", "people with the most frequent list", "paper: R@5 / R@10 / NDCG@5 / NDCG@10 / MRR"]
        return "## Methods\n\n" + StudyText.table(header, rows)
    }

    private static func paper(_ row: PaperRow) -> String {
        let figures = ["Recall@5", "Recall@10", "NDCG@5", "NDCG@10", "MRR"]
            .map { row.figures[$0].map { StudyText.number($0) } ?? "–" }
        return "\(row.name): " + figures.joined(separator: " / ")
    }

    private var rewards: String {
        let measures = [StudyMeasure.reward, .rewardWithClicks] + StudyMeasure.rewardNames.map { .reward($0) }
        let listing = mainSystems.filter { system in
            !outline.baselines.contains(system)
                || results.system(system.label)?.measures[StudyMeasure.reward.name] != nil
        }
        let rows = listing.map { system in
            [system.label] + measures.map { StudyText.measure($0, of: results.system(system.label)) }
        }
        return "## Rewards of the written lists\n\n" + StudyText.table(["method"] + measures.map(\.name), rows)
    }

    private var differences: String {
        let measures: [StudyMeasure] = [.reward, .rewardWithClicks, .recall10, .ndcg10, .area, .union10]
        var pairs: [(label: String, reference: String)] = []
        for row in results.differences where !pairs.contains(where: { $0 == (row.label, row.reference) }) {
            pairs.append((row.label, row.reference))
        }
        let rows = pairs.map { pair in
            ["\(pair.label) less \(pair.reference)"]
                + measures.map { StudyText.signed(results.difference($0, of: pair.label, to: pair.reference)) }
        }
        return "## Differences\n\n" + StudyText.table(["difference"] + measures.map(\.name), rows)
    }

    private var sampling: String {
        let title = "## Best of N\n\n"
        guard let curve = results.sampling else { return title + StudyText.missing + "\n" }
        let measures: [StudyMeasure] = [.reward, .recall5, .recall10, .ndcg10, .reciprocalRank]
        func cell(_ values: [String: [ConfidenceInterval?]], _ measure: StudyMeasure, _ place: Int) -> String {
            let row = values[measure.name] ?? []
            return row.indices.contains(place)
                ? row[place].map { StudyText.interval($0) } ?? StudyText.none : StudyText.none
        }
        let rows = curve.counts.enumerated().map { place, count in
            [String(count)] + measures.map { cell(curve.best, $0, place) }
                + [PaperFigures.bestOf[count].map { StudyText.number($0) } ?? "–"]
        }
        let merged = curve.mergedCounts.enumerated().map { place, count in
            [String(count)] + measures.dropFirst().map { cell(curve.merged, $0, place) }
        }
        return title
            + "\(curve.label), \(curve.people) people, one sampling of \(curve.counts.last ?? 0) lists: the list with the largest reward "
            + "(no later clicks) among N, over all ways of taking N of them.\n\n"
            + StudyText.table(["N"] + measures.map(\.name) + ["paper: R@10"], rows)
            + "\nLists that the first N agree on (self-consistency):\n\n"
            + StudyText.table(["N"] + measures.dropFirst().map(\.name), merged)
    }

    private var capacity: String {
        let measures: [StudyMeasure] = [.reward, .recall10, .ndcg10, .area]
        let rows = outline.capacity.flatMap { model in
            [("before GRPO", model.before), ("after GRPO", model.after)].map { label, system -> [String] in
                let row = results.system(system.label)
                return [String(model.layers), label]
                    + measures.map { StudyText.measure($0, of: row) }
                    + [
                        row?.usersPerSecond.map(StudyText.rate) ?? StudyText.none,
                        row?.mostFrequentShare.map(StudyText.percent) ?? StudyText.none,
                    ]
            }
        }
        let paper = PaperFigures.capacity.map { "\($0.model) \(StudyText.number($0.recall10))" }.joined(separator: ", ")
        let header = ["layers", ""] + measures.map(\.name) + ["users/s", "people with the most frequent list"]
        return "## Capacity\n\n" + StudyText.table(header, rows) + "\nThe paper's Recall@10: \(paper).\n"
    }

    private var ablation: String {
        let measures: [StudyMeasure] =
            [.recall10, .ndcg10, .reward, .rewardWithClicks] + StudyMeasure.rewardNames.map { .reward($0) }
        let all = [("all rewards", outline.allRewards, "")]
        let without = outline.ablations.map { ablation in
            (
                "without \(ablation.reward)", ablation.system,
                PaperFigures.without[ablation.reward].map { StudyText.number($0) } ?? "–"
            )
        }
        let rows = (all + without).map { label, system, paper in
            [label] + measures.map { StudyText.measure($0, of: results.system(system.label)) } + [paper]
        }
        let full = PaperFigures.teacher.figures["Recall@10"].map { StudyText.number($0) } ?? ""
        return "## Without one reward\n\n"
            + StudyText.table(["rewards"] + measures.map(\.name) + ["paper: R@10 (all: \(full))"], rows)
    }

    private var credit: String {
        let measures: [StudyMeasure] = [
            .recall10, .ndcg10, .reciprocalRank, .area, .union10, .reward, .rewardWithClicks,
        ]
        let seeds = outline.seeds.flatMap { pair in
            [("with credit for queries", pair.credit), ("without", pair.plain)].map { label, system in
                [label, "seed \(pair.seed)"]
                    + measures.map { StudyText.measure($0, of: results.system(system.label)) }
            }
        }
        let summaries = results.credit.map { summary in
            [summary.label, "\(summary.seeds.count) seed\(summary.seeds.count == 1 ? "" : "s"): mean (range)"]
                + measures.map { measure -> String in
                    guard let mean = summary.means[measure.name], let low = summary.lowest[measure.name],
                        let high = summary.highest[measure.name]
                    else { return StudyText.missing }
                    return "\(StudyText.number(mean)) (\(StudyText.number(low)) to \(StudyText.number(high)))"
                }
        }
        let gain = PaperFigures.creditGain
        return "## Credit for queries\n\n"
            + StudyText.table(["policy", ""] + measures.map(\.name), seeds + summaries)
            + "\narXiv 2609.29983: Recall@10 +\(StudyText.percent(gain.lowerBound)) to +\(StudyText.percent(gain.upperBound)) over "
            + "list-level rewards.\n"
    }

    private var distillation: String {
        let rows = results.distillation.map { row in
            let isMeasured = [row.student, outline.teacher.label, outline.undistilled.label]
                .allSatisfy { results.system($0)?.isMeasured ?? false }
            let missing = isMeasured ? "the teacher has no gain" : StudyText.missing
            return [row.student, row.measure, row.share.map { StudyText.interval($0) } ?? missing]
        }
        return "## Distillation: how much of the teacher's gain a student keeps\n\n"
            + "(student − undistilled) / (teacher − undistilled), of means over the same people; the students' rows are under Methods.\n\n"
            + StudyText.table(["student", "measure", "share kept"], rows)
    }

    private var examples: String {
        let people = results.examples.enumerated().map { number, example in
            "Person \(number + 1):\n\n"
                + example.lists.map { list in
                    let queries = list.queries.isEmpty ? "no list" : list.queries.joined(separator: " · ")
                    return "- \(list.label): \(queries)\n"
                }
                .joined()
        }
        return "## Lists before and after\n\n"
            + (people.isEmpty ? StudyText.missing + "\n" : people.joined(separator: "\n"))
    }

    private var commands: String {
        let rows = results.stages.map { stage in
            [
                stage.name, stage.state, stage.seconds.map { NumberText.duration($0) } ?? "–",
                "`\(shortened(stage.command))`",
            ]
        }
        return "## Commands\n\n" + StudyText.table(["stage", "state", "time", "command"], rows)
    }

    private func shortened(_ command: String) -> String {
        shortNames.reduce(command) { $0.replacing($1.path, with: $1.name) }
    }
}
