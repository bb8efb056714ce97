// One GRPO training, stage by stage: a plain state machine under the asynchronous shell.

internal import IQModel
internal import IQTensor
internal import IQText
internal import IQTraining

/// Samples of a training in tokens, and what judges their completions.
struct GRPOData: Sendable {
    var prompts: [[TokenID]]
    var score: GroupScorer
    /// Names and weights of the rewards.
    var names: [String]
    var weights: [Double]
}

/// Where a run reads and writes.
struct GRPORunFiles: Sendable {
    /// The folder of checkpoints and logs; nil keeps nothing.
    var folder: String?
    /// Go on from the folder's last checkpoint, if it has one.
    var isResuming = false
}

/// Runs a training on a session. Not Sendable: it belongs to the trainer's actor.
///
/// The owner calls ``advance(isCancelled:)`` for what can be computed at once; where it leaves rewards behind in ``pending``,
/// the owner waits for them and hands them to ``receive(_:seconds:)``.
final class GRPORun {
    enum Phase {
        case new
        /// Before a step or the end.
        case ready
        /// The places of the draft that are pending are to be sampled.
        case sampling
        /// Their rewards are being found.
        case scoring
        case learning
        case evaluating
        case over
    }

    let session: TrainingSession
    let options: GRPOOptions
    let data: GRPOData
    let holdOut: GRPOData?
    /// The reward by whose mean held-out samples judge a policy; nil for the weighted sum.
    let metricName: String?
    let files: GRPORunFiles
    let engine: RolloutEngine
    let updater: PolicyUpdater
    let plan: SamplePlan
    let totalSteps: Int
    let clock = RunClock.system

    var phase = Phase.new
    var pending: PendingScores?
    var state = TrainingState()
    var progress: GRPOProgress
    var draft: StepDraft?
    var evaluation: (began: Double, sequences: [Int: [GeneratedSequence]])?
    var store: CheckpointStore?
    var log: RunLog?
    var savedStep: Int?
    private var damaged: [CheckpointError] = []
    private let startedAt: Double
    /// What the guard rails have seen, to be acted on before the next step.
    var signs: [CollapseSign] = []
    /// Kinds of signs that were reported at the step before: a lasting one is reported once.
    var reported: Set<String> = []
    /// Where the present step began in the data.
    var cursorBefore = DataCursor()

    var isFirst: Bool { session.collective.isFirst }
    var seconds: Double { log?.seconds ?? clock.seconds() - startedAt }

    /// Names and weights of all rewards: the task's, and those that the options add.
    var rewardNames: [String] { data.names + extraRewards.map(\.name) }
    var rewardWeights: [Double] { data.weights + extraRewards.map(\.weight) }

    private var extraRewards: [(name: String, weight: Double)] {
        var extra: [(String, Double)] = []
        switch options.reference {
        case .reward(_, let weight), .divergenceReward(let weight): extra.append(("kl", -weight))
        case .none, .penalty, .divergence: break
        }
        if case .penalised(let amount) = options.cutCompletions { extra.append(("cut", -amount)) }
        return extra
    }

    init(
        session: TrainingSession,
        engine: RolloutEngine,
        updater: PolicyUpdater,
        options: GRPOOptions,
        data: GRPOData,
        holdOut: GRPOData?,
        metricName: String?,
        files: GRPORunFiles
    ) throws {
        self.session = session
        self.engine = engine
        self.updater = updater
        self.options = options
        self.data = data
        self.holdOut = holdOut
        self.metricName = metricName
        self.files = files
        startedAt = clock.seconds()
        plan = SamplePlan(count: data.prompts.count, seed: options.seed)
        totalSteps =
            switch options.duration {
            case .steps(let steps): steps
            case .epochs(let epochs): plan.steps(epochs: epochs, promptsPerStep: options.promptsPerStep)
            }
        progress = GRPOProgress(
            options: options,
            prompts: data.prompts,
            holdOut: holdOut?.prompts ?? [],
            rewards: zip(data.names, data.weights).map { "\($0) \($1)" }
        )
        let limit = min(options.tokensPerMicroBatch, session.configuration.maximumContext)
        for (prompts, isHeldOut) in [(data.prompts, false), (holdOut?.prompts ?? [], true)] {
            for (index, prompt) in prompts.enumerated() {
                guard !prompt.isEmpty else { throw GRPOError.emptyPrompt(sample: index, isHeldOut: isHeldOut) }
                guard prompt.count + options.rollout.maximumTokens <= limit else {
                    throw GRPOError.promptTooLong(
                        sample: index,
                        isHeldOut: isHeldOut,
                        tokens: prompt.count,
                        completion: options.rollout.maximumTokens,
                        limit: limit
                    )
                }
            }
        }
        guard !data.prompts.isEmpty else { throw GRPOError.noSamples }
        if let metricName, let holdOut, !holdOut.names.contains(metricName) {
            throw GRPOError.unknownMetric(metricName, rewards: holdOut.names)
        }
    }

    // MARK: Stages

    /// Does what comes next and can be done at once; nothing happens only once all is over.
    func advance(isCancelled: () -> Bool) throws -> [GRPOEvent] {
        switch phase {
        case .over, .scoring: return []
        case .new:
            phase = .ready
            return [.started(try start())]
        case .ready:
            if holdOut != nil, isEvaluationDue {
                phase = .evaluating
                return try evaluate(isCancelled: isCancelled)
            }
            // After the evaluation, so that a resumed run need not repeat it.
            if state.step > 0, state.step % options.checkpointInterval == 0, savedStep != state.step {
                let events = try save(isBest: false)
                if !events.isEmpty { return events }
            }
            if let end = guardRailEnd { return try finish(end) }
            if state.step >= totalSteps { return try finish(.completed) }
            // What one process notices alone must be known to all before anybody acts on it.
            if try session.collective.any(isCancelled()) { return try finish(.cancelled) }
            try beginStep()
            return try sample(isCancelled: isCancelled)
        case .sampling: return try sample(isCancelled: isCancelled)
        case .learning: return try learn(isCancelled: isCancelled)
        case .evaluating: return try evaluate(isCancelled: isCancelled)
        }
    }

    /// Ends a run whose task was cancelled while rewards were being found: the step is as if it had not begun.
    func cancel() throws -> [GRPOEvent] {
        pending?.cancel()
        pending = nil
        if draft != nil { state.cursor = cursorBefore }
        return try finish(.cancelled)
    }

    private var isEvaluationDue: Bool {
        guard progress.evaluatedStep != state.step else { return false }
        return state.step == 0 || state.step >= totalSteps || state.step % options.evaluationInterval == 0
            || guardRailEnd != nil
    }

    private var guardRailEnd: GRPOSummary.Reason? {
        guard !signs.isEmpty else { return nil }
        return switch options.guardRails.action {
        case .off, .warn: nil
        case .stop: .stopped
        case .rollBack: .rolledBack
        }
    }

    /// Warnings of signs that are new, which are then watched over.
    func warnings(_ found: [CollapseSign]) -> [GRPOEvent] {
        signs = found
        let new = found.filter { !reported.contains($0.kind) }
        reported = Set(found.map(\.kind))
        return new.map { .warning(GRPOWarning(step: state.step, kind: .collapse($0))) }
    }

    // MARK: Beginning and end

    private func start() throws -> GRPOStart {
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
        return GRPOStart(
            samples: data.prompts.count,
            heldOutSamples: holdOut?.prompts.count ?? 0,
            longestPrompt: data.prompts.reduce(0) { max($0, $1.count) },
            trainedParameters: session.decoder.parameters.parameterCount,
            steps: totalSteps,
            stepsDone: state.step,
            rewards: rewardNames,
            weights: rewardWeights,
            memory: session.estimate,
            damagedCheckpoints: damaged
        )
    }

    /// Takes back the newest whole state; returns its step, nil if there is none.
    private func resume(_ catalog: CheckpointCatalog) throws -> Int? {
        guard try catalog.latest() != nil else { return nil }
        let found = try catalog.latestIntact()
        damaged = found.damaged
        let saved = try found.checkpoint.decode(GRPOProgress.self, named: GRPOProgress.memberName)
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

    private func finish(_ reason: GRPOSummary.Reason) throws -> [GRPOEvent] {
        phase = .over
        draft = nil
        var reason = reason
        var events = try save(isBest: false)
        if reason == .rolledBack {
            try session.collective.barrier()
            let catalog = files.folder.map { CheckpointCatalog(folder: joinedPath($0, "checkpoints")) }
            if let catalog, let best = try catalog.best() {
                try session.restoreParameters(from: try catalog.load(best))
            } else {
                reason = .stopped
            }
        }
        try log?.flush()
        events.append(
            .finished(
                GRPOSummary(
                    reason: reason,
                    steps: state.step,
                    totalTokens: state.tokens,
                    lastReward: progress.lastReward,
                    lastMetric: progress.lastMetric,
                    bestMetric: progress.bestMetric,
                    bestStep: progress.bestStep,
                    seconds: seconds
                )
            )
        )
        (store, log) = (nil, nil)
        return events
    }

    func save(isBest: Bool) throws -> [GRPOEvent] {
        guard files.folder != nil, isBest || savedStep != state.step else { return [] }
        savedStep = state.step
        state.seconds = seconds
        guard let store else { return [] }
        // The log never ends before a state that is saved.
        try log?.flush()
        let entry = try store.save(step: state.step, isBest: isBest) { draft throws(CheckpointError) in
            try draft.add(state, named: TrainingState.memberName)
            try draft.add(progress, named: GRPOProgress.memberName)
            try session.write(to: draft)
        }
        return [.checkpoint(step: state.step, path: entry.path, isBest: isBest)]
    }
}
