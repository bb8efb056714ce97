// One distillation, step by step: a plain state machine under the asynchronous shell.

internal import IQModel
internal import IQTensor
internal import IQText
internal import IQTraining

/// Where a run reads and writes.
struct DistillationRunFiles: Sendable {
    /// The folder of checkpoints and logs; nil keeps nothing.
    var folder: String?
    /// Go on from the folder's last checkpoint, if it has one.
    var isResuming = false
}

/// Runs a distillation on a session. Not Sendable: it belongs to the distiller's actor.
final class DistillationRun {
    private enum Phase {
        case new, training, over
    }

    /// A prompt of a step and what was written for it.
    struct Written {
        var sample: Int
        var author: DistillationRollouts.Author
        var completions: [[TokenID]] = []
        var texts: [String] = []
        var sequences: [GeneratedSequence] = []
    }

    let session: TrainingSession
    let options: DistillationOptions
    let samples: [PreparedSample]
    let engine: RolloutEngine
    let holdOut: [PreparedSample]
    private let teachers: [TeacherModel]
    let updater: DistillationUpdater
    private let files: DistillationRunFiles
    let plan: SamplePlan
    let totalSteps: Int

    private var phase = Phase.new
    var state = TrainingState()
    var progress: DistillationProgress
    private var store: CheckpointStore?
    var log: RunLog?
    private var savedStep: Int?
    private var damaged: [CheckpointError] = []
    let clock = RunClock.system
    private let startedAt: Double

    private var isFirst: Bool { session.collective.isFirst }
    private var seconds: Double { log?.seconds ?? clock.seconds() - startedAt }

    init(
        session: TrainingSession,
        engine: RolloutEngine,
        teachers: [TeacherModel],
        options: DistillationOptions,
        samples: [PreparedSample],
        holdOut: [PreparedSample],
        files: DistillationRunFiles
    ) {
        self.session = session
        self.engine = engine
        self.teachers = teachers
        self.options = options
        self.samples = samples
        self.holdOut = holdOut
        self.files = files
        startedAt = clock.seconds()
        updater = DistillationUpdater(session: session, teachers: teachers, objective: options.objective)
        plan = SamplePlan(count: samples.count, seed: options.seed)
        totalSteps =
            switch options.duration {
            case .steps(let steps): steps
            case .epochs(let epochs): plan.steps(epochs: epochs, promptsPerStep: options.promptsPerStep)
            }
        progress = DistillationProgress(options: options, samples: samples, holdOut: holdOut)
    }

    /// Does what comes next; returns what happened, which is nothing only once all is over.
    func advance(isCancelled: () -> Bool) throws -> [DistillationEvent] {
        switch phase {
        case .over: return []
        case .new:
            phase = .training
            return [.started(try start())]
        case .training:
            if isEvaluationDue {
                guard let events = try evaluate(isCancelled: isCancelled) else { return try finish(.cancelled) }
                return events
            }
            // After the evaluation, so that a resumed run need not repeat it.
            if state.step > 0, state.step % options.checkpointInterval == 0, savedStep != state.step {
                let events = try save(isBest: false)
                if !events.isEmpty { return events }
            }
            if state.step >= totalSteps { return try finish(.completed) }
            // What one process notices alone must be known to all before anybody acts on it.
            if try session.collective.any(isCancelled()) { return try finish(.cancelled) }
            let cursor = state.cursor
            guard let events = try step(isCancelled: isCancelled) else {
                state.cursor = cursor
                return try finish(.cancelled)
            }
            return events
        }
    }

    private var isEvaluationDue: Bool {
        guard !holdOut.isEmpty, progress.evaluatedStep != state.step else { return false }
        return state.step == 0 || state.step >= totalSteps || state.step % options.evaluationInterval == 0
    }

    // MARK: Beginning and end

    private func start() throws -> DistillationStart {
        if let folder = files.folder {
            let checkpoints = joinedPath(folder, "checkpoints")
            if isFirst { store = try CheckpointStore(folder: checkpoints, keeping: options.keptCheckpoints) }
            try session.collective.barrier()
            var resumedStep: Int?
            if files.isResuming { resumedStep = try resume(CheckpointCatalog(folder: checkpoints)) }
            if isFirst {
                log = try RunLog(folder: folder, resumingAfter: files.isResuming ? resumedStep ?? 0 : nil)
            }
        }
        return DistillationStart(
            samples: samples.count,
            heldOutSamples: holdOut.count,
            longestPrompt: samples.reduce(0) { max($0, $1.longestPrompt) },
            trainedParameters: session.decoder.parameters.parameterCount,
            steps: totalSteps,
            stepsDone: state.step,
            teachers: teachers.map(\.name),
            memory: session.estimate,
            damagedCheckpoints: damaged
        )
    }

    /// Takes back the newest whole state; returns its step, nil if there is none.
    private func resume(_ catalog: CheckpointCatalog) throws -> Int? {
        guard try catalog.latest() != nil else { return nil }
        let found = try catalog.latestIntact()
        damaged = found.damaged
        let saved = try found.checkpoint.decode(DistillationProgress.self, named: DistillationProgress.memberName)
        if let difference = saved.difference(to: progress) {
            throw TrainingError.notTheSameRun(path: found.checkpoint.entry.path, difference: difference)
        }
        state = try found.checkpoint.decode(TrainingState.self, named: TrainingState.memberName)
        try session.restore(from: found.checkpoint)
        progress = saved
        progress.options = options
        savedStep = state.step
        // Nothing is removed while another process still reads.
        try session.collective.barrier()
        try store?.removeNewer(than: found.checkpoint.entry)
        return state.step
    }

    private func finish(_ reason: DistillationSummary.Reason) throws -> [DistillationEvent] {
        phase = .over
        var events = try save(isBest: false)
        try log?.flush()
        events.append(
            .finished(
                DistillationSummary(
                    reason: reason,
                    steps: state.step,
                    totalTokens: state.tokens,
                    skippedSteps: session.guardian.skipped,
                    lastLoss: progress.lastLoss,
                    lastDivergence: progress.lastDivergence,
                    bestDivergence: progress.bestDivergence,
                    bestStep: progress.bestStep,
                    seconds: seconds
                )
            )
        )
        (store, log) = (nil, nil)
        return events
    }

    func save(isBest: Bool) throws -> [DistillationEvent] {
        guard files.folder != nil, isBest || savedStep != state.step else { return [] }
        savedStep = state.step
        state.seconds = seconds
        guard let store else { return [] }
        // The log never ends before a state that is saved.
        try log?.flush()
        let entry = try store.save(step: state.step, isBest: isBest) { draft throws(CheckpointError) in
            try draft.add(state, named: TrainingState.memberName)
            try draft.add(progress, named: DistillationProgress.memberName)
            try session.write(to: draft)
        }
        return [.checkpoint(step: state.step, path: entry.path, isBest: isBest)]
    }

    // MARK: Steps

    func isMine(_ place: Int) -> Bool { place % session.collective.count == session.collective.rank }

    /// Writes completions and learns from them; nil if the training was cancelled before the step was complete.
    private func step(isCancelled: () -> Bool) throws -> [DistillationEvent]? {
        let began = clock.seconds()
        let taken = plan.take(options.promptsPerStep, at: &state.cursor)
        var choices = plan.choices(step: state.step)
        // Every process draws all choices, so that all agree on them.
        let authors: [DistillationRollouts.Author] = taken.map { _ in
            let isOnPolicy = choices.uniform() < options.onPolicyShare
            return isOnPolicy ? .student : options.offPolicySource == .data ? .data : .teacher
        }
        var written = taken.indices.filter(isMine).map { place in
            (place: place, work: Written(sample: taken[place], author: authors[place]))
        }
        let isStopped = { self.session.collective.count == 1 && isCancelled() }
        guard let sampled = try write(&written, isCancelled: isStopped) else { return nil }
        let generated = clock.seconds()
        let groups = written.map { item in
            let sample = samples[item.work.sample]
            return DistillationGroup(
                teacher: sample.teacher,
                prompt: sample.prompt,
                teacherPrompt: sample.teacherPrompt,
                completions: item.work.completions
            )
        }
        let rate = options.learningRate * options.schedule.fraction(step: state.step, total: totalSteps)
        let update = try updater.update(
            groups,
            step: state.step + 1,
            learningRate: rate,
            isCancelled: isCancelled
        )
        guard let update else { return nil }
        state.step += 1
        state.tokens += update.rows
        progress.lastLoss = update.loss
        let step = try report(
            written.map(\.work),
            update,
            rate: rate,
            onPolicyShare: Double(authors.count { $0 == .student }) / Double(authors.count),
            generation: generated - began,
            total: clock.seconds() - began
        )
        try record(step)
        let rollouts = DistillationRollouts(
            step: state.step,
            groups: written.map {
                DistillationRollouts.Group(
                    sample: $0.work.sample,
                    author: $0.work.author,
                    completions: $0.work.completions,
                    texts: $0.work.texts
                )
            },
            sampledTokens: sampled,
            seconds: generated - began
        )
        return [.rollouts(rollouts), .step(step)]
    }

    /// Fills in the completions of this process's prompts; returns the number of sampled tokens, nil if cancelled.
    private func write(_ written: inout [(place: Int, work: Written)], isCancelled: () -> Bool) throws -> Int? {
        var tokens = 0
        for index in written.indices where written[index].work.author == .data {
            let completion = samples[written[index].work.sample].completion ?? []
            written[index].work.completions = [completion]
            let text = session.tokenizer?.decode(completion, skippingSpecialTokens: true)
            written[index].work.texts = text.map { [$0] } ?? []
        }
        // The student first, then each teacher that has something to write.
        try engine.refresh()
        var writers: [(engine: RolloutEngine, places: [Int])] = []
        let students = written.indices.filter { written[$0].work.author == .student }
        if !students.isEmpty { writers.append((engine, students)) }
        for (number, teacher) in teachers.enumerated() {
            let places = written.indices.filter {
                written[$0].work.author == .teacher && samples[written[$0].work.sample].teacher == number
            }
            guard !places.isEmpty else { continue }
            let own = try teacher.engine(
                options: options.rollout,
                grammar: engine.grammar,
                groupSize: options.completionsPerPrompt
            )
            writers.append((own, places))
        }
        for (writer, places) in writers {
            let isTeacher = writer !== engine
            let prompts = places.map { index in
                let sample = samples[written[index].work.sample]
                return RolloutPrompt(
                    tokens: isTeacher ? sample.teacherPrompt ?? sample.prompt : sample.prompt,
                    firstStream: SamplePlan.stream(step: state.step, place: written[index].place)
                )
            }
            var found: [Int: [GeneratedSequence]] = [:]
            let cost = try writer.generate(
                prompts,
                groupSize: options.completionsPerPrompt,
                seed: options.seed,
                isCancelled: isCancelled
            ) { found[$0] = $1 }
            guard let cost else { return nil }
            tokens += cost.sampledTokens
            for (place, index) in places.enumerated() {
                let sequences = found[place] ?? []
                written[index].work.completions = sequences.map(\.tokens)
                written[index].work.texts = sequences.map(\.text)
                written[index].work.sequences = sequences
            }
        }
        return tokens
    }
}
