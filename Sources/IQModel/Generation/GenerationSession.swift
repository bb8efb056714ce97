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
    private let tokenizer: Tokenizer?
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant

    /// Sequences that are decoding, in order of index.
    private var running: [SequenceState] = []
    /// Logits of these, while a step samples.
    private var logits: FloatMatrix?
    /// Sampling of one row. Sequences have nothing in common but the grammar, which any thread may ask.
    private lazy var sampling = ConcurrentWork { [unowned self] row in
        let sequence = running[row]
        logits?.withRow(row) {
            sequence.advanceLater(logits: $0, contextLength: runner.contextLength, on: runner.context)
        }
    }
    private var reading: PromptReading?
    private var waiting: WaitingPrompts
    /// Prompts that were read and may be continued again, with their tokens, by the number of their first sequence.
    private var kept: [Int: (tokens: [TokenID], read: ReadPrompt)] = [:]
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
    /// - Parameters:
    ///   - beginning: how many of its first tokens other prompts have too, fewer than all. They are read once and kept by the
    ///     runner, and the prompt is read in two pieces.
    ///   - stream: the random stream of its first continuation; the others take those after it.
    ///   - members: its continuations, which begin together.
    ///   - isKept: keeps what was read, for ``append(members:ofPrompt:stream:)``, until ``release(prompt:)``.
    /// - Returns: the number of its first sequence: one more than the last. It names the prompt too.
    /// - Throws: ``GenerationError`` if the prompt is empty, too long or not in the vocabulary, or there are more members than
    ///   places.
    package func append(
        _ prompt: [TokenID],
        beginning: Int = 0,
        stream: UInt64,
        members: Int = 1,
        isKept: Bool = false
    ) throws(GenerationError) -> Int {
        try runner.validate(prompt)
        return try append(
            tokens: prompt,
            beginning: beginning,
            stream: stream,
            members: members,
            isKept: isKept,
            read: nil
        )
    }

    /// Adds more continuations of a prompt that was kept, behind what waits. Some of the first ones must have begun.
    ///
    /// - Returns: the number of the first new sequence.
    /// - Throws: ``GenerationError/groupTooLarge(_:maximumBatch:)``.
    package func append(members: Int, ofPrompt prompt: Int, stream: UInt64) throws(GenerationError) -> Int {
        guard let known = kept[prompt] else { preconditionFailure("prompt \(prompt) was not kept, or not read yet") }
        return try append(
            tokens: known.tokens,
            beginning: 0,
            stream: stream,
            members: members,
            isKept: false,
            read: known.read
        )
    }

    /// Gives the memory of a kept prompt up, once its continuations have ended.
    package func release(prompt: Int) { kept[prompt] = nil }

    private func append(
        tokens: [TokenID],
        beginning: Int,
        stream: UInt64,
        members: Int,
        isKept: Bool,
        read: ReadPrompt?
    ) throws(GenerationError) -> Int {
        precondition(
            beginning >= 0 && beginning < tokens.count,
            "\(beginning) of \(tokens.count) tokens as a beginning"
        )
        precondition(isOpen, "a prompt for a session that is closed")
        precondition(members >= 1, "\(members) continuations")
        guard members <= runner.maximumOutputs else {
            throw .groupTooLarge(members, maximumBatch: runner.maximumOutputs)
        }
        let sequence = sequenceCount
        waiting.append(
            WaitingPrompts.Prompt(
                tokens: tokens,
                firstSequence: sequence,
                firstStream: stream,
                beginning: beginning,
                members: members,
                membersAtOnce: members,
                isKept: isKept,
                read: read
            )
        )
        sequenceCount += members
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
        kept = [:]
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
            guard let next = waiting.first, running.count + next.membersAtOnce <= runner.maximumOutputs,
                let prompt = waiting.popFirst()
            else { return false }
            let room = reservedTokens(after: prompt.tokens.count)
            reading = try PromptReading(prompt, room: room, on: runner)
        }
        guard var prompt = reading else { return false }
        if let logits = prompt.logits {
            // The next members of a group begin when those before them have ended; the first ones have places.
            guard prompt.begun == 0 || running.isEmpty else { return false }
            try begin(&prompt, logits: logits, emit)
            return true
        }
        let end = min(prompt.read + runner.maximumRows, prompt.pieceEnd)
        let isLast = end == prompt.tokens.count
        try runner.batch.append(prompt.tokens[prompt.read..<end], to: prompt.cache, outputs: isLast ? .last : .none)
        let logits = try runner.step()
        try prompt.advance(to: end, on: runner)
        guard isLast else {
            reading = prompt
            return true
        }
        promptTokens += prompt.tokens.count
        emit(.prefilled(promptTokens: prompt.tokens.count, seconds: seconds(since: start)))
        if prompt.prompt.membersAtOnce < prompt.prompt.members || prompt.prompt.isKept {
            let copy = try FloatMatrix(rows: 1, columns: logits.columns, values: logits.values)
            prompt.logits = copy
            if prompt.prompt.isKept {
                kept[prompt.prompt.firstSequence] = (prompt.tokens, ReadPrompt(cache: prompt.cache, logits: copy))
            }
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
        let members = prompt.begun..<min(prompt.begun + prompt.prompt.membersAtOnce, prompt.prompt.members)
        prompt.begun = members.upperBound
        reading = prompt.begun < prompt.prompt.members ? prompt : nil
        for member in members {
            let cache = prompt.isShared ? prompt.cache.fork() : prompt.cache
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
        // Those that are kept are as they were.
        if prompt.logits != nil {
            logits.withRow(0) { target in for index in row.indices { target[index] = row[index] } }
        }
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
        logits = try runner.step()
        runner.context.perform(sampling, count: running.count)
        logits = nil
        for sequence in running { report(try sequence.takeToken(), of: sequence, emit) }
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
        report(token, of: sequence, emit)
    }

    private func report(_ token: GeneratedToken, of sequence: SequenceState, _ emit: (GenerationEvent) -> Void) {
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
