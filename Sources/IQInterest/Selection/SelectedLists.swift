// The chosen lists of any number of people, in their order and in bounded memory.

internal import IQModel
internal import IQText
internal import Synchronization

extension ListSelector {
    /// The chosen lists of a file's people, in their order, however many there are.
    ///
    /// ```swift
    /// for try await line in selector.lists(for: PersonLineReader(path: "people.jsonl")) {
    ///     print(line.number, line.result)
    /// }
    /// ```
    ///
    /// Lists of several people are written together, as many as ``EngineOptions/maximumBatch`` allows, and a person's lists are judged
    /// while those of others are written. The record with number i takes the random streams from
    /// ``SelectionOptions/maximumCandidates`` · i on, so what is chosen depends on the person, the options and the record's number, and
    /// on nobody else, with a batch of up to ``EngineOptions/independentBatch``: a run over part of a file chooses what a run over
    /// all of it chooses. That is so for rewards whose scores do not depend on what they judged before; for
    /// ``InterestRewards/standard(articles:embedder:weights:clicks:fusion:)`` it is so to the last bit if the embedder's
    /// `batchTokens` are at most ``EngineOptions/independentBatch`` too.
    ///
    /// - Parameters:
    ///   - lines: the people; read once, so the sequence can be iterated once.
    ///   - people: how many are worked for at a time, or wait for one before them; if not given, twice as many as fill the
    ///     engine's batch. Their prompts are in memory.
    ///   - preparing: done to each person first, such as cleaning.
    /// - Returns: lines; cancelling the task ends it with `CancellationError`. Throws ``SignalFileError`` after the lists of the
    ///   people before, and what ``list(for:firstStream:)`` and `preparing` throw, but ``InterestQueryError``, which is a line's problem.
    public func lists(
        for lines: PersonLineReader,
        people: Int? = nil,
        preparing: (@Sendable (Person) async throws -> Person)? = nil
    ) -> SelectedLists {
        precondition(people ?? 1 >= 1, "\(people ?? 1) people at a time")
        return SelectedLists(
            selector: self,
            lines: lines,
            people: people ?? 2 * max(1, generator.engine.maximumBatch / round),
            preparing: preparing
        )
    }
}

/// Chooses lists for a file's people as they are asked for; see ``ListSelector/lists(for:people:preparing:)``.
public struct SelectedLists: AsyncSequence, Sendable {
    public typealias Element = ListedLine<SelectedList>

    let selector: ListSelector
    let lines: PersonLineReader
    let people: Int
    let preparing: (@Sendable (Person) async throws -> Person)?

    public func makeAsyncIterator() -> Iterator {
        Iterator(
            selector: selector,
            window: people,
            feed: ChannelFeed(capacity: Swift.min(people, 16)) {
                guard let line = try await lines.next() else { return nil }
                return try await prepare(line)
            }
        )
    }

    /// Follows the engine, has rounds judged beside it, and puts what is chosen in order.
    public struct Iterator: AsyncIteratorProtocol {
        private let selector: ListSelector
        private let window: Int
        private let feed: ChannelFeed<PreparedPerson>
        private var generation: ContinuousGeneration?
        /// Who is worked for, by place among the records taken.
        private var people: [Int: Person] = [:]
        /// Whose sequence each one of the engine's is.
        private var writing: [Int: Int] = [:]
        private var judging: [Judgement] = []
        /// Records that are done and wait for those before them, by place.
        private var done: [Int: Result<ListedLine<SelectedList>, any Error>] = [:]
        private var taken = 0
        private var delivered = 0
        private var isFed = false
        private var feedError: (any Error)?
        private var isOver = false

        /// A person on the way to a list.
        private struct Person {
            let line: PreparedPerson
            let sample: InterestSample
            let prompt: InterestPrompt
            /// The engine's name of the prompt.
            let first: Int
            var candidates: [ListCandidate] = []
            /// Those of the round that have ended, of so many.
            var sequences: [GeneratedSequence] = []
            var roundSize: Int
        }

        init(selector: ListSelector, window: Int, feed: ChannelFeed<PreparedPerson>) {
            self.selector = selector
            self.window = window
            self.feed = feed
        }

        /// The next line, or nil behind the last record.
        public mutating func next() async throws -> ListedLine<SelectedList>? {
            while !isOver {
                do {
                    if let result = done.removeValue(forKey: delivered) {
                        delivered += 1
                        return try result.get()
                    }
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
            try await settle()
            if !writing.isEmpty {
                for event in try await generation?.step() ?? [] { follow(event) }
            } else if let first = judging.first {
                await first.wait()
            } else if done[delivered] == nil {
                if isFed {
                    end()
                    if let feedError { throw feedError }
                } else {
                    await feed.channel.wait()
                }
            }
        }

        /// Gives up the engine's memory, the judgements and the feed.
        private mutating func end() {
            isOver = true
            generation = nil
            people = [:]
            judging = []
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

        private mutating func begin(_ line: PreparedPerson) async throws {
            let place = taken
            taken += 1
            switch line.content {
            case .problem(let problem): done[place] = .success(line.listed(.failure(problem)))
            case .person(let sample, let prompt, let tokens):
                let generation = try await openGeneration()
                let members = selector.nextRound(after: 0)
                let first = try await generation.append(
                    tokens.tokens,
                    beginning: tokens.beginning,
                    stream: line.firstStream,
                    members: members,
                    isKept: members < selector.options.candidates
                )
                people[place] = Person(line: line, sample: sample, prompt: prompt, first: first, roundSize: members)
                for sequence in first..<first + members { writing[sequence] = place }
            }
        }

        private mutating func openGeneration() async throws -> ContinuousGeneration {
            if let generation { return generation }
            let opened = try await ContinuousGeneration(
                engine: selector.generator.engine,
                options: try selector.generator.generationOptions()
            )
            generation = opened
            return opened
        }

        /// Has a round judged as soon as its last sequence has ended.
        private mutating func follow(_ event: GenerationEvent) {
            guard case .sequenceFinished(let sequence) = event,
                let place = writing.removeValue(forKey: sequence.sequence), var person = people[place]
            else { return }
            person.sequences.append(sequence)
            if person.sequences.count == person.roundSize {
                let (sequences, candidates) = (person.sequences, person.candidates)
                let (sample, prompt) = (person.sample, person.prompt)
                judging.append(
                    Judgement(place: place) { [selector] in
                        try await selector.verdict(on: sequences, after: candidates, for: sample, prompt: prompt)
                    }
                )
                person.sequences = []
            }
            people[place] = person
        }

        /// Does what the judgements that are there say.
        private mutating func settle() async throws {
            var waiting: [Judgement] = []
            let judging = judging
            for judgement in judging {
                guard let result = judgement.result else {
                    waiting.append(judgement)
                    continue
                }
                try await settle(judgement.place, result)
            }
            self.judging = waiting
        }

        private mutating func settle(_ place: Int, _ result: Result<ListSelector.Verdict, any Error>) async throws {
            guard var person = people[place] else { return }
            switch result {
            case .success(.more(let candidates)):
                person.candidates = candidates
                person.roundSize = selector.nextRound(after: candidates.count)
                people[place] = person
                guard let generation else { return }
                let first = try await generation.append(
                    members: person.roundSize,
                    ofPrompt: person.first,
                    stream: person.line.firstStream + UInt64(candidates.count)
                )
                for sequence in first..<first + person.roundSize { writing[sequence] = place }
                return
            case .success(.chosen(let selected)): done[place] = .success(person.line.listed(.success(selected)))
            // The people before come first.
            case .failure(let error): done[place] = .failure(error)
            }
            people[place] = nil
            await generation?.release(prompt: person.first)
        }
    }
}

/// A round that is being judged. Given up when it goes away.
private final class Judgement: Sendable {
    let place: Int
    private let outcome: Outcome
    private let task: Task<Void, Never>

    private final class Outcome: Sendable {
        let result = Mutex<Result<ListSelector.Verdict, any Error>?>(nil)
    }

    init(place: Int, _ judge: @escaping @Sendable () async throws -> ListSelector.Verdict) {
        let outcome = Outcome()
        self.place = place
        self.outcome = outcome
        task = Task {
            let result: Result<ListSelector.Verdict, any Error>
            do { result = .success(try await judge()) } catch { result = .failure(error) }
            outcome.result.withLock { $0 = result }
        }
    }

    deinit { task.cancel() }

    /// What came of it; nil if it is not there yet.
    var result: Result<ListSelector.Verdict, any Error>? { outcome.result.withLock { $0 } }

    /// Waits for the result; cancelling the waiting task cancels the judgement.
    func wait() async {
        await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }
}

/// A record on its way to the engine.
struct PreparedPerson: Sendable {
    enum Content: Sendable {
        case person(InterestSample, InterestPrompt, tokens: PromptTokens)
        case problem(ListedLineProblem)
    }

    let number: Int
    let index: Int
    let id: String?
    let content: Content

    /// The random stream of the person's first list.
    var firstStream: UInt64 { UInt64(index) * UInt64(SelectionOptions.maximumCandidates) }

    func listed(_ result: Result<SelectedList, ListedLineProblem>) -> ListedLine<SelectedList> {
        ListedLine(number: number, index: index, id: id, result: result)
    }
}

extension SelectedLists {
    fileprivate func prepare(_ line: PersonLine) async throws -> PreparedPerson {
        var id: String?
        let content: PreparedPerson.Content
        switch line.person {
        case .failure(let error): content = .problem(.invalidLine(error))
        case .success(let given):
            id = given.id
            let person = try await preparing?(given) ?? given
            let sample = InterestSample(id: person.id, signals: person.signals, language: person.language).inOrder
            do {
                let generator = selector.generator
                let prompt = try generator.prompt(for: sample.signals, language: sample.language)
                content = .person(sample, prompt, tokens: try generator.tokens(of: prompt, language: sample.language))
            } catch let error as InterestQueryError {
                content = .problem(.noList(error))
            }
        }
        return PreparedPerson(number: line.number, index: line.index, id: id, content: content)
    }
}
