// GRPO for apps: a model, a task and its rewards behind an actor, and the training's events as a sequence.

public import IQModel
public import IQTensor
public import IQText
public import IQTraining

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Samples that judge a policy while it is trained on others.
public struct HoldOut<Sample: Sendable, Output: Sendable>: Sendable {
    public let samples: [Sample]
    /// What they are judged by; it may hold rewards of weight 0 that are only looked at.
    public let reward: CompositeReward<Sample, Output>
    /// The reward whose mean decides which policy is best; nil for the weighted sum of all.
    public let metric: String?

    public init(_ samples: [Sample], reward: CompositeReward<Sample, Output>, metric: String? = nil) {
        self.samples = samples
        self.reward = reward
        self.metric = metric
    }
}

/// Trains a model on a task by group-relative policy optimisation, inside this process.
///
/// Each step samples a group of completions of every prompt, has the rewards judge them, and moves the weights towards the
/// completions that were better than the others of their group.
///
/// ```swift
/// let trainer = try await GRPOTrainer(modelAt: url, task: task, reward: reward, options: try GRPOOptions())
/// for try await event in trainer.train(on: samples, in: folder) {
///     if case .step(let step) = event { print(step.step, step.reward ?? 0) }
/// }
/// try await trainer.save(to: folder.appending(path: "model"))
/// ```
///
/// The trainer computes on a thread of its own; one training runs at a time, and a second one goes on from the weights of the
/// first, with the optimiser's memory. A training that is cancelled or killed and resumed ends with the bits of an unbroken
/// one, provided that the rewards are the same for the same completions.
public actor GRPOTrainer<Sample: Sendable, Output: Sendable> {
    private nonisolated let executor: EngineExecutor
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    public nonisolated let task: any PolicyTask<Sample, Output>
    public nonisolated let reward: CompositeReward<Sample, Output>
    public nonisolated let options: GRPOOptions
    /// What passes and optimiser take, as checked before anything was allocated; caches of rollouts and a reference of a full
    /// training come on top.
    public nonisolated let memory: TrainingMemoryEstimate
    private let session: TrainingSession
    private let engine: RolloutEngine
    private let updater: PolicyUpdater
    private var run: (id: UInt64, run: GRPORun)?
    private var isAdvancing = false
    private var lastRun: UInt64 = 0

    /// Loads a model and gets it ready.
    ///
    /// - Parameters:
    ///   - url: a Hugging Face folder, a GGUF file, or a folder that holds one GGUF file.
    ///   - task: what becomes a prompt, and what a completion means.
    ///   - reward: what completions are worth.
    ///   - options: how to train.
    ///   - grammar: what every completion must look like, made with the model's tokenizer; nil leaves completions free.
    ///   - compute: threads and instruction level.
    ///   - collective: the processes that train together; this one alone by default.
    /// - Throws: ``ModelError``, ``GenerationError``, ``GrammarError``, ``AdapterError``, ``TensorError``,
    ///   ``TrainingError/notEnoughMemory(needed:available:advice:)``.
    public init(
        modelAt url: URL,
        task: any PolicyTask<Sample, Output>,
        reward: CompositeReward<Sample, Output>,
        options: GRPOOptions,
        grammar: (@Sendable (Tokenizer) throws -> TokenGrammar)? = nil,
        compute: ComputeOptions? = nil,
        collective: any Collective = SingleProcess()
    ) async throws {
        executor = EngineExecutor(label: "InterestQueryKit.GRPOTrainer")
        self.task = task
        self.reward = reward
        self.options = options
        let session = try TrainingSession(
            modelAt: url,
            settings: options.settings,
            compute: compute,
            collective: collective
        )
        var compiled: TokenGrammar?
        if let grammar {
            guard let tokenizer = session.tokenizer else { throw GRPOError.noTokenizer(sample: 0) }
            compiled = try grammar(tokenizer)
        }
        memory = session.estimate
        engine = try RolloutEngine(
            session: session,
            options: options.rollout,
            grammar: compiled,
            groupSize: options.groupSize
        )
        updater = PolicyUpdater(
            session: session,
            options: options,
            reference: options.reference == .none ? nil : try ReferencePolicy(session: session, modelAt: url)
        )
        self.session = session
    }

    // MARK: Training

    /// The events of a training. Nothing is computed before the first one is asked for.
    ///
    /// Cancelling the task ends it before the next token or pass: the state after the last whole step is saved, and the last
    /// event says so. Without a folder there are no checkpoints and no log, and a rollback keeps the last weights.
    ///
    /// - Parameters:
    ///   - samples: what prompts are made from.
    ///   - holdOut: other samples that judge the policy on a schedule.
    ///   - folder: gets `checkpoints`, `metrics.jsonl` and an event file for TensorBoard.
    ///   - isResuming: go on from the folder's last checkpoint, if there is one.
    public nonisolated func train(
        on samples: [Sample],
        holdOut: HoldOut<Sample, Output>? = nil,
        in folder: URL? = nil,
        resuming isResuming: Bool = false
    ) -> GRPOEvents<Sample, Output> {
        GRPOEvents(
            trainer: self,
            samples: samples,
            holdOut: holdOut,
            files: GRPORunFiles(folder: folder?.path, isResuming: isResuming)
        )
    }

    /// Trains to the end and returns the summary.
    @discardableResult
    public nonisolated func run(
        on samples: [Sample],
        holdOut: HoldOut<Sample, Output>? = nil,
        in folder: URL? = nil,
        resuming isResuming: Bool = false
    ) async throws -> GRPOSummary {
        var summary: GRPOSummary?
        for try await event in train(on: samples, holdOut: holdOut, in: folder, resuming: isResuming) {
            if case .finished(let last) = event { summary = last }
        }
        // The last event of every sequence without an error is the summary.
        guard let summary else { throw CancellationError() }
        return summary
    }

    /// Writes the model as it is now, with adapters merged in, as a Hugging Face folder that transformers opens.
    public func save(to folder: URL, format: NumberFormat = .f32) throws {
        guard session.collective.isFirst else { return }
        try session.saveModel(to: folder, format: format)
    }

    /// Writes the adapters as a folder that PEFT opens; nothing where all weights learn.
    public func saveAdapters(to folder: URL) throws {
        guard session.collective.isFirst else { return }
        try session.saveAdapters(to: folder)
    }

    // MARK: Runs, for GRPOEvents

    func begin(_ samples: [Sample], holdOut: HoldOut<Sample, Output>?, files: GRPORunFiles) throws -> UInt64 {
        guard run == nil else { throw TrainingError.busy }
        func data(_ samples: [Sample], _ reward: CompositeReward<Sample, Output>) throws -> GRPOData {
            let scorer = TaskScorer(task: task, samples: samples, reward: reward)
            return GRPOData(
                prompts: try samples.enumerated().map { try tokens(of: task.prompt(for: $1), sample: $0) },
                score: { try await scorer.scores($0, $1) },
                names: reward.names,
                weights: reward.weights
            )
        }
        let run = try GRPORun(
            session: session,
            engine: engine,
            updater: updater,
            options: options,
            data: try data(samples, reward),
            holdOut: try holdOut.flatMap { $0.samples.isEmpty ? nil : try data($0.samples, $0.reward) },
            metricName: holdOut?.metric,
            files: files
        )
        lastRun += 1
        self.run = (lastRun, run)
        return lastRun
    }

    private func tokens(of prompt: GenerationPrompt, sample: Int) throws -> [TokenID] {
        if case .tokens(let tokens) = prompt {
            let size = session.configuration.vocabularySize
            for token in tokens where token < 0 || Int(token) >= size {
                throw GRPOError.tokenOutOfRange(Int(token), sample: sample, vocabularySize: size)
            }
            return tokens
        }
        guard let tokenizer = session.tokenizer else { throw GRPOError.noTokenizer(sample: sample) }
        return try prompt.tokens(with: tokenizer)
    }

    /// The next events; none once all is over.
    func advance(_ id: UInt64) async throws -> [GRPOEvent] {
        guard let run, run.id == id, !isAdvancing else { return [] }
        isAdvancing = true
        defer { isAdvancing = false }
        do {
            while true {
                let events: [GRPOEvent]
                if let pending = run.run.pending {
                    events = try await receive(pending, run.run)
                } else {
                    events = try run.run.advance { Task.isCancelled }
                }
                if case .over = run.run.phase, events.isEmpty {
                    self.run = nil
                    return []
                }
                if !events.isEmpty { return events }
            }
        } catch {
            self.run = nil
            throw error
        }
    }

    private func receive(_ pending: PendingScores, _ run: GRPORun) async throws -> [GRPOEvent] {
        let clock = RunClock.system
        let began = clock.seconds()
        do {
            // Several processes stop together, between steps.
            let scores = try await pending.values(endsWithCaller: session.collective.count == 1)
            return try run.receive(scores, seconds: clock.seconds() - began)
        } catch is CancellationError {
            return try run.cancel()
        }
    }

    func end(_ id: UInt64) {
        guard run?.id == id else { return }
        run?.run.pending?.cancel()
        run = nil
    }
}

/// The events of a training, made as they are asked for. Each iteration is a training of its own.
public struct GRPOEvents<Sample: Sendable, Output: Sendable>: AsyncSequence, Sendable {
    public typealias Element = GRPOEvent

    let trainer: GRPOTrainer<Sample, Output>
    let samples: [Sample]
    let holdOut: HoldOut<Sample, Output>?
    let files: GRPORunFiles

    public func makeAsyncIterator() -> Iterator {
        let events = self
        return Iterator(
            RunIterator(
                RunCalls(
                    begin: {
                        try await events.trainer.begin(events.samples, holdOut: events.holdOut, files: events.files)
                    },
                    advance: { try await events.trainer.advance($0) },
                    end: { await events.trainer.end($0) }
                )
            )
        )
    }

    public struct Iterator: AsyncIteratorProtocol {
        private var events: RunIterator<GRPOEvent>

        init(_ events: RunIterator<GRPOEvent>) { self.events = events }

        /// The next event, or nil after the summary.
        ///
        /// - Throws: ``TrainingError``, ``GRPOError``, ``RewardFailure``, ``CheckpointError``, ``RunLogError``,
        ///   ``CollectiveError``, ``GenerationError``, ``TensorError``.
        public mutating func next() async throws -> GRPOEvent? { try await events.next() }
    }
}
