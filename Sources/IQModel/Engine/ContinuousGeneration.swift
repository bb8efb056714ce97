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
    /// - Parameter stream: the random stream of its continuation.
    /// - Returns: the number of its sequence, counted from 0.
    /// - Throws: ``GenerationError`` for a prompt that cannot be continued; the others go on.
    package func append(_ prompt: [TokenID], stream: UInt64) async throws -> Int {
        try await engine.append(prompt, stream: stream, to: session.id)
    }

    /// The events of the next step; empty if no prompt waits or runs, or if the task was cancelled.
    ///
    /// - Throws: ``GenerationError``, ``TensorError``; the generation is over then.
    package func step() async throws -> [GenerationEvent] { try await engine.step(session.id) }
}
