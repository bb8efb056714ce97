// The engine that apps talk to: one model, its memory and threads, behind an actor.

internal import IQTensor
public import IQText

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Generates text with one model, inside this process.
///
/// ```swift
/// let engine = try await InferenceEngine(modelAt: url)
/// for try await event in engine.generate(.chat([.user("Name three rivers.")]), options: try GenerationOptions()) {
///     if case .token(let token) = event { print(token.text, terminator: "") }
/// }
/// ```
///
/// Generations that run at the same time take turns, step by step. The engine computes on a thread of its own and on its
/// workers; it never blocks Swift's shared threads.
public actor InferenceEngine {
    private nonisolated let executor: EngineExecutor
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// What the model is.
    public nonisolated let information: ModelInformation
    /// The model's tokenizer.
    public nonisolated let tokenizer: Tokenizer
    /// Longest sequence, prompt and continuation together, in tokens.
    public nonisolated let contextLength: Int
    /// Sequences that are decoded together.
    public nonisolated let maximumBatch: Int

    private let runner: DecoderRunner
    private var sessions: [UInt64: GenerationSession] = [:]
    private var lastSession: UInt64 = 0

    /// Loads a model.
    ///
    /// - Parameters:
    ///   - url: a Hugging Face folder, a GGUF file, or a folder that holds one GGUF file.
    ///   - options: threads, precision, cache, adapter.
    /// - Throws: ``ModelError`` for what is wrong with the files, ``GenerationError/notADecoder(architecture:)`` for an
    ///   encoder, ``TensorError`` if memory or threads are short.
    public init(modelAt url: URL, options: EngineOptions = .default) async throws {
        let executor = EngineExecutor(label: "InterestQueryKit.InferenceEngine")
        let (model, adapter) = try await executor.run { () throws -> (LoadedModel, DecoderAdapter?) in
            let context = try ComputeContext(options: try options.compute ?? ComputeOptions())
            let model = try loadModel(at: url, precision: options.precision, context: context)
            return (model, try model.adapter(at: options.adapter, context: context))
        }
        try self.init(model: model, adapter: adapter, options: options, executor: executor)
    }

    package init(model: LoadedModel, options: EngineOptions = .default) throws {
        try self.init(
            model: model,
            adapter: try model.adapter(at: options.adapter, context: try ComputeContext(threads: 1)),
            options: options,
            executor: EngineExecutor(label: "InterestQueryKit.InferenceEngine")
        )
    }

    private init(
        model: LoadedModel,
        adapter: DecoderAdapter?,
        options: EngineOptions,
        executor: EngineExecutor
    ) throws {
        guard case .decoder(let configuration, let weights) = model.weights else {
            throw GenerationError.notADecoder(architecture: ModelInformation(model).architecture)
        }
        guard let tokenizer = model.tokenizer else {
            throw ModelError.missingFile(folder: model.path, name: "tokenizer.json")
        }
        self.executor = executor
        self.tokenizer = tokenizer
        information = ModelInformation(model)
        let context = try ComputeContext(options: try options.compute ?? ComputeOptions())
        let decoder = try DecoderModel(
            configuration: configuration,
            weights: try weights.packed(for: options.quantizedProduct, in: configuration, on: context),
            product: options.quantizedProduct
        )
        runner = try DecoderRunner(
            decoder: adapter.map { decoder.with($0) } ?? decoder,
            context: context,
            cacheFormat: options.cacheFormat,
            contextLength: options.contextLength,
            maximumRows: options.prefillLength,
            maximumOutputs: options.maximumBatch
        )
        contextLength = runner.contextLength
        maximumBatch = runner.maximumOutputs
    }

    // MARK: Generation

    /// Continues one prompt. Nothing is computed before the first event is asked for.
    public nonisolated func generate(_ prompt: GenerationPrompt, options: GenerationOptions) -> GenerationStream {
        generate([prompt], options: options)
    }

    /// Makes `count` continuations of one prompt, which is read once; sequence i uses random stream i.
    ///
    /// - Parameter together: how many are decoded together, 1 to ``EngineOptions/maximumBatch``; the next ones begin when these
    ///   have ended, so whoever stops iterating saves them. All if not given.
    public nonisolated func generate(
        _ prompt: GenerationPrompt,
        group count: Int,
        together: Int? = nil,
        options: GenerationOptions
    ) -> GenerationStream {
        generate(prompt, group: count, together: together, firstStream: 0, options: options)
    }

    /// The same with another random stream for the first continuation; the others take those after it. As for `beginning` see
    /// ``ContinuousGeneration``.
    package nonisolated func generate(
        _ prompt: GenerationPrompt,
        group count: Int,
        together: Int?,
        firstStream: UInt64,
        beginning: Int = 0,
        options: GenerationOptions
    ) -> GenerationStream {
        GenerationStream(
            engine: self,
            prompts: [prompt],
            beginnings: [beginning],
            group: GenerationGroup(size: count, together: together, firstStream: firstStream),
            options: options
        )
    }

    /// Continues many prompts, up to ``EngineOptions/maximumBatch`` at a time; events carry the prompt's index.
    public nonisolated func generate(
        _ prompts: [GenerationPrompt],
        options: GenerationOptions
    ) -> GenerationStream {
        generate(prompts, beginnings: nil, options: options)
    }

    /// The same for prompts that begin alike.
    ///
    /// - Parameter beginnings: for each prompt how many of its first tokens other prompts have too; see ``ContinuousGeneration``.
    package nonisolated func generate(
        _ prompts: [GenerationPrompt],
        beginnings: [Int]?,
        options: GenerationOptions
    ) -> GenerationStream {
        GenerationStream(engine: self, prompts: prompts, beginnings: beginnings, group: nil, options: options)
    }

    /// The tokens that a prompt becomes.
    ///
    /// - Throws: ``GenerationError/noChatTemplate``, or a ``ChatTemplateError`` from the model's template.
    public nonisolated func tokens(of prompt: GenerationPrompt) throws -> [TokenID] {
        try prompt.tokens(with: tokenizer)
    }

    // MARK: Sessions, for GenerationStream

    func begin(
        prompts: [GenerationPrompt],
        beginnings: [Int]?,
        group: GenerationGroup?,
        options: GenerationOptions
    ) throws -> UInt64 {
        let request = try GenerationRequest(
            prompts: try prompts.map { try tokens(of: $0) },
            beginnings: beginnings,
            groupSize: group?.size ?? 1,
            membersAtOnce: group?.together,
            options: options,
            endTokens: tokenizer.endOfGeneration,
            firstStreams: group.map { [$0.firstStream] }
        )
        return add(try GenerationSession(request, runner: runner, tokenizer: tokenizer))
    }

    /// Begins a session that prompts are appended to.
    func open(_ options: GenerationOptions) throws -> UInt64 {
        add(
            try GenerationSession(
                options: options,
                endTokens: tokenizer.endOfGeneration,
                runner: runner,
                tokenizer: tokenizer
            )
        )
    }

    /// The first sequence that a prompt becomes in an open session.
    func append(
        _ prompt: [TokenID],
        beginning: Int,
        stream: UInt64,
        members: Int,
        isKept: Bool,
        to id: UInt64
    ) throws -> Int {
        guard let session = sessions[id] else { throw CancellationError() }
        return try session.append(
            prompt,
            beginning: beginning,
            stream: stream,
            members: members,
            isKept: isKept
        )
    }

    /// The first of more sequences of a prompt that an open session keeps.
    func append(members: Int, ofPrompt prompt: Int, stream: UInt64, to id: UInt64) throws -> Int {
        guard let session = sessions[id] else { throw CancellationError() }
        return try session.append(members: members, ofPrompt: prompt, stream: stream)
    }

    func release(prompt: Int, in id: UInt64) { sessions[id]?.release(prompt: prompt) }

    private func add(_ session: GenerationSession) -> UInt64 {
        lastSession += 1
        sessions[lastSession] = session
        return lastSession
    }

    /// The events of the session's next step; empty once it is over.
    func step(_ id: UInt64) throws -> [GenerationEvent] {
        guard let session = sessions[id] else { return [] }
        var events: [GenerationEvent] = []
        do {
            // A step in the middle of a long prompt has no event.
            while events.isEmpty {
                guard try session.step({ events.append($0) }) else { break }
                if Task.isCancelled { break }
            }
        } catch {
            sessions[id] = nil
            throw error
        }
        return events
    }

    /// Ends a session; its last events say what was cancelled.
    func cancel(_ id: UInt64) -> [GenerationEvent] {
        guard let session = sessions.removeValue(forKey: id) else { return [] }
        var events: [GenerationEvent] = []
        session.cancel { events.append($0) }
        return events
    }

    func end(_ id: UInt64) { sessions[id] = nil }

    /// Generations in progress.
    package var sessionCount: Int { sessions.count }
}
