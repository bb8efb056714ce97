// One supervised training, step by step: a plain state machine under the asynchronous shell.

internal import IQModel
internal import IQTensor

/// Where a run reads and writes.
struct SupervisedRunFiles: Sendable {
    /// The folder of checkpoints and logs; nil keeps nothing.
    var folder: String?
    /// Go on from the folder's last checkpoint, if it has one.
    var isResuming = false
    /// Where each step's packed batches are written as JSON Lines; nil writes none.
    var batchDump: String?
}

/// Runs a training on a session. Not Sendable: it belongs to the trainer's actor.
final class SupervisedRun {
    private enum Phase {
        case new, training, over
    }

    private let session: TrainingSession
    private let options: SupervisedOptions
    private let plan: PairPlan
    private let validation: [PackedPairs]
    private let validationPairs: Int
    private let skippedPairs: Int
    private let files: SupervisedRunFiles
    private let totalSteps: Int

    private var phase = Phase.new
    private var state = TrainingState()
    private var progress: SupervisedProgress
    private var order: (epoch: Int, pairs: [Int])?
    private var store: CheckpointStore?
    private var log: RunLog?
    private var dump: OpenFile?
    private var savedStep: Int?
    private var lastLoss: Double?
    private var damaged: [CheckpointError] = []
    private let clock = RunClock.system
    private let startedAt: Double

    private var isFirst: Bool { session.collective.isFirst }

    init(
        session: TrainingSession,
        options: SupervisedOptions,
        pairs: [SupervisedPair],
        validation: [SupervisedPair],
        files: SupervisedRunFiles
    ) throws {
        self.session = session
        self.options = options
        self.files = files
        startedAt = clock.seconds()
        let tokenization = PairTokenization(
            tokenizer: session.tokenizer,
            vocabularySize: session.configuration.vocabularySize,
            limit: min(options.tokensPerMicroBatch, session.configuration.maximumContext)
        )
        var skipped = 0
        func tokenized(_ pairs: [SupervisedPair]) throws(TrainingError) -> [TokenizedPair] {
            var result: [TokenizedPair] = []
            for (index, pair) in pairs.enumerated() {
                do throws(PairProblem) {
                    result.append(try tokenization.tokens(of: pair))
                } catch {
                    guard case .tooLong = error, options.longPairs == .skip else {
                        throw .invalidPair(index: index, error)
                    }
                    skipped += 1
                }
            }
            return result
        }
        let data = try tokenized(pairs)
        skippedPairs = skipped
        guard !data.isEmpty else { throw TrainingError.noPairs }
        let held = try tokenized(validation)
        plan = PairPlan(pairs: data, stepSize: options.stepSize, seed: options.seed)
        totalSteps = plan.steps(options.duration)
        validationPairs = held.count
        let collective = session.collective
        self.validation = PackedPairs.packed(
            held.enumerated().filter { $0.offset % collective.count == collective.rank }.map(\.element),
            capacity: options.tokensPerMicroBatch
        )
        progress = SupervisedProgress(options: options, data: data, validation: held)
    }

    /// Does what comes next; returns what happened, which is nothing only once all is over.
    func advance(isCancelled: () -> Bool) throws -> [SupervisedEvent] {
        switch phase {
        case .over: return []
        case .new:
            phase = .training
            var events = [SupervisedEvent.started(try start())]
            // A state that was saved at step 0 has been evaluated.
            if state.step == 0, savedStep == nil { events += try evaluate() }
            return events
        case .training:
            // What one process notices alone must be known to all before anybody acts on it.
            let isEnd = state.step >= totalSteps || hasLostPatience
            if isEnd { return try finish(hasLostPatience ? .stoppedEarly : .completed) }
            if try session.collective.any(isCancelled()) { return try finish(.cancelled) }
            guard let step = try step(isCancelled: isCancelled) else { return try finish(.cancelled) }
            var events = [SupervisedEvent.step(step)]
            if isEvaluationDue { events += try evaluate() }
            if state.step % options.checkpointInterval == 0 { events += try save(isBest: false) }
            return events
        }
    }

    private var hasLostPatience: Bool {
        options.patience.map { progress.evaluationsSinceBest >= $0 } ?? false
    }

    private var isEvaluationDue: Bool {
        if state.step == totalSteps { return true }
        guard let interval = options.evaluationInterval else { return state.cursor.position == 0 }
        return state.step % interval == 0
    }

    // MARK: Beginning and end

    private func start() throws -> SupervisedStart {
        if let folder = files.folder {
            let checkpoints = joinedPath(folder, "checkpoints")
            if isFirst {
                store = try CheckpointStore(folder: checkpoints, keeping: options.keptCheckpoints)
            }
            try session.collective.barrier()
            var resumedStep: Int?
            if files.isResuming {
                resumedStep = try resume(CheckpointCatalog(folder: checkpoints))
            }
            if isFirst {
                log = try RunLog(folder: folder, resumingAfter: files.isResuming ? resumedStep ?? 0 : nil)
            }
        }
        if isFirst, let path = files.batchDump {
            do {
                dump = try FileCalls().create(path)
            } catch {
                throw RunLogError(writing: error)
            }
        }
        return SupervisedStart(
            pairs: plan.pairs.count,
            skippedPairs: skippedPairs,
            validationPairs: validationPairs,
            tokens: plan.pairs.reduce(0) { $0 + $1.tokens.count },
            completionTokens: plan.pairs.reduce(0) { $0 + $1.completionCount },
            trainedParameters: session.decoder.parameters.parameterCount,
            steps: totalSteps,
            stepsDone: state.step,
            memory: session.estimate,
            damagedCheckpoints: damaged
        )
    }

    /// Takes back the newest whole state; returns its step, nil if there is none.
    private func resume(_ catalog: CheckpointCatalog) throws -> Int? {
        guard try catalog.latest() != nil else { return nil }
        let found = try catalog.latestIntact()
        damaged = found.damaged
        let saved = try found.checkpoint.decode(SupervisedProgress.self, named: SupervisedProgress.memberName)
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

    private func finish(_ reason: SupervisedSummary.Reason) throws -> [SupervisedEvent] {
        phase = .over
        var events: [SupervisedEvent] = []
        if savedStep != state.step { events += try save(isBest: false) }
        if reason == .stoppedEarly, let folder = files.folder {
            let catalog = CheckpointCatalog(folder: joinedPath(folder, "checkpoints"))
            try session.collective.barrier()
            if let best = try catalog.best() { try session.restoreParameters(from: try catalog.load(best)) }
        }
        try log?.flush()
        events.append(
            .finished(
                SupervisedSummary(
                    reason: reason,
                    steps: state.step,
                    totalTokens: state.tokens,
                    skippedSteps: session.guardian.skipped,
                    lastLoss: lastLoss,
                    lastValidationLoss: progress.lastLoss,
                    bestValidationLoss: progress.bestLoss,
                    bestStep: progress.bestStep,
                    seconds: seconds
                )
            )
        )
        (store, log, dump) = (nil, nil, nil)
        return events
    }

    private var seconds: Double { log?.seconds ?? clock.seconds() - startedAt }

    // MARK: Steps

    /// Trains on the next pairs; nil if the training was cancelled before the step was complete.
    private func step(isCancelled: () -> Bool) throws -> SupervisedStep? {
        let began = clock.seconds()
        let collective = session.collective
        let order = currentOrder()
        let places = plan.step(at: state.cursor.position, of: order)
        // Each process takes every n-th pair of n processes.
        let mine = places.filter { ($0 - places.lowerBound) % collective.count == collective.rank }
            .map { plan.pairs[order[$0]] }
        let number = state.step + 1
        for (index, packed) in PackedPairs.packed(mine, capacity: options.tokensPerMicroBatch).enumerated() {
            // Several processes stop together, between steps.
            if collective.count == 1, isCancelled() {
                try session.discard()
                return nil
            }
            try writeDump(packed, step: number, microBatch: index)
            try session.accumulateCrossEntropy(
                packed.batch,
                targets: packed.targets,
                dropout: DropoutDraw(seed: options.seed, pass: pass(step: state.step, microBatch: index))
            )
        }
        let rate = options.learningRate * options.schedule.fraction(step: state.step, total: totalSteps)
        let result = try session.step(number: number, learningRate: rate)
        state.step = number
        state.tokens += result.rows
        state.cursor.position = places.upperBound
        if places.upperBound == order.count { state.cursor = DataCursor(epoch: state.cursor.epoch + 1) }
        lastLoss = result.loss
        let seconds = clock.seconds() - began
        try log?.log(
            step: number,
            tokens: state.tokens,
            [
                "loss": result.loss, "gradient_norm": result.gradientNorm, "learning_rate": rate,
                "tokens_per_second": Double(result.rows) / max(seconds, 1e-9),
                "skipped_steps": Double(session.guardian.skipped),
            ]
        )
        return SupervisedStep(
            step: number,
            steps: totalSteps,
            epoch: Double(state.cursor.epoch) + Double(state.cursor.position) / Double(order.count),
            loss: result.loss,
            gradientNorm: result.gradientNorm,
            learningRate: rate,
            completionTokens: Int(result.weight),
            tokens: result.rows,
            totalTokens: state.tokens,
            seconds: seconds,
            isApplied: result.isApplied
        )
    }

    private func currentOrder() -> [Int] {
        if let order, order.epoch == state.cursor.epoch { return order.pairs }
        let pairs = plan.order(epoch: state.cursor.epoch)
        order = (state.cursor.epoch, pairs)
        return pairs
    }

    /// The number of a pass, another one for each micro-batch of each process; see ``DropoutDraw``.
    private func pass(step: Int, microBatch: Int) -> UInt64 {
        let microBatchesPerStep: UInt64 = 1 << 14
        precondition(microBatch < microBatchesPerStep, "\(microBatch) micro-batches in a step")
        let collective = session.collective
        return (UInt64(step) * microBatchesPerStep + UInt64(microBatch)) * UInt64(collective.count)
            + UInt64(collective.rank)
    }

    private func writeDump(_ packed: PackedPairs, step: Int, microBatch: Int) throws {
        do {
            try dump?.write(Array(packed.line(step: step, microBatch: microBatch).utf8))
        } catch {
            throw RunLogError(writing: error)
        }
    }

    // MARK: Evaluation and checkpoints

    private func evaluate() throws -> [SupervisedEvent] {
        guard validationPairs > 0 else { return [] }
        let began = clock.seconds()
        var loss = 0.0
        var count = 0
        for packed in validation {
            loss += try session.crossEntropy(packed.batch, targets: packed.targets)
            count += packed.targets.count
        }
        let sums = try session.collective.sum([loss, Double(count)])
        let mean = sums[0] / sums[1]
        let isBest = mean < progress.bestLoss ?? .infinity
        progress.lastLoss = mean.isFinite ? mean : nil
        if isBest {
            progress.bestLoss = mean
            progress.bestStep = state.step
            progress.evaluationsSinceBest = 0
        } else {
            progress.evaluationsSinceBest += 1
        }
        try log?.log(step: state.step, tokens: state.tokens, ["validation_loss": mean])
        let evaluation = SupervisedEvaluation(
            step: state.step,
            loss: mean,
            isBest: isBest,
            seconds: clock.seconds() - began
        )
        return [.evaluation(evaluation)] + (isBest ? try save(isBest: true) : [])
    }

    private func save(isBest: Bool) throws -> [SupervisedEvent] {
        guard files.folder != nil, savedStep != state.step else { return [] }
        savedStep = state.step
        state.seconds = seconds
        guard let store else { return [] }
        // The log never ends before a state that is saved.
        try log?.flush()
        let entry = try store.save(step: state.step, isBest: isBest) { draft throws(CheckpointError) in
            try draft.add(state, named: TrainingState.memberName)
            try draft.add(progress, named: SupervisedProgress.memberName)
            try session.write(to: draft)
        }
        return [.checkpoint(step: state.step, path: entry.path, isBest: isBest)]
    }
}
