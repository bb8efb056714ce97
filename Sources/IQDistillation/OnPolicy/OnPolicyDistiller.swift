// On-policy distillation for apps: a student and its teachers behind an actor, and the training's events as a sequence.

public import IQModel
public import IQTensor
public import IQText
public import IQTraining

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Moves a teacher's behaviour to a student, inside this process: the student writes, the teacher judges every token, and the
/// divergence between the two becomes the student's loss (arXiv 2306.13649).
///
/// ```swift
/// let distiller = try await OnPolicyDistiller(student: small, teacher: large, options: try DistillationOptions())
/// for try await event in distiller.train(on: prompts.map { DistillationSample(.text($0)) }, in: folder) {
///     if case .step(let step) = event { print(step.step, step.loss ?? 0) }
/// }
/// try await distiller.save(to: folder.appending(path: "model"))
/// ```
///
/// No reward takes part; to train for a reward and stay near a teacher, give ``GRPOTrainer`` the teacher as its reference. The
/// distiller computes on a thread of its own; one training runs at a time, and a second one goes on from the weights of the
/// first, with the optimiser's memory. A training that is cancelled or killed and resumed ends with the bits of an unbroken one.
public actor OnPolicyDistiller {
    private nonisolated let executor: EngineExecutor
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    public nonisolated let options: DistillationOptions
    /// What the student's training takes, as checked before anything was allocated; the teachers' weights and passes and the
    /// caches of rollouts come on top.
    public nonisolated let memory: TrainingMemoryEstimate
    private let session: TrainingSession
    private let engine: RolloutEngine
    private let teachers: [TeacherModel]
    private var run: (id: UInt64, run: DistillationRun)?
    private var lastRun: UInt64 = 0

    /// Loads a student and its only teacher.
    ///
    /// - Parameters:
    ///   - student, teacher: Hugging Face folders or GGUF files, of the same vocabulary.
    ///   - others: see ``init(student:teachers:options:grammar:compute:collective:)``.
    public init(
        student: URL,
        teacher: URL,
        options: DistillationOptions,
        grammar: (@Sendable (Tokenizer) throws -> TokenGrammar)? = nil,
        compute: ComputeOptions? = nil,
        collective: any Collective = SingleProcess()
    ) async throws {
        try await self.init(
            student: student,
            teachers: ["teacher": teacher],
            options: options,
            grammar: grammar,
            compute: compute,
            collective: collective
        )
    }

    /// Loads a student and teachers for different samples.
    ///
    /// - Parameters:
    ///   - student: a Hugging Face folder, a GGUF file, or a folder that holds one GGUF file.
    ///   - teachers: models by the names that samples call them by; at least one, all of the student's vocabulary.
    ///   - options: how to train.
    ///   - grammar: what every completion must look like, made with the student's tokenizer; nil leaves completions free.
    ///   - compute: threads and instruction level.
    ///   - collective: the processes that train together; this one alone by default.
    /// - Throws: ``DistillationError/differentVocabularies(student:teacher:difference:)`` if a teacher numbers tokens in another
    ///   way, ``DistillationError/invalidOption(name:value:permitted:)`` without a teacher, or with a grammar where the loss is of
    ///   sampled tokens; ``ModelError``, ``GenerationError``, ``GrammarError``, ``AdapterError``, ``TensorError``,
    ///   ``TrainingError/notEnoughMemory(needed:available:advice:)``.
    public init(
        student: URL,
        teachers: [String: URL],
        options: DistillationOptions,
        grammar: (@Sendable (Tokenizer) throws -> TokenGrammar)? = nil,
        compute: ComputeOptions? = nil,
        collective: any Collective = SingleProcess()
    ) async throws {
        executor = EngineExecutor(label: "InterestQueryKit.OnPolicyDistiller")
        self.options = options
        try DistillationError.require(!teachers.isEmpty, "the number of teachers", 0, "at least 1")
        try DistillationError.require(
            grammar == nil || options.objective.support != .sampledToken,
            "the divergence over sampled tokens",
            "samples that a grammar holds to a format",
            "samples of the student's own distribution, whose mean it is"
        )
        let session = try TrainingSession(
            modelAt: student,
            settings: options.settings,
            compute: compute,
            collective: collective
        )
        var compiled: TokenGrammar?
        if let grammar {
            guard let tokenizer = session.tokenizer else {
                throw DistillationError.invalidSample(index: 0, isHeldOut: false, .noTokenizer)
            }
            compiled = try grammar(tokenizer)
        }
        memory = session.estimate
        engine = try RolloutEngine(
            session: session,
            options: options.rollout,
            grammar: compiled,
            groupSize: options.completionsPerPrompt
        )
        self.teachers = try teachers.sorted { $0.key < $1.key }.map { name, url in
            try TeacherModel(name: name, modelAt: url, for: session)
        }
        self.session = session
    }

    // MARK: Training

    /// The events of a training. Nothing is computed before the first one is asked for.
    ///
    /// Cancelling the task ends it before the next token or pass: the state after the last whole step is saved, and the last
    /// event says so. Without a folder there are no checkpoints and no log.
    ///
    /// - Parameters:
    ///   - samples: what the student is taught on.
    ///   - holdOut: other samples, on which the divergence is measured on a schedule.
    ///   - folder: gets `checkpoints`, `metrics.jsonl` and an event file for TensorBoard.
    ///   - isResuming: go on from the folder's last checkpoint, if there is one.
    public nonisolated func train(
        on samples: [DistillationSample],
        holdOut: [DistillationSample] = [],
        in folder: URL? = nil,
        resuming isResuming: Bool = false
    ) -> DistillationEvents {
        DistillationEvents(
            distiller: self,
            samples: samples,
            holdOut: holdOut,
            files: DistillationRunFiles(folder: folder?.path, isResuming: isResuming)
        )
    }

    /// Trains to the end and returns the summary.
    @discardableResult
    public nonisolated func run(
        on samples: [DistillationSample],
        holdOut: [DistillationSample] = [],
        in folder: URL? = nil,
        resuming isResuming: Bool = false
    ) async throws -> DistillationSummary {
        var summary: DistillationSummary?
        for try await event in train(on: samples, holdOut: holdOut, in: folder, resuming: isResuming) {
            if case .finished(let last) = event { summary = last }
        }
        // The last event of every sequence without an error is the summary.
        guard let summary else { throw CancellationError() }
        return summary
    }

    /// Writes the student as it is now, with adapters merged in, as a Hugging Face folder that transformers opens.
    public func save(to folder: URL, format: NumberFormat = .f32) throws {
        guard session.collective.isFirst else { return }
        try session.saveModel(to: folder, format: format)
    }

    /// Writes the adapters as a folder that PEFT opens; nothing where all weights learn.
    public func saveAdapters(to folder: URL) throws {
        guard session.collective.isFirst else { return }
        try session.saveAdapters(to: folder)
    }

    // MARK: Runs, for DistillationEvents

    func begin(
        _ samples: [DistillationSample],
        holdOut: [DistillationSample],
        files: DistillationRunFiles
    ) throws -> UInt64 {
        guard run == nil else { throw TrainingError.busy }
        guard !samples.isEmpty else { throw DistillationError.noSamples }
        let run = DistillationRun(
            session: session,
            engine: engine,
            teachers: teachers,
            options: options,
            samples: try prepared(samples, isHeldOut: false),
            holdOut: try prepared(holdOut, isHeldOut: true),
            files: files
        )
        lastRun += 1
        self.run = (lastRun, run)
        return lastRun
    }

    private func prepared(
        _ samples: [DistillationSample],
        isHeldOut: Bool
    ) throws(DistillationError) -> [PreparedSample] {
        let contexts = teachers.map(\.configuration.maximumContext) + [session.configuration.maximumContext]
        let preparation = SamplePreparation(
            tokenizer: session.tokenizer,
            vocabularySize: session.configuration.vocabularySize,
            limit: min(options.tokensPerMicroBatch, contexts.min() ?? 0),
            maximumTokens: options.rollout.maximumTokens,
            teachers: teachers.map(\.name),
            // Held-out completions are always the student's.
            needsCompletions: !isHeldOut && options.onPolicyShare < 1 && options.offPolicySource == .data
        )
        var result: [PreparedSample] = []
        for (index, sample) in samples.enumerated() {
            do throws(SampleProblem) {
                result.append(try preparation.prepared(sample))
            } catch {
                throw .invalidSample(index: index, isHeldOut: isHeldOut, error)
            }
        }
        return result
    }

    /// The next events; none once all is over.
    func advance(_ id: UInt64) throws -> [DistillationEvent] {
        guard let run, run.id == id else { return [] }
        do {
            let events = try run.run.advance { Task.isCancelled }
            if events.isEmpty { self.run = nil }
            return events
        } catch {
            self.run = nil
            throw error
        }
    }

    func end(_ id: UInt64) {
        if run?.id == id { run = nil }
    }
}

/// The events of a training, made as they are asked for. Each iteration is a training of its own.
public struct DistillationEvents: AsyncSequence, Sendable {
    public typealias Element = DistillationEvent

    let distiller: OnPolicyDistiller
    let samples: [DistillationSample]
    let holdOut: [DistillationSample]
    let files: DistillationRunFiles

    public func makeAsyncIterator() -> Iterator {
        let events = self
        return Iterator(
            RunIterator(
                RunCalls(
                    begin: {
                        try await events.distiller.begin(events.samples, holdOut: events.holdOut, files: events.files)
                    },
                    advance: { try await events.distiller.advance($0) },
                    end: { await events.distiller.end($0) }
                )
            )
        )
    }

    public struct Iterator: AsyncIteratorProtocol {
        private var events: RunIterator<DistillationEvent>

        init(_ events: RunIterator<DistillationEvent>) { self.events = events }

        /// The next event, or nil after the summary.
        ///
        /// - Throws: ``TrainingError``, ``DistillationError``, ``CheckpointError``, ``RunLogError``, ``CollectiveError``,
        ///   ``GenerationError``, ``TensorError``.
        public mutating func next() async throws -> DistillationEvent? { try await events.next() }
    }
}
