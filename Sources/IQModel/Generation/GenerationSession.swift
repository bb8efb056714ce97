// The synchronous engine: a plain iterator that reads prompts and decodes their continuations together.

internal import IQTensor
package import IQText

/// One generation in progress. Each ``step()`` does one unit of work: a piece of a prompt, or one token of every running
/// sequence. Sequences that end make place for waiting ones.
package final class GenerationSession {
    private let runner: DecoderRunner
    private let request: GenerationRequest
    private let tokenizer: Tokenizer?
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant

    /// Sequences that are decoding, in order of index.
    private var running: [SequenceState] = []
    private var reading: PromptReading?
    private var nextPrompt = 0
    private var reasons: [StopReason]
    private var promptTokens = 0
    private var generatedTokens = 0
    private var prefillSeconds = 0.0
    private var decodeSeconds = 0.0
    private var isFinished = false

    /// A prompt that is being read, or read and waiting for places for its continuations.
    private struct PromptReading {
        let tokens: [TokenID]
        let cache: KVCache
        var read = 0
        /// Sequence number of the prompt's first continuation.
        let firstSequence: Int
    }

    /// - Throws: ``GenerationError`` if a prompt is empty, too long or not in the vocabulary, or the grammar is for another
    ///   one.
    package init(
        _ request: GenerationRequest,
        runner: DecoderRunner,
        tokenizer: Tokenizer?
    ) throws(GenerationError) {
        for prompt in request.prompts { try runner.validate(prompt) }
        guard request.groupSize <= runner.maximumOutputs else {
            throw .groupTooLarge(request.groupSize, maximumBatch: runner.maximumOutputs)
        }
        let vocabularySize = runner.decoder.configuration.vocabularySize
        if let grammar = request.options.grammar, grammar.vocabularySize > vocabularySize {
            throw .grammarVocabularyMismatch(grammar: grammar.vocabularySize, model: vocabularySize)
        }
        self.runner = runner
        self.request = request
        self.tokenizer = tokenizer
        reasons = Array(repeating: .cancelled, count: request.prompts.count * request.groupSize)
        start = clock.now
    }

    /// Does the next unit of work and passes its events to `emit`; false once there is nothing left to do.
    ///
    /// After an error the session is finished.
    package func step(_ emit: (GenerationEvent) -> Void) throws -> Bool {
        guard !isFinished else { return false }
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
        if running.isEmpty && reading == nil && nextPrompt == request.prompts.count { finish(emit) }
        return true
    }

    /// Ends all sequences and emits what they have.
    package func cancel(_ emit: (GenerationEvent) -> Void) {
        guard !isFinished else { return }
        for sequence in running {
            sequence.cancel()
            emit(.sequenceFinished(sequence.result))
        }
        let firstUnstarted = reading?.firstSequence ?? nextPrompt * request.groupSize
        for index in firstUnstarted..<reasons.count {
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
        running.removeAll()
        reading = nil
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

    /// Reads the next piece of a prompt if there is a place for its continuations.
    private func readPrompt(_ emit: (GenerationEvent) -> Void) throws -> Bool {
        if reading == nil {
            guard nextPrompt < request.prompts.count,
                running.count + request.groupSize <= runner.maximumOutputs
            else { return false }
            let tokens = request.prompts[nextPrompt]
            let cache = runner.makeCache()
            // One continuation writes on in the prompt's own memory; forks of a group get memory of their own.
            let room = request.groupSize == 1 ? reservedTokens(after: tokens.count) : 0
            try cache.reserve(tokens.count + room)
            reading = PromptReading(tokens: tokens, cache: cache, firstSequence: nextPrompt * request.groupSize)
            nextPrompt += 1
        }
        guard var prompt = reading else { return false }
        let end = min(prompt.read + runner.maximumRows, prompt.tokens.count)
        let isLast = end == prompt.tokens.count
        try runner.batch.append(prompt.tokens[prompt.read..<end], to: prompt.cache, outputs: isLast ? .last : .none)
        let logits = try runner.step()
        prompt.read = end
        reading = isLast ? nil : prompt
        if isLast {
            promptTokens += prompt.tokens.count
            emit(.prefilled(promptTokens: prompt.tokens.count, seconds: seconds(since: start)))
            try begin(prompt, logits: logits, emit)
        }
        return true
    }

    /// Forks a prompt that was read into its continuations and samples the first token of each.
    private func begin(_ prompt: PromptReading, logits: FloatMatrix, _ emit: (GenerationEvent) -> Void) throws {
        let row = logits.values
        for member in 0..<request.groupSize {
            let cache = request.groupSize == 1 ? prompt.cache : prompt.cache.fork()
            let room = newTokens(after: prompt.tokens.count)
            try cache.reserve(reservedTokens(after: prompt.tokens.count))
            let sequence = SequenceState(
                index: prompt.firstSequence + member,
                cache: cache,
                prompt: prompt.tokens,
                request: request,
                tokenizer: tokenizer,
                vocabularySize: runner.decoder.configuration.vocabularySize,
                room: room
            )
            if member > 0 { logits.withRow(0) { target in for index in row.indices { target[index] = row[index] } } }
            try sample(sequence, logits: logits, row: 0, emit)
            if sequence.reason == nil { running.append(sequence) }
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
        min(request.options.maximumTokens, runner.contextLength - promptLength)
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
            reasons[sequence.index] = reason
            emit(.sequenceFinished(sequence.result))
        }
    }

    private func seconds(since instant: ContinuousClock.Instant) -> Double {
        let duration = clock.now - instant
        return Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }
}
