// The synchronous engine: a plain iterator that reads prompts and decodes their continuations together.

internal import IQTensor
package import IQText

/// One generation in progress. Each ``step()`` does one unit of work: a piece of a prompt, or one token of every running
/// sequence. Sequences that end make place for waiting ones.
///
/// A session has all its prompts from the start, or is made empty and gets them one by one by ``append(_:stream:)`` until
/// ``close()``: then memory is bounded by the prompts that wait and run, however many there are in all.
package final class GenerationSession {
    private let runner: DecoderRunner
    private let options: GenerationOptions
    private let endTokens: Set<TokenID>
    private let groupSize: Int
    private let membersAtOnce: Int
    private let tokenizer: Tokenizer?
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant

    /// Sequences that are decoding, in order of index.
    private var running: [SequenceState] = []
    private var reading: PromptReading?
    private var waiting: WaitingPrompts
    /// Why each sequence ended; empty in a session that prompts are appended to, which may have any number.
    private var reasons: [StopReason]
    /// Sequences of all prompts so far.
    private var sequenceCount: Int
    /// More prompts may be appended.
    private var isOpen: Bool
    private var promptTokens = 0
    private var generatedTokens = 0
    private var prefillSeconds = 0.0
    private var decodeSeconds = 0.0
    private var isFinished = false

    /// A prompt that is being read, or read and waiting for places for its continuations.
    private struct PromptReading {
        let prompt: WaitingPrompts.Prompt
        let cache: KVCache
        var read = 0
        /// Continuations that have begun.
        var begun = 0
        /// The logits behind the prompt, for continuations that begin after the first ones; else nil.
        var logits: FloatMatrix?

        var tokens: [TokenID] { prompt.tokens }
    }

    /// - Throws: ``GenerationError`` if a prompt is empty, too long or not in the vocabulary, or the grammar is for another
    ///   one.
    package init(
        _ request: GenerationRequest,
        runner: DecoderRunner,
        tokenizer: Tokenizer?
    ) throws(GenerationError) {
        for prompt in request.prompts { try runner.validate(prompt) }
        guard request.membersAtOnce <= runner.maximumOutputs else {
            throw .groupTooLarge(request.membersAtOnce, maximumBatch: runner.maximumOutputs)
        }
        try Self.validate(request.options, runner)
        self.runner = runner
        options = request.options
        endTokens = request.endTokens
        groupSize = request.groupSize
        membersAtOnce = request.membersAtOnce
        self.tokenizer = tokenizer
        waiting = WaitingPrompts(request)
        sequenceCount = request.prompts.count * request.groupSize
        reasons = Array(repeating: .cancelled, count: sequenceCount)
        isOpen = false
        start = clock.now
    }

    /// A session without prompts, to which they are appended.
    ///
    /// - Throws: ``GenerationError/grammarVocabularyMismatch(grammar:model:)``.
    package init(
        options: GenerationOptions,
        endTokens: Set<TokenID>,
        runner: DecoderRunner,
        tokenizer: Tokenizer?
    ) throws(GenerationError) {
        try Self.validate(options, runner)
        self.runner = runner
        self.options = options
        self.endTokens = endTokens
        groupSize = 1
        membersAtOnce = 1
        self.tokenizer = tokenizer
        waiting = WaitingPrompts()
        sequenceCount = 0
        reasons = []
        isOpen = true
        start = clock.now
    }

    private static func validate(_ options: GenerationOptions, _ runner: DecoderRunner) throws(GenerationError) {
        let vocabularySize = runner.decoder.configuration.vocabularySize
        if let grammar = options.grammar, grammar.vocabularySize > vocabularySize {
            throw .grammarVocabularyMismatch(grammar: grammar.vocabularySize, model: vocabularySize)
        }
    }

    /// Adds a prompt behind those that wait.
    ///
    /// - Parameter stream: the random stream of its continuation.
    /// - Returns: the number of the sequence that it becomes: one more than the last.
    /// - Throws: ``GenerationError`` if the prompt is empty, too long or not in the vocabulary.
    package func append(_ prompt: [TokenID], stream: UInt64) throws(GenerationError) -> Int {
        precondition(isOpen, "a prompt for a session that is closed")
        try runner.validate(prompt)
        let sequence = sequenceCount
        waiting.append(WaitingPrompts.Prompt(tokens: prompt, firstSequence: sequence, firstStream: stream))
        sequenceCount += 1
        return sequence
    }

    /// No prompt will be appended any more: the session ends with those it has.
    package func close() { isOpen = false }

    /// Prompts that have not begun to be read.
    package var waitingCount: Int { waiting.count }

    /// Does the next unit of work and passes its events to `emit`; false once there is nothing left to do. An open session
    /// goes on after that when a prompt is appended.
    ///
    /// After an error the session is finished.
    package func step(_ emit: (GenerationEvent) -> Void) throws -> Bool {
        guard !isFinished, !isOpen || !isIdle else { return false }
        do {
            let began = clock.now
            if try readPrompt(emit) {
                prefillSeconds += seconds(since: began)
            } else if !running.isEmpty {
                try decode(emit)
                decodeSeconds += seconds(since: began)
            }
        } catch {
            isFinished = true
            throw error
        }
        if isIdle && !isOpen { finish(emit) }
        return true
    }

    private var isIdle: Bool { running.isEmpty && reading == nil && waiting.isEmpty }

    /// Ends all sequences and emits what they have.
    package func cancel(_ emit: (GenerationEvent) -> Void) {
        guard !isFinished else { return }
        for sequence in running {
            sequence.cancel()
            emit(.sequenceFinished(sequence.result))
        }
        let firstUnstarted =
            reading.map { $0.prompt.firstSequence + $0.begun } ?? waiting.first?.firstSequence ?? sequenceCount
        for index in firstUnstarted..<sequenceCount {
            emit(
                .sequenceFinished(
                    GeneratedSequence(
                        sequence: index,
                        tokens: [],
                        text: "",
                        logProbabilities: [],
                        rawLogProbabilities: [],
                        reason: .cancelled
                    )
                )
            )
        }
        finish(emit)
    }

    private func finish(_ emit: (GenerationEvent) -> Void) {
        isFinished = true
        isOpen = false
        running.removeAll()
        reading = nil
        waiting = WaitingPrompts()
        emit(
            .finished(
                GenerationSummary(
                    reasons: reasons,
                    promptTokens: promptTokens,
                    generatedTokens: generatedTokens,
                    prefillSeconds: prefillSeconds,
                    decodeSeconds: decodeSeconds
                )
            )
        )
    }

    // MARK: Prompts

    /// Reads the next piece of a prompt, or begins continuations of one that is read, if there are places for them.
    private func readPrompt(_ emit: (GenerationEvent) -> Void) throws -> Bool {
        if reading == nil {
            guard running.count + membersAtOnce <= runner.maximumOutputs, let prompt = waiting.popFirst() else {
                return false
            }
            let cache = runner.makeCache()
            // One continuation writes on in the prompt's own memory; forks of a group get memory of their own.
            let room = groupSize == 1 ? reservedTokens(after: prompt.tokens.count) : 0
            try cache.reserve(prompt.tokens.count + room)
            reading = PromptReading(prompt: prompt, cache: cache)
        }
        guard var prompt = reading else { return false }
        if let logits = prompt.logits {
            // The next members of a group begin when those before them have ended.
            guard running.isEmpty else { return false }
            try begin(&prompt, logits: logits, emit)
            return true
        }
        let end = min(prompt.read + runner.maximumRows, prompt.tokens.count)
        let isLast = end == prompt.tokens.count
        try runner.batch.append(prompt.tokens[prompt.read..<end], to: prompt.cache, outputs: isLast ? .last : .none)
        let logits = try runner.step()
        prompt.read = end
        guard isLast else {
            reading = prompt
            return true
        }
        promptTokens += prompt.tokens.count
        emit(.prefilled(promptTokens: prompt.tokens.count, seconds: seconds(since: start)))
        if membersAtOnce < groupSize {
            prompt.logits = try FloatMatrix(rows: 1, columns: logits.columns, values: logits.values)
        }
        try begin(&prompt, logits: logits, emit)
        return true
    }

    /// Forks a prompt that was read into its next continuations and samples the first token of each.
    ///
    /// - Parameter logits: those behind the prompt, [1, V]; overwritten unless the prompt keeps them for further members.
    private func begin(
        _ prompt: inout PromptReading,
        logits: FloatMatrix,
        _ emit: (GenerationEvent) -> Void
    ) throws {
        let row = logits.values
        let members = prompt.begun..<min(prompt.begun + membersAtOnce, groupSize)
        prompt.begun = members.upperBound
        reading = prompt.begun < groupSize ? prompt : nil
        for member in members {
            let cache = groupSize == 1 ? prompt.cache : prompt.cache.fork()
            let room = newTokens(after: prompt.tokens.count)
            try cache.reserve(reservedTokens(after: prompt.tokens.count))
            let sequence = SequenceState(
                index: prompt.prompt.firstSequence + member,
                cache: cache,
                prompt: prompt.tokens,
                stream: prompt.prompt.firstStream + UInt64(member),
                options: options,
                endTokens: endTokens,
                tokenizer: tokenizer,
                vocabularySize: runner.decoder.configuration.vocabularySize,
                room: room
            )
            // Sampling overwrites the row.
            if member > 0 { logits.withRow(0) { target in for index in row.indices { target[index] = row[index] } } }
            try sample(sequence, logits: logits, row: 0, emit)
            if sequence.reason == nil { running.append(sequence) }
        }
        if reading != nil { logits.withRow(0) { target in for index in row.indices { target[index] = row[index] } } }
    }

    /// Room in the cache that a continuation gets at once; a longer one grows page by page, so that a large limit that is
    /// never reached costs no memory.
    private func reservedTokens(after promptLength: Int) -> Int {
        min(newTokens(after: promptLength), Self.reservedTokens)
    }

    private static let reservedTokens = 1024

    /// Tokens that can follow the prompt.
    private func newTokens(after promptLength: Int) -> Int {
        min(options.maximumTokens, runner.contextLength - promptLength)
    }

    // MARK: Decoding

    /// One token for every running sequence.
    private func decode(_ emit: (GenerationEvent) -> Void) throws {
        for sequence in running {
            try runner.batch.append(
                CollectionOfOne(sequence.tokens[sequence.tokens.count - 1]),
                to: sequence.cache,
                outputs: .last
            )
        }
        let logits = try runner.step()
        for (row, sequence) in running.enumerated() { try sample(sequence, logits: logits, row: row, emit) }
        if running.contains(where: { $0.reason != nil }) { running.removeAll { $0.reason != nil } }
    }

    private func sample(
        _ sequence: SequenceState,
        logits: FloatMatrix,
        row: Int,
        _ emit: (GenerationEvent) -> Void
    ) throws {
        let token = try logits.withRow(row) { values in
            try sequence.advance(logits: values, contextLength: runner.contextLength, on: runner.context)
        }
        generatedTokens += 1
        emit(.token(token))
        if let reason = sequence.reason {
            if !reasons.isEmpty { reasons[sequence.index] = reason }
            emit(.sequenceFinished(sequence.result))
        }
    }

    private func seconds(since instant: ContinuousClock.Instant) -> Double {
        let duration = clock.now - instant
        return Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }
}
