// The stages of a step: sampling, rewards, update.

internal import IQModel
internal import IQTensor
internal import IQText
internal import IQTraining

extension GRPORun {
    // MARK: Sampling

    func beginStep() throws {
        try engine.refresh()
        cursorBefore = state.cursor
        draft = StepDraft(
            samples: plan.take(options.promptsPerStep, at: &state.cursor),
            groupSize: options.groupSize,
            rewards: rewardNames.count,
            began: clock.seconds()
        )
        phase = .sampling
    }

    private func isMine(_ place: Int) -> Bool { place % session.collective.count == session.collective.rank }

    /// Samples the pending groups of this process; each one's rewards begin while the others are decoded.
    func sample(isCancelled: () -> Bool) throws -> [GRPOEvent] {
        guard var draft else { return [] }
        let mine = draft.pending.filter(isMine)
        var scores = PendingScores()
        var groups: [Int: [GeneratedSequence]] = [:]
        let cost = try engine.generate(
            mine.map { place in
                RolloutPrompt(
                    tokens: data.prompts[draft.slots[place].sample],
                    firstStream: SamplePlan.stream(step: state.step, resampling: draft.resampling, place: place)
                )
            },
            groupSize: options.groupSize,
            seed: options.seed,
            isCancelled: { session.collective.count == 1 && isCancelled() },
            finished: { index, completions in
                let place = mine[index]
                let sample = draft.slots[place].sample
                groups[place] = completions
                let score = data.score
                scores.start(place: place) { try await score(sample, completions) }
            }
        )
        guard let cost else {
            scores.cancel()
            return try cancel()
        }
        draft.generationSeconds += cost.seconds
        draft.sequences = groups
        self.draft = draft
        pending = scores
        phase = .scoring
        let rollouts = GRPORollouts(
            step: state.step + 1,
            resampling: draft.resampling,
            groups: groups.keys.sorted().map {
                GRPORollouts.Group(sample: draft.slots[$0].sample, completions: groups[$0] ?? [])
            },
            sampledTokens: cost.sampledTokens,
            seconds: cost.seconds
        )
        return [.rollouts(rollouts)]
    }

    // MARK: Rewards

    /// Takes the rewards that were waited for.
    func receive(_ scores: [(place: Int, scores: GroupScores)], seconds: Double) throws -> [GRPOEvent] {
        pending = nil
        if phase == .evaluating { return try receiveEvaluation(scores) }
        guard var draft else { return [] }
        draft.rewardSeconds += seconds
        for (place, found) in scores {
            guard let completions = draft.sequences[place] else { continue }
            draft.groups[place] = ScoredGroup(
                completions: completions,
                spans: found.spans,
                scores: try withExtraRewards(found.scores, completions, prompt: draft.slots[place].sample)
            )
            for (index, seconds) in found.seconds.enumerated() { draft.scorerSeconds[index] += seconds }
            for (index, count) in found.cached.enumerated() { draft.cached[index] += count }
            draft.failures += found.failures
        }
        try exchangeValues(&draft)
        let credited = try advantages(draft)
        draft.credited = credited
        let constant = Set(credited.constantGroups)
        if draft.resampling < options.resamplings, !constant.isEmpty {
            // The next samples take the places of those that teach nothing.
            draft.resampling += 1
            let places = constant.sorted()
            for (place, sample) in zip(places, plan.take(places.count, at: &state.cursor)) {
                draft.slots[place] = StepSlot(sample: sample, resampling: draft.resampling)
                draft.groups[place] = nil
            }
            draft.pending = places
            self.draft = draft
            phase = .sampling
            return []
        }
        self.draft = draft
        phase = .learning
        var events = draft.failures.map { failure in
            let kind = GRPOWarning.Kind.rewardFailed(name: failure.reward, message: failure.message)
            return GRPOEvent.warning(GRPOWarning(step: state.step + 1, kind: kind))
        }
        events.append(.rewards(summary(draft, credited)))
        return events
    }

    /// KL and cut completions as rewards, where the options make them such. They are for completions that have another
    /// reward: one without any stays without.
    private func withExtraRewards(
        _ scores: [[RewardScore?]],
        _ completions: [GeneratedSequence],
        prompt: Int
    ) throws -> [[RewardScore?]] {
        var result = scores
        switch options.reference {
        case .reward, .divergenceReward:
            let group = TrainedGroup(
                prompt: data.prompts[prompt],
                completions: completions.map { completion in
                    TrainedCompletion(
                        tokens: completion.tokens,
                        advantages: [Double](repeating: 0, count: completion.tokens.count),
                        mask: [Bool](repeating: true, count: completion.tokens.count)
                    )
                }
            )
            for (index, kl) in try updater.divergences([group])[0].enumerated() {
                result[index].append(scores[index].contains { $0 != nil } ? RewardScore(kl) : nil)
            }
        case .none, .penalty, .divergence: break
        }
        if case .penalised = options.cutCompletions {
            for (index, completion) in completions.enumerated() {
                let isScored = scores[index].contains { $0 != nil }
                result[index].append(isScored ? RewardScore(completion.isCut ? 1 : 0) : nil)
            }
        }
        return result
    }

    /// All processes learn the values of all pending groups: advantages may depend on the whole batch.
    private func exchangeValues(_ draft: inout StepDraft) throws {
        let width = options.groupSize * rewardNames.count
        var table = [Double](repeating: 0, count: draft.pending.count * width * 2)
        for (row, place) in draft.pending.enumerated() {
            guard let group = draft.groups[place] else { continue }
            for (member, scores) in group.scores.enumerated() {
                for (reward, score) in scores.enumerated() {
                    guard let value = score?.value, value.isFinite else { continue }
                    let index = 2 * (row * width + member * rewardNames.count + reward)
                    table[index] = value
                    table[index + 1] = 1
                }
            }
        }
        let shared = try session.collective.sum(table)
        for (row, place) in draft.pending.enumerated() {
            for member in 0..<options.groupSize {
                for reward in rewardNames.indices {
                    let index = 2 * (row * width + member * rewardNames.count + reward)
                    draft.values[place][member][reward] = shared[index + 1] > 0 ? shared[index] : nil
                }
            }
        }
    }

    /// Advantages of all completions; those of spans only for the groups of this process.
    private func advantages(_ draft: StepDraft) throws -> CreditedAdvantages {
        var scores: [[RewardScore?]] = []
        var spanCounts: [Int] = []
        for (place, values) in draft.values.enumerated() {
            if let group = draft.groups[place] {
                scores += group.scores
                spanCounts += group.spans.map(\.count)
            } else {
                scores += values.map { $0.map { $0.map { RewardScore($0) } } }
                spanCounts += values.map { _ in 0 }
            }
        }
        let groups = draft.values.indices.map { $0 * options.groupSize..<($0 + 1) * options.groupSize }
        let credited = try options.advantages.advantages(
            scores: scores,
            weights: rewardWeights,
            groups: groups,
            spanCounts: spanCounts,
            credit: options.credit
        )
        guard options.credit != .none, session.collective.count > 1 else { return credited }
        // Only the process that has a group knows whether its spans differ.
        let own = Set(credited.constantGroups)
        let flags = try session.collective.sum(draft.values.indices.map { isMine($0) && own.contains($0) ? 1 : 0 })
        return CreditedAdvantages(
            whole: credited.whole,
            spans: credited.spans,
            constantGroups: flags.indices.filter { flags[$0] > 0 }
        )
    }

    private func summary(_ draft: StepDraft, _ credited: CreditedAdvantages) -> GRPORewards {
        let completions = draft.values.flatMap { $0 }
        let totals = credited.whole.rewards.compactMap { $0 }
        return GRPORewards(
            step: state.step + 1,
            completions: completions.count,
            mean: RewardSummary.mean(totals),
            rewards: RewardSummary.all(
                names: rewardNames,
                weights: rewardWeights,
                values: completions,
                seconds: draft.scorerSeconds,
                cached: draft.cached,
                failures: draft.failures
            ),
            constantGroups: credited.constantGroups.count,
            groups: draft.slots.count,
            unscored: credited.whole.unscored.count,
            seconds: draft.rewardSeconds
        )
    }
}

extension RewardSummary {
    /// Of values by completion and reward.
    static func all(
        names: [String],
        weights: [Double],
        values: [[Double?]],
        seconds: [Double],
        cached: [Int],
        failures: [GroupScores.Failure]
    ) -> [RewardSummary] {
        names.indices.map { reward in
            let scored = values.compactMap { $0[reward] }
            return RewardSummary(
                name: names[reward],
                weight: weights[reward],
                scored: scored.count,
                unscored: values.count - scored.count,
                mean: mean(scored),
                deviation: deviation(scored),
                minimum: scored.min(),
                maximum: scored.max(),
                seconds: seconds[reward],
                cached: cached[reward],
                failures: failures.count { $0.reward == names[reward] }
            )
        }
    }
}
