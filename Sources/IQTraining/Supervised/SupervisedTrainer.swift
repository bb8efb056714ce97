// Supervised training for apps: a model behind an actor, and its events as a sequence.

internal import IQModel
public import IQTensor

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Trains a model on prompt / completion pairs, inside this process; the loss is on the completions.
///
/// ```swift
/// let trainer = try await SupervisedTrainer(modelAt: url, options: try SupervisedOptions(duration: .epochs(2)))
/// for try await event in trainer.train(on: pairs, validation: held, in: folder) { print(event) }
/// try await trainer.save(to: folder.appending(path: "model"))
/// ```
///
/// The loss of a step is the mean over all completion tokens of the step, however they are packed into micro-batches. The
/// trainer computes on a thread of its own; one training runs at a time, and a second one goes on from the weights of the
/// first, with the optimiser's memory.
public actor SupervisedTrainer {
    private nonisolated let executor: EngineExecutor
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    public nonisolated let options: SupervisedOptions
    /// What the training takes, as checked before anything was allocated.
    public nonisolated let memory: TrainingMemoryEstimate
    private let session: TrainingSession
    private var run: (id: UInt64, run: SupervisedRun)?
    private var lastRun: UInt64 = 0

    /// Loads a model and gets it ready.
    ///
    /// - Parameters:
    ///   - url: a Hugging Face folder, a GGUF file, or a folder that holds one GGUF file.
    ///   - options: how to train.
    ///   - compute: threads and instruction level.
    ///   - collective: the processes that train together; this one alone by default.
    /// - Throws: ``ModelError``, ``GenerationError/notADecoder(architecture:)``, ``AdapterError``, ``TensorError``,
    ///   ``TrainingError/notEnoughMemory(needed:available:advice:)``.
    public init(
        modelAt url: URL,
        options: SupervisedOptions,
        compute: ComputeOptions? = nil,
        collective: any Collective = SingleProcess()
    ) async throws {
        let executor = EngineExecutor(label: "InterestQueryKit.SupervisedTrainer")
        let session = try await executor.run {
            try TrainingSession(
                modelAt: url,
                settings: options.settings,
                compute: compute,
                collective: collective
            )
        }
        self.executor = executor
        self.options = options
        memory = session.estimate
        self.session = session
    }

    // MARK: Training

    /// The events of a training. Nothing is computed before the first one is asked for.
    ///
    /// Cancelling the task ends it before the next micro-batch: the state is saved, and the last event says so. Without a
    /// folder there are no checkpoints and no log, and an early stop keeps the last weights instead of the best ones.
    ///
    /// - Parameters:
    ///   - pairs: what to learn.
    ///   - validation: held-out pairs.
    ///   - folder: gets `checkpoints`, `metrics.jsonl` and an event file for TensorBoard.
    ///   - isResuming: go on from the folder's last checkpoint, if there is one; the weights then end with the same bits as
    ///     if there had been no break.
    ///   - batchDump: a file that gets each step's packed batches as JSON Lines, for comparison with other trainers.
    public nonisolated func train(
        on pairs: [SupervisedPair],
        validation: [SupervisedPair] = [],
        in folder: URL? = nil,
        resuming isResuming: Bool = false,
        dumpingBatchesTo batchDump: URL? = nil
    ) -> SupervisedEvents {
        SupervisedEvents(
            trainer: self,
            pairs: pairs,
            validation: validation,
            files: SupervisedRunFiles(folder: folder?.path, isResuming: isResuming, batchDump: batchDump?.path)
        )
    }

    /// Trains to the end and returns the summary.
    @discardableResult
    public nonisolated func run(
        on pairs: [SupervisedPair],
        validation: [SupervisedPair] = [],
        in folder: URL? = nil,
        resuming isResuming: Bool = false
    ) async throws -> SupervisedSummary {
        var summary: SupervisedSummary?
        for try await event in train(on: pairs, validation: validation, in: folder, resuming: isResuming) {
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

    // MARK: Runs, for SupervisedEvents

    func begin(
        _ pairs: [SupervisedPair],
        validation: [SupervisedPair],
        files: SupervisedRunFiles
    ) throws -> UInt64 {
        guard run == nil else { throw TrainingError.busy }
        let run = try SupervisedRun(
            session: session,
            options: options,
            pairs: pairs,
            validation: validation,
            files: files
        )
        lastRun += 1
        self.run = (lastRun, run)
        return lastRun
    }

    func advance(_ id: UInt64) throws -> [SupervisedEvent] {
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
public struct SupervisedEvents: AsyncSequence, Sendable {
    public typealias Element = SupervisedEvent

    let trainer: SupervisedTrainer
    let pairs: [SupervisedPair]
    let validation: [SupervisedPair]
    let files: SupervisedRunFiles

    public func makeAsyncIterator() -> Iterator {
        let events = self
        return Iterator(
            RunIterator(
                RunCalls(
                    begin: {
                        try await events.trainer.begin(events.pairs, validation: events.validation, files: events.files)
                    },
                    advance: { try await events.trainer.advance($0) },
                    end: { await events.trainer.end($0) }
                )
            )
        )
    }

    public struct Iterator: AsyncIteratorProtocol {
        private var events: RunIterator<SupervisedEvent>

        init(_ events: RunIterator<SupervisedEvent>) { self.events = events }

        /// The next event, or nil after the summary.
        ///
        /// - Throws: ``TrainingError``, ``CheckpointError``, ``RunLogError``, ``CollectiveError``, ``TensorError``.
        public mutating func next() async throws -> SupervisedEvent? { try await events.next() }
    }
}
