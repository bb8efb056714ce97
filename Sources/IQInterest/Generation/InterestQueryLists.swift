// Lists for any number of people, in their order and in bounded memory.

internal import IQModel

extension InterestQueryGenerator {
    /// The lists of a file's people, in their order, however many there are.
    ///
    /// ```swift
    /// for try await event in generator.lists(for: PersonLineReader(path: "people.jsonl")) {
    ///     if case .line(let line) = event { print(line.number, line.result) }
    /// }
    /// ```
    ///
    /// As many lists as ``EngineOptions/maximumBatch`` are written together, and the next one begins as soon as one is complete. Prompts
    /// are made while the engine decodes, and a slow pipe holds up no list of people who came before. A list depends on the
    /// person, the options and the record's number, which is its random stream; with up to
    /// ``EngineOptions/independentBatch`` lists together what is written beside it changes nothing, so a run over part of a
    /// file gives the very lists of a run over all of it.
    ///
    /// - Parameters:
    ///   - lines: the people; read once, so the sequence can be iterated once.
    ///   - window: how many records are in memory at most, waiting, being written, or done and waiting for one before
    ///     them, besides a few that are being prepared; four batches if not given.
    ///   - preparing: done to each person first, such as cleaning.
    /// - Returns: events; cancelling the task ends it with `CancellationError` and without incomplete lists. Throws
    ///   ``SignalFileError`` after the lists of the people before, ``GenerationError``, and what `preparing` throws.
    public func lists(
        for lines: PersonLineReader,
        window: Int? = nil,
        preparing: (@Sendable (Person) async throws -> Person)? = nil
    ) -> InterestQueryLists {
        precondition(window ?? 1 >= 1, "a window of \(window ?? 1) records")
        return InterestQueryLists(
            generator: self,
            lines: lines,
            window: window ?? 4 * engine.maximumBatch,
            preparing: preparing
        )
    }
}

/// Writes the lists of a file's people as they are asked for; see ``InterestQueryGenerator/lists(for:window:preparing:)``.
public struct InterestQueryLists: AsyncSequence, Sendable {
    public typealias Element = ListedLineEvent

    let generator: InterestQueryGenerator
    let lines: PersonLineReader
    let window: Int
    let preparing: (@Sendable (Person) async throws -> Person)?

    public func makeAsyncIterator() -> Iterator {
        Iterator(
            generator: generator,
            window: window,
            feed: ChannelFeed(capacity: Swift.min(window, 16)) {
                guard let line = try await lines.next() else { return nil }
                return try await prepare(line)
            }
        )
    }

    /// Follows the engine, and puts what is complete in order.
    public struct Iterator: AsyncIteratorProtocol {
        /// A list in the making: its place among the records taken, and the writer that follows its text.
        private struct Running {
            let place: Int
            let line: PreparedLine
            var writer: ListWriter
        }

        private let generator: InterestQueryGenerator
        private let window: Int
        private let feed: ChannelFeed<PreparedLine>
        private var generation: ContinuousGeneration?
        /// By the engine's sequence number.
        private var running: [Int: Running] = [:]
        /// Records that are done and wait for those before them, by place.
        private var done: [Int: ListedLine<InterestQueryResult>] = [:]
        private var queries: ArraySlice<ListedLineEvent> = []
        private var taken = 0
        private var delivered = 0
        /// The feed is at its end.
        private var isFed = false
        private var feedError: (any Error)?
        private var isOver = false

        init(generator: InterestQueryGenerator, window: Int, feed: ChannelFeed<PreparedLine>) {
            self.generator = generator
            self.window = window
            self.feed = feed
        }

        /// The next event, or nil behind the last record.
        public mutating func next() async throws -> ListedLineEvent? {
            while !isOver {
                if let event = queries.popFirst() { return event }
                if let line = done.removeValue(forKey: delivered) {
                    delivered += 1
                    return .line(line)
                }
                do {
                    try Task.checkCancellation()
                    try await advance()
                } catch {
                    end()
                    throw error
                }
            }
            return nil
        }

        private mutating func advance() async throws {
            try await take()
            if !running.isEmpty {
                for event in try await generation?.step() ?? [] { follow(event) }
            } else if done[delivered] == nil {
                if isFed {
                    end()
                    if let feedError { throw feedError }
                } else {
                    await feed.channel.wait()
                }
            }
        }

        /// Gives up the engine's memory and the feed.
        private mutating func end() {
            isOver = true
            generation = nil
            running = [:]
            feed.stop()
        }

        /// Takes the records that are prepared, as long as the window has room.
        private mutating func take() async throws {
            while !isFed, taken - delivered < window {
                switch feed.channel.receive() {
                case .nothing: return
                case .end(let error): (isFed, feedError) = (true, error)
                case .element(let line): try await begin(line)
                }
            }
        }

        private mutating func begin(_ line: PreparedLine) async throws {
            let place = taken
            taken += 1
            switch line.content {
            case .problem(let problem): done[place] = line.listed(.failure(problem))
            case .prompt(let prompt, let tokens, let signalsGiven):
                let generation = try await openGeneration()
                let sequence = try await generation.append(
                    tokens.tokens,
                    beginning: tokens.beginning,
                    stream: UInt64(line.index)
                )
                let parser = QueryListParser(
                    format: generator.options.format,
                    limits: generator.limits,
                    examples: prompt.exampleQueries
                )
                running[sequence] = Running(
                    place: place,
                    line: line,
                    writer: ListWriter(person: line.index, prompt: prompt, signalsGiven: signalsGiven, parser: parser)
                )
            }
        }

        private mutating func openGeneration() async throws -> ContinuousGeneration {
            if let generation { return generation }
            let opened = try await ContinuousGeneration(
                engine: generator.engine,
                options: try generator.generationOptions()
            )
            generation = opened
            return opened
        }

        private mutating func follow(_ event: GenerationEvent) {
            switch event {
            case .prefilled, .finished: break
            case .token(let token):
                guard !token.text.isEmpty, let events = running[token.sequence]?.writer.append(token.text) else {
                    return
                }
                report(events, of: token.sequence)
            case .sequenceFinished(let sequence):
                guard let events = running[sequence.sequence]?.writer.finish(sequence) else { return }
                report(events, of: sequence.sequence)
                running[sequence.sequence] = nil
            }
        }

        private mutating func report(_ events: [InterestQueryEvent], of sequence: Int) {
            guard let list = running[sequence] else { return }
            for event in events {
                switch event {
                case .query(_, let query):
                    queries.append(.query(index: list.line.index, id: list.line.id ?? "", query))
                case .list(let result): done[list.place] = list.line.listed(.success(result))
                case .started, .text, .failed, .finished: break
                }
            }
        }
    }
}

/// A record on its way to the engine.
struct PreparedLine: Sendable {
    enum Content: Sendable {
        case prompt(InterestPrompt, tokens: PromptTokens, signalsGiven: Int)
        case problem(ListedLineProblem)
    }

    let number: Int
    let index: Int
    let id: String?
    let content: Content

    func listed(_ result: Result<InterestQueryResult, ListedLineProblem>) -> ListedLine<InterestQueryResult> {
        ListedLine(number: number, index: index, id: id, result: result)
    }
}

extension InterestQueryLists {
    fileprivate func prepare(_ line: PersonLine) async throws -> PreparedLine {
        var id: String?
        let content: PreparedLine.Content
        switch line.person {
        case .failure(let error): content = .problem(.invalidLine(error))
        case .success(let given):
            id = given.id
            let person = try await preparing?(given) ?? given
            do {
                let prompt = try generator.prompt(for: person.signals, language: person.language)
                let tokens = try generator.tokens(of: prompt, language: person.language)
                content = .prompt(prompt, tokens: tokens, signalsGiven: person.signals.count)
            } catch let error as InterestQueryError {
                content = .problem(.noList(error))
            }
        }
        return PreparedLine(number: line.number, index: line.index, id: id, content: content)
    }
}
