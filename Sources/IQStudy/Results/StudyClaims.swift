// What the paper claims, each held against what was measured here.

internal import IQInterest

/// Holds the paper's claims against results.
package struct StudyClaims: Sendable {
    private let outline: StudyOutline
    private let results: StudyResults

    package init(_ outline: StudyOutline, results: StudyResults) {
        self.outline = outline
        self.results = results
    }

    /// Those that were not seen first, then those that cannot be told, then those that were, then those that nobody looked at.
    package var rows: [StudyResults.ClaimRow] {
        let rows =
            training + personal + [credit] + sampling + [capacity] + ablations + distillation + [speed]
        let order: [StudyResults.ClaimRow.Verdict] = [.notSeen, .unclear, .seen, .notRun]
        return order.flatMap { verdict in rows.filter { $0.verdict == verdict } }
    }

    private typealias Row = StudyResults.ClaimRow

    private func text(_ interval: ConfidenceInterval) -> String { StudyText.signed(interval) }

    /// A claim that a difference is above zero: seen if its interval is.
    private func isMore(_ claim: String, _ measure: StudyMeasure, _ label: String, than reference: String) -> Row {
        guard let difference = results.difference(measure, of: label, to: reference) else {
            return Row(claim: claim, verdict: .notRun, evidence: "")
        }
        return Row(
            claim: claim,
            verdict: difference.lower > 0 ? .seen : .notSeen,
            evidence: "\(measure.name), \(label) less \(reference): \(text(difference))"
        )
    }

    private var training: [Row] {
        let (teacher, prompted, warm) = (outline.teacher.label, outline.promptOnly.label, outline.warmUp.label)
        var rows = [
            isMore("training by rewards finds more than the prompt alone", .recall10, teacher, than: prompted),
            isMore("GRPO raises the reward over the warm-up", .reward, teacher, than: warm),
            isMore("GRPO raises recall over the warm-up", .recall10, teacher, than: warm),
        ]
        for baseline in outline.baselines {
            let name = "the teacher finds more than \(baseline.label)"
            let row = isMore(name, .recall10, teacher, than: baseline.label)
            if row.verdict != .notRun { rows.append(row) }
        }
        return rows
    }

    /// Without this, recall may be popularity learnt by heart. Sampled lists differ by chance, which shows nothing of it; one list
    /// for most people is seen in them too.
    private var personal: [Row] {
        let claim = "lists are personal (most people have a list of their own)"
        guard let row = results.system(outline.teacher.label), let share = row.mostFrequentShare,
            let distinct = row.distinctLists, let lists = row.lists
        else { return [Row(claim: claim, verdict: .notRun, evidence: "")] }
        var evidence = "\(distinct) different lists of \(lists); "
        evidence += "\(StudyText.percent(share)) of the people have the most frequent one"
        var verdict: Row.Verdict = 2 * distinct > lists ? .seen : .notSeen
        if verdict == .seen && outline.temperature > 0 {
            verdict = .unclear
            evidence += ", but sampled lists differ by chance: measure at temperature 0"
        }
        return [Row(claim: claim, verdict: verdict, evidence: evidence)]
    }

    private var credit: Row {
        let claim = "credit for queries is worth more than credit for lists (arXiv 2609.29983), over all seeds"
        let differences = outline.seeds.compactMap {
            results.difference(.recall10, of: $0.credit.label, to: $0.plain.label)
        }
        guard !differences.isEmpty else { return Row(claim: claim, verdict: .notRun, evidence: "") }
        return Row(
            claim: claim,
            verdict: differences.allSatisfy { $0.lower > 0 } ? .seen : .notSeen,
            evidence: "Recall@10, seed by seed: " + differences.map(text).joined(separator: ", ")
        )
    }

    private var sampling: [Row] {
        [
            (StudyMeasure.reward, "the best of more lists has more reward"),
            (.recall10, "the best of more lists finds more"),
        ]
        .map { measure, claim in
            guard let gain = results.sampling?.gains[measure.name]?.last.flatMap(\.self),
                let count = results.sampling?.counts.last, count > 1
            else { return Row(claim: claim, verdict: .notRun, evidence: "") }
            return Row(
                claim: claim,
                verdict: gain.lower > 0 ? .seen : .notSeen,
                evidence: "\(measure.name), best of \(count) less one list: \(text(gain))"
            )
        }
    }

    private var capacity: Row {
        let claim = "larger models find more after the same training"
        guard let least = outline.capacity.first?.after, let most = outline.capacity.last?.after,
            let difference = results.difference(.recall10, of: least.label, to: most.label)
        else { return Row(claim: claim, verdict: .notRun, evidence: "") }
        return Row(
            claim: claim,
            verdict: difference.upper < 0 ? .seen : .notSeen,
            evidence: "Recall@10, \(least.label) less \(most.label): \(text(difference))"
        )
    }

    private var ablations: [Row] {
        outline.ablations.map { ablation in
            let claim = "without \(ablation.reward), lists find less"
            guard
                let difference = results.difference(
                    .recall10,
                    of: ablation.system.label,
                    to: outline.allRewards.label
                )
            else { return Row(claim: claim, verdict: .notRun, evidence: "") }
            return Row(
                claim: claim,
                verdict: difference.upper < 0 ? .seen : .notSeen,
                evidence: "Recall@10, without it less with all: \(text(difference))"
            )
        }
    }

    private var distillation: [Row] {
        let (onPolicy, supervised) = (outline.onPolicy.label, outline.supervised.label)
        var rows = [
            isMore("on-policy distillation beats none (reward)", .reward, onPolicy, than: outline.undistilled.label),
            isMore("on-policy distillation beats supervised (reward)", .reward, onPolicy, than: supervised),
            isMore("on-policy distillation beats supervised (recall)", .recall10, onPolicy, than: supervised),
        ]
        let claim = "the on-policy student keeps at least 90 % of the teacher's gain in reward"
        let share = results.distillation
            .first { $0.student == onPolicy && $0.measure == StudyMeasure.reward.name }?.share
        rows.append(
            share.map {
                Row(
                    claim: claim,
                    verdict: $0.estimate >= 0.9 ? .seen : .notSeen,
                    evidence: "share kept: \(StudyText.interval($0))"
                )
            } ?? withoutShare(claim)
        )
        return rows
    }

    /// No share is there because a model was not measured, or because there is no gain to keep.
    private func withoutShare(_ claim: String) -> Row {
        let (teacher, undistilled) = (outline.teacher.label, outline.undistilled.label)
        guard results.difference(.reward, of: outline.onPolicy.label, to: undistilled) != nil,
            let lead = results.difference(.reward, of: undistilled, to: teacher)
        else { return Row(claim: claim, verdict: .notRun, evidence: "") }
        return Row(
            claim: claim,
            verdict: .unclear,
            evidence: "no gain to keep: reward, \(undistilled) less \(teacher): \(text(lead))"
        )
    }

    private var speed: Row {
        let claim = "the student serves at least 3 times the teacher's users a second"
        guard let student = results.system(outline.onPolicy.label)?.usersPerSecond,
            let teacher = results.system(outline.teacher.label)?.usersPerSecond, teacher > 0
        else { return Row(claim: claim, verdict: .notRun, evidence: "") }
        return Row(
            claim: claim,
            verdict: student >= 3 * teacher ? .seen : .notSeen,
            evidence: "\(StudyText.rate(student)) against \(StudyText.rate(teacher)) users a second, "
                + "\(StudyText.rate(student / teacher)) times; the paper has 67 against 2"
        )
    }
}
