// The last stage of a step, and evaluations of held-out samples.

internal import IQModel
internal import IQText
internal import IQTraining

extension GRPORun {
    // MARK: Update

    func learn(isCancelled: () -> Bool) throws -> [GRPOEvent] {
        guard let draft, let credited = draft.credited else { return [] }
        let groups = draft.groups.keys.sorted().compactMap { place in
            draft.groups[place].map { trained($0, place: place, credited, prompt: draft.slots[place].sample) }
        }
        let rate = options.learningRate * options.schedule.fraction(step: state.step, total: totalSteps)
        let update = try updater.update(
            groups,
            step: state.step + 1,
            learningRate: rate,
            isCancelled: isCancelled
        )
        guard let update else { return try cancel() }
        var sums = RolloutSums(draft.groups.keys.sorted().compactMap { draft.groups[$0] })
        try sums.add(over: session.collective)
        state.step += 1
        state.tokens += update.rows
        self.draft = nil
        phase = .ready
        let reward = RewardSummary.mean(credited.whole.rewards.compactMap { $0 })
        progress.lastReward = reward
        let step = report(draft, credited, update, sums, rate: rate, reward: reward)
        try record(step, draft)
        var events = [GRPOEvent.step(step)]
        if credited.constantGroups.count == draft.slots.count {
            events.append(.warning(GRPOWarning(step: state.step, kind: .nothingToLearn)))
        }
        events += warnings(progress.detector.observe(sums.observation(entropy: step.entropy, reward: reward)))
        return events
    }

    /// A group's tokens with the advantages that they are paid.
    private func trained(
        _ group: ScoredGroup,
        place: Int,
        _ credited: CreditedAdvantages,
        prompt: Int
    ) -> TrainedGroup {
        let isTruncated =
            engine.grammar != nil || options.rollout.sampling.topK > 0 || options.rollout.sampling.topP < 1
            || options.rollout.sampling.minP > 0
        var completions: [TrainedCompletion] = []
        for (member, completion) in group.completions.enumerated() {
            let index = place * options.groupSize + member
            let whole = credited.whole.values[index]
            var advantages = [Double](repeating: whole, count: completion.tokens.count)
            if options.credit != .none, let tokenizer = session.tokenizer, !group.spans[member].isEmpty {
                let texts = TokenTexts(
                    completion.tokens,
                    tokenizer: tokenizer,
                    byteCount: completion.text.utf8.count
                )
                for (token, span) in texts.spans(of: group.spans[member]).enumerated() {
                    if let span { advantages[token] = credited.spans[index][span] }
                }
            }
            // Where the sampler had no choice there is nothing to learn.
            var mask = completion.logProbabilities.map { !isTruncated || $0 < 0 }
            if options.cutCompletions == .masked, completion.isCut { mask = mask.map { _ in false } }
            let isCopy = options.rollout.precision != .trained
            let isRaw = options.rollout.sampling.temperature == 1
            completions.append(
                TrainedCompletion(
                    tokens: completion.tokens,
                    advantages: advantages,
                    mask: mask,
                    // Options see to it that one of the two is of the whole distribution at the policy's temperature.
                    sampler: isCopy ? (isRaw ? completion.rawLogProbabilities : completion.logProbabilities) : nil
                )
            )
        }
        return TrainedGroup(prompt: data.prompts[prompt], completions: completions)
    }

    private func report(
        _ draft: StepDraft,
        _ credited: CreditedAdvantages,
        _ update: PolicyUpdateResult,
        _ sums: RolloutSums,
        rate: Double,
        reward: Double?
    ) -> GRPOStep {
        let tallies = update.tallies
        func perToken(_ sum: Double) -> Double? { tallies.tokens > 0 ? sum / tallies.tokens : nil }
        let isCopy = options.rollout.precision != .trained
        return GRPOStep(
            step: state.step,
            steps: totalSteps,
            epoch: Double(state.cursor.epoch) + Double(state.cursor.position) / Double(plan.count),
            loss: update.loss,
            reward: reward,
            gradientNorm: update.gradientNorm,
            learningRate: rate,
            entropy: perToken(tallies.entropy) ?? (sums.tokens > 0 ? sums.surprise / sums.tokens : nil),
            kl: options.reference == .none ? nil : perToken(tallies.kl),
            clippedLow: perToken(tallies.clippedLow) ?? 0,
            clippedHigh: perToken(tallies.clippedHigh) ?? 0,
            meanRatio: perToken(tallies.ratio),
            maximumRatio: tallies.tokens > 0 ? tallies.largestRatio : nil,
            samplerGap: isCopy ? perToken(tallies.samplerGap) : nil,
            cutImportance: isCopy ? perToken(tallies.cutImportance) : nil,
            completionLength: sums.tokens / max(1, sums.completions),
            cutShare: sums.cut / max(1, sums.completions),
            validShare: sums.valid / max(1, sums.completions),
            constantGroups: credited.constantGroups.count,
            tokens: update.rows,
            totalTokens: state.tokens,
            seconds: GRPOStep.Seconds(
                total: clock.seconds() - draft.began,
                generation: draft.generationSeconds,
                rewards: draft.rewardSeconds,
                gradients: update.gradientSeconds,
                optimizer: update.optimizerSeconds
            ),
            isApplied: update.isApplied
        )
    }

    private func record(_ step: GRPOStep, _ draft: StepDraft) throws {
        guard let log else { return }
        var metrics: [MetricRecord.Metric] = []
        func add(_ name: String, _ value: Double?) {
            if let value { metrics.append(MetricRecord.Metric(name, value)) }
        }
        add("reward", step.reward)
        for (index, name) in rewardNames.enumerated() {
            add("reward/\(name)", RewardSummary.mean(draft.values.flatMap { $0 }.compactMap { $0[index] }))
        }
        add("loss", step.loss)
        add("entropy", step.entropy)
        add("kl", step.kl)
        add("gradient_norm", step.gradientNorm)
        add("learning_rate", step.learningRate)
        add("clipped_low", step.clippedLow)
        add("clipped_high", step.clippedHigh)
        add("maximum_ratio", step.maximumRatio)
        add("sampler_gap", step.samplerGap)
        add("cut_importance", step.cutImportance)
        add("completion_length", step.completionLength)
        add("cut_share", step.cutShare)
        add("valid_share", step.validShare)
        add("constant_groups", Double(step.constantGroups))
        add("resamplings", Double(draft.resampling))
        add("skipped_steps", Double(session.guardian.skipped))
        add("seconds_total", step.seconds.total)
        add("seconds_generation", step.seconds.generation)
        add("seconds_rewards", step.seconds.rewards)
        add("seconds_gradients", step.seconds.gradients)
        add("seconds_optimizer", step.seconds.optimizer)
        try log.log(step: step.step, tokens: state.tokens, metrics: metrics)
    }

    // MARK: Evaluation

    /// Samples one completion of each held-out sample.
    func evaluate(isCancelled: () -> Bool) throws -> [GRPOEvent] {
        guard let holdOut else { return [] }
        let began = clock.seconds()
        try engine.refresh()
        let collective = session.collective
        let mine = holdOut.prompts.indices.filter { $0 % collective.count == collective.rank }
        var scores = PendingScores()
        var sequences: [Int: [GeneratedSequence]] = [:]
        let cost = try engine.generate(
            mine.map {
                RolloutPrompt(tokens: holdOut.prompts[$0], firstStream: SamplePlan.evaluationStream(sample: $0))
            },
            groupSize: 1,
            seed: options.seed,
            sampling: options.evaluatesGreedily ? .greedy : nil,
            isCancelled: { collective.count == 1 && isCancelled() },
            finished: { index, completions in
                let place = mine[index]
                sequences[place] = completions
                let score = holdOut.score
                scores.start(place: place) { try await score(place, completions) }
            }
        )
        guard cost != nil else {
            scores.cancel()
            return try cancel()
        }
        evaluation = (began, sequences)
        pending = scores
        return []
    }

    func receiveEvaluation(_ scores: [(place: Int, scores: GroupScores)]) throws -> [GRPOEvent] {
        guard let holdOut, let evaluation else { return [] }
        self.evaluation = nil
        phase = .ready
        // Values and flags of all samples, by reward.
        let width = holdOut.names.count
        var table = [Double](repeating: 0, count: holdOut.prompts.count * width * 2)
        for (place, found) in scores {
            for (reward, score) in (found.scores.first ?? []).enumerated() {
                guard let value = score?.value, value.isFinite else { continue }
                table[2 * (place * width + reward)] = value
                table[2 * (place * width + reward) + 1] = 1
            }
        }
        let shared = try session.collective.sum(table)
        let values: [[Double?]] = holdOut.prompts.indices.map { place in
            (0..<width).map { reward in
                let index = 2 * (place * width + reward)
                return shared[index + 1] > 0 ? shared[index] : nil
            }
        }
        let metric: Double?
        if let metricName, let index = holdOut.names.firstIndex(of: metricName) {
            metric = RewardSummary.mean(values.compactMap { $0[index] })
        } else {
            metric = RewardSummary.mean(
                values.compactMap { AdvantageEstimator.weightedSum($0, holdOut.weights) }
            )
        }
        return try judge(metric ?? 0, values, scores, evaluation.began)
    }

    private func judge(
        _ metric: Double,
        _ values: [[Double?]],
        _ scores: [(place: Int, scores: GroupScores)],
        _ began: Double
    ) throws -> [GRPOEvent] {
        guard let holdOut else { return [] }
        let isBest = metric > progress.bestMetric ?? -.infinity
        progress.evaluatedStep = state.step
        progress.lastMetric = metric
        if isBest { (progress.bestMetric, progress.bestStep) = (metric, state.step) }
        var seconds = [Double](repeating: 0, count: holdOut.names.count)
        var cached = [Int](repeating: 0, count: holdOut.names.count)
        for (_, found) in scores {
            for (index, value) in found.seconds.enumerated() { seconds[index] += value }
            for (index, value) in found.cached.enumerated() { cached[index] += value }
        }
        let summaries = RewardSummary.all(
            names: holdOut.names,
            weights: holdOut.weights,
            values: values,
            seconds: seconds,
            cached: cached,
            failures: scores.flatMap(\.scores.failures)
        )
        var metrics = [MetricRecord.Metric("holdout", metric)]
        for summary in summaries {
            if let mean = summary.mean { metrics.append(MetricRecord.Metric("holdout/\(summary.name)", mean)) }
        }
        try log?.log(step: state.step, tokens: state.tokens, metrics: metrics)
        let found = progress.detector.observe(holdOut: metric)
        var events: [GRPOEvent] = [
            .evaluation(
                GRPOEvaluation(
                    step: state.step,
                    metric: metric,
                    rewards: summaries,
                    isBest: isBest,
                    seconds: clock.seconds() - began
                )
            )
        ]
        if !found.isEmpty {
            signs += found
            events += found.map { .warning(GRPOWarning(step: state.step, kind: .collapse($0))) }
        }
        if isBest { events += try save(isBest: true) }
        return events
    }
}
