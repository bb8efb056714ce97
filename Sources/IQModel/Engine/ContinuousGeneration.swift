// A generation that gets its prompts one by one, for any number of them.

package import IQText

/// A generation that prompts are added to while it runs: a place that becomes free is taken by the next prompt that waits.
///
/// Memory is bounded by the prompts that wait and run. A continuation depends on its prompt, its stream and the options; what
/// is decoded beside it changes nothing, up to ``EngineOptions/independentBatch`` places. Ends when the value goes away.
package struct ContinuousGeneration: Sendable {
    private let engine: InferenceEngine
    private let session: SessionHandle

    /// - Throws: ``GenerationError/grammarVocabularyMismatch(grammar:model:)``.
    package init(engine: InferenceEngine, options: GenerationOptions) async throws {
        self.engine = engine
        session = SessionHandle(id: try await engine.open(options), engine: engine)
    }

    /// Adds a prompt behind those that wait.
    ///
    /// - Parameters:
    ///   - beginning: how many of its first tokens other prompts have too, fewer than all: they are read once and kept for
    ///     this and later generations. A prompt is read in two pieces then, whoever read its beginning.
    ///   - stream: the random stream of its first continuation; the others take those after it.
    ///   - members: its continuations, which begin together, from one reading.
    ///   - isKept: keeps what was read, for ``append(members:ofPrompt:stream:)``, until ``release(prompt:)``.
    /// - Returns: the number of its first sequence, counted from 0. It names the prompt too.
    /// - Throws: ``GenerationError`` for a prompt that cannot be continued; the others go on.
    package func append(
        _ prompt: [TokenID],
        beginning: Int = 0,
        stream: UInt64,
        members: Int = 1,
        isKept: Bool = false
    ) async throws -> Int {
        try await engine.append(
            prompt,
            beginning: beginning,
            stream: stream,
            members: members,
            isKept: isKept,
            to: session.id
        )
    }

    /// Adds more continuations of a prompt that is kept and has been continued before.
    ///
    /// - Returns: the number of the first new sequence.
    /// - Throws: ``GenerationError/groupTooLarge(_:maximumBatch:)``.
    package func append(members: Int, ofPrompt prompt: Int, stream: UInt64) async throws -> Int {
        try await engine.append(members: members, ofPrompt: prompt, stream: stream, to: session.id)
    }

    /// Gives the memory of a kept prompt up, once its continuations have ended.
    package func release(prompt: Int) async { await engine.release(prompt: prompt, in: session.id) }

    /// The events of the next step; empty if no prompt waits or runs, or if the task was cancelled.
    ///
    /// - Throws: ``GenerationError``, ``TensorError``; the generation is over then.
    package func step() async throws -> [GenerationEvent] { try await engine.step(session.id) }
}
