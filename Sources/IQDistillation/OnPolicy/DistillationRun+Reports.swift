// What a distillation measures: the figures of a step, and the divergence on held-out prompts.

internal import IQModel
internal import IQTraining

extension DistillationRun {
    /// The figures of the step that was just made, over all processes.
    func report(
        _ written: [Written],
        _ update: DistillationUpdate,
        rate: Double,
        onPolicyShare: Double,
        generation: Double,
        total: Double
    ) throws -> DistillationStep {
        let own = written.filter { $0.author == .student }.flatMap(\.sequences)
        let sampled = written.flatMap(\.sequences)
        let completions = written.flatMap(\.completions)
        let sums = try session.collective.sum([
            Double(completions.count), Double(completions.reduce(0) { $0 + $1.count }),
            Double(sampled.count), Double(sampled.count { $0.reason == .maximumTokens || $0.reason == .contextFull }),
            Double(own.reduce(0) { $0 + $1.tokens.count }),
            own.reduce(0) { $0 - $1.logProbabilities.reduce(0) { $0 + Double($1) } },
        ])
        return DistillationStep(
            step: state.step,
            steps: totalSteps,
            epoch: Double(state.cursor.epoch) + Double(state.cursor.position) / Double(plan.count),
            loss: update.loss,
            gradientNorm: update.gradientNorm,
            learningRate: rate,
            entropy: sums[4] > 0 ? sums[5] / sums[4] : nil,
            completionLength: sums[1] / max(1, sums[0]),
            cutShare: sums[3] / max(1, sums[2]),
            onPolicyShare: onPolicyShare,
            tokens: update.rows,
            totalTokens: state.tokens,
            seconds: DistillationStep.Seconds(
                total: total,
                generation: generation,
                teacher: update.teacherSeconds,
                gradients: update.gradientSeconds,
                optimizer: update.optimizerSeconds
            ),
            isApplied: update.isApplied
        )
    }

    func record(_ step: DistillationStep) throws {
        var metrics: [MetricRecord.Metric] = []
        func add(_ name: String, _ value: Double?) {
            if let value { metrics.append(MetricRecord.Metric(name, value)) }
        }
        add("loss", step.loss)
        add("entropy", step.entropy)
        add("gradient_norm", step.gradientNorm)
        add("learning_rate", step.learningRate)
        add("completion_length", step.completionLength)
        add("cut_share", step.cutShare)
        add("on_policy_share", step.onPolicyShare)
        add("skipped_steps", Double(session.guardian.skipped))
        add("seconds_total", step.seconds.total)
        add("seconds_generation", step.seconds.generation)
        add("seconds_teacher", step.seconds.teacher)
        add("seconds_gradients", step.seconds.gradients)
        add("seconds_optimizer", step.seconds.optimizer)
        try log?.log(step: step.step, tokens: state.tokens, metrics: metrics)
    }

    // MARK: Evaluation

    /// Lets the student write for each held-out prompt, and measures how far it is from its teacher there; nil if cancelled.
    func evaluate(isCancelled: () -> Bool) throws -> [DistillationEvent]? {
        let began = clock.seconds()
        try engine.refresh()
        let collective = session.collective
        let mine = holdOut.indices.filter(isMine)
        var groups: [Int: DistillationGroup] = [:]
        let cost = try engine.generate(
            mine.map {
                RolloutPrompt(tokens: holdOut[$0].prompt, firstStream: SamplePlan.evaluationStream(sample: $0))
            },
            groupSize: 1,
            seed: options.seed,
            isCancelled: { collective.count == 1 && isCancelled() }
        ) { index, sequences in
            let sample = holdOut[mine[index]]
            groups[index] = DistillationGroup(
                teacher: sample.teacher,
                prompt: sample.prompt,
                teacherPrompt: sample.teacherPrompt,
                completions: sequences.map(\.tokens)
            )
        }
        guard cost != nil else { return nil }
        let ordered = groups.keys.sorted().compactMap { groups[$0] }
        let sums = try collective.sum([
            try updater.divergence(ordered), Double(ordered.reduce(0) { $0 + $1.tokens }),
        ])
        let divergence = sums[0] / max(1, sums[1])
        let isBest = divergence < progress.bestDivergence ?? .infinity
        progress.evaluatedStep = state.step
        progress.lastDivergence = divergence.isFinite ? divergence : nil
        if isBest { (progress.bestDivergence, progress.bestStep) = (divergence, state.step) }
        try log?.log(step: state.step, tokens: state.tokens, ["holdout": divergence])
        let evaluation = DistillationEvaluation(
            step: state.step,
            divergence: divergence,
            isBest: isBest,
            seconds: clock.seconds() - began
        )
        return [.evaluation(evaluation)] + (isBest ? try save(isBest: true) : [])
    }
}
