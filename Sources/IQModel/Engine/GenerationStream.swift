// The asynchronous shell around a generation: one `next()` pulls one step.

/// The events of a generation, made as they are asked for.
///
/// Each iteration is a generation of its own. Cancelling the task ends it before the next step: the stream then delivers
/// the unfinished sequences with ``StopReason/cancelled`` and the summary, and ends without an error. Dropping the iterator
/// frees the generation's memory.
public struct GenerationStream: AsyncSequence, Sendable {
    public typealias Element = GenerationEvent

    private let engine: InferenceEngine
    private let prompts: [GenerationPrompt]
    private let beginnings: [Int]?
    private let group: GenerationGroup?
    private let options: GenerationOptions

    /// - Parameters:
    ///   - beginnings: for each prompt how many of its first tokens other prompts have too; nil for none.
    ///   - group: how the only prompt is continued; nil continues each prompt once.
    init(
        engine: InferenceEngine,
        prompts: [GenerationPrompt],
        beginnings: [Int]?,
        group: GenerationGroup?,
        options: GenerationOptions
    ) {
        self.engine = engine
        self.prompts = prompts
        self.beginnings = beginnings
        self.group = group
        self.options = options
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(stream: self)
    }

    /// Runs the generation and returns its finished sequences in order of their index.
    public func sequences() async throws -> [GeneratedSequence] {
        var results: [GeneratedSequence] = []
        for try await event in self {
            if case .sequenceFinished(let sequence) = event { results.append(sequence) }
        }
        return results.sorted { $0.sequence < $1.sequence }
    }

    public struct Iterator: AsyncIteratorProtocol {
        private let stream: GenerationStream
        private var session: SessionHandle?
        private var events: ArraySlice<GenerationEvent> = []
        private var isOver = false

        init(stream: GenerationStream) { self.stream = stream }

        /// The next event, or nil after the summary.
        ///
        /// - Throws: ``GenerationError`` for a prompt or option that cannot be used, and whatever ends a step early.
        public mutating func next() async throws -> GenerationEvent? {
            if let event = events.popFirst() { return event }
            guard !isOver else { return nil }
            do {
                try await refill()
            } catch {
                isOver = true
                throw error
            }
            guard let event = events.popFirst() else {
                isOver = true
                return nil
            }
            return event
        }

        private mutating func refill() async throws {
            if session == nil {
                let id = try await stream.engine.begin(
                    prompts: stream.prompts,
                    beginnings: stream.beginnings,
                    group: stream.group,
                    options: stream.options
                )
                session = SessionHandle(id: id, engine: stream.engine)
            }
            guard let session else { return }
            if !Task.isCancelled { events = try await stream.engine.step(session.id)[...] }
            if Task.isCancelled && events.isEmpty {
                events = await stream.engine.cancel(session.id)[...]
                isOver = true
            }
        }
    }
}

/// How often one prompt is continued.
struct GenerationGroup: Sendable {
    let size: Int
    /// Continuations that are decoded together; nil for all.
    let together: Int?
    /// The random stream of the first continuation.
    let firstStream: UInt64
}

/// Ends the session when its iterator goes away.
final class SessionHandle: Sendable {
    let id: UInt64
    private let engine: InferenceEngine

    init(id: UInt64, engine: InferenceEngine) {
        self.id = id
        self.engine = engine
    }

    deinit {
        let (id, engine) = (id, engine)
        Task { await engine.end(id) }
    }
}
