// The chosen lists of any number of people, in their order and in bounded memory.

extension ListSelector {
    /// The chosen lists of a file's people, in their order, however many there are.
    ///
    /// ```swift
    /// for try await line in selector.lists(for: PersonLineReader(path: "people.jsonl")) {
    ///     print(line.number, line.result)
    /// }
    /// ```
    ///
    /// One person's lists are judged while another's are written. The record with number i takes the random streams from
    /// ``SelectionOptions/maximumCandidates`` · i on, so what is chosen depends on the person, the options and the record's number, and
    /// on nobody else: a run over part of a file chooses what a run over all of it chooses. With a reward that holds for one
    /// whose scores do not depend on what it judged before; of ``InterestRewards/standard(articles:embedder:weights:clicks:fusion:)``
    /// it holds to the last bit if the embedder's `batchTokens` are at most ``EngineOptions/independentBatch``.
    ///
    /// - Parameters:
    ///   - lines: the people; read once, so the sequence can be iterated once.
    ///   - people: how many are worked for at a time, and wait for one before them. The engine's memory holds the lists of all.
    ///   - preparing: done to each person first, such as cleaning.
    /// - Returns: lines; cancelling the task ends it with `CancellationError`. Throws ``SignalFileError`` after the lists of the
    ///   people before, and what ``list(for:firstStream:)`` and `preparing` throw, but ``InterestQueryError``, which is a line's problem.
    public func lists(
        for lines: PersonLineReader,
        people: Int = 2,
        preparing: (@Sendable (Person) async throws -> Person)? = nil
    ) -> SelectedLists {
        precondition(people >= 1, "\(people) people at a time")
        return SelectedLists(selector: self, lines: lines, people: people, preparing: preparing)
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
        Iterator(lists: self, feed: ChannelFeed(capacity: people) { try await lines.next() })
    }

    /// Begins the work for as many people as may be worked for, and waits for the first of them.
    public struct Iterator: AsyncIteratorProtocol {
        private let lists: SelectedLists
        private let feed: ChannelFeed<PersonLine>
        private let work = Work()
        private var isFed = false
        private var feedError: (any Error)?
        private var isOver = false

        init(lists: SelectedLists, feed: ChannelFeed<PersonLine>) {
            self.lists = lists
            self.feed = feed
        }

        /// The next line, or nil behind the last record.
        public mutating func next() async throws -> ListedLine<SelectedList>? {
            while !isOver {
                do {
                    try Task.checkCancellation()
                    take()
                    if let line = try await work.first() { return line }
                    if !isFed {
                        await feed.channel.wait()
                    } else if let feedError {
                        throw feedError
                    } else {
                        end()
                    }
                } catch {
                    end()
                    throw error
                }
            }
            return nil
        }

        /// Begins with the people who are there, as long as there is room.
        private mutating func take() {
            while !isFed, work.count < lists.people {
                switch feed.channel.receive() {
                case .nothing: return
                case .end(let error): (isFed, feedError) = (true, error)
                case .element(let line): work.begin { [lists] in try await lists.selected(line) }
                }
            }
        }

        private mutating func end() {
            isOver = true
            work.stop()
            feed.stop()
        }
    }

    /// The tasks of the people who are worked for, in order. Belongs to one iterator; ends with it.
    private final class Work {
        private var tasks: [Task<ListedLine<SelectedList>, any Error>] = []

        deinit { stop() }

        var count: Int { tasks.count }

        func begin(_ operation: @escaping @Sendable () async throws -> ListedLine<SelectedList>) {
            tasks.append(Task(operation: operation))
        }

        /// Waits for the first task; nil if there is none.
        func first() async throws -> ListedLine<SelectedList>? {
            guard let task = tasks.first else { return nil }
            let line = try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
            tasks.removeFirst()
            return line
        }

        func stop() {
            for task in tasks { task.cancel() }
            tasks = []
        }
    }

    private func selected(_ line: PersonLine) async throws -> ListedLine<SelectedList> {
        var id: String?
        let result: Result<SelectedList, ListedLineProblem>
        switch line.person {
        case .failure(let error): result = .failure(.invalidLine(error))
        case .success(let given):
            id = given.id
            let person = try await preparing?(given) ?? given
            do {
                let selected = try await selector.list(
                    for: InterestSample(id: person.id, signals: person.signals, language: person.language),
                    firstStream: UInt64(line.index) * UInt64(SelectionOptions.maximumCandidates)
                )
                result = .success(selected)
            } catch let error as InterestQueryError {
                result = .failure(.noList(error))
            }
        }
        return ListedLine(number: line.number, index: line.index, id: id, result: result)
    }
}
