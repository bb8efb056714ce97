// The asynchronous sequence of events while lists are written.

internal import IQModel

/// Writes lists as its events are asked for. Cancelling the task ends it in good order: unfinished lists are delivered with what
/// they have, then the summary, and no error is thrown.
public struct InterestQueryStream: AsyncSequence, Sendable {
    public typealias Element = InterestQueryEvent

    let generator: InterestQueryGenerator
    let people: [PersonSignals]

    /// What a list is written from.
    struct PersonSignals: Sendable {
        let signals: [UserSignal]
        let language: String?
    }

    public func makeAsyncIterator() -> Iterator { Iterator(generator: generator, people: people) }

    /// Builds the prompts at the first event, then follows the engine.
    public struct Iterator: AsyncIteratorProtocol {
        private let generator: InterestQueryGenerator
        private let people: [PersonSignals]
        private var engine: GenerationStream.Iterator?
        /// One for each sequence of the engine.
        private var writers: [ListWriter] = []
        private var pending: ArraySlice<InterestQueryEvent> = []
        private var isStarted = false
        private var isOver = false

        init(generator: InterestQueryGenerator, people: [PersonSignals]) {
            self.generator = generator
            self.people = people
        }

        /// The next event, or nil after ``InterestQueryEvent/finished(_:)``.
        ///
        /// - Throws: ``GenerationError`` and what else ends the engine's work.
        public mutating func next() async throws -> InterestQueryEvent? {
            while true {
                if let event = pending.popFirst() { return event }
                if isOver { return nil }
                do {
                    try await advance()
                } catch {
                    isOver = true
                    throw error
                }
            }
        }

        private mutating func advance() async throws {
            if !isStarted {
                isStarted = true
                try start()
            } else if let event = try await engine?.next() {
                pending = events(for: event)[...]
            } else {
                isOver = true
                if engine == nil { pending = [.finished(.nothing)] }
            }
        }

        private mutating func start() throws {
            var failures: [InterestQueryEvent] = []
            var prompts: [GenerationPrompt] = []
            var beginnings: [Int] = []
            for (index, person) in people.enumerated() {
                do {
                    let prompt = try generator.prompt(for: person.signals, language: person.language)
                    let tokens = try generator.tokens(of: prompt, language: person.language)
                    prompts.append(.tokens(tokens.tokens))
                    beginnings.append(tokens.beginning)
                    writers.append(
                        ListWriter(
                            person: index,
                            prompt: prompt,
                            signalsGiven: person.signals.count,
                            parser: QueryListParser(
                                format: generator.options.format,
                                limits: generator.limits,
                                examples: prompt.exampleQueries
                            )
                        )
                    )
                } catch let error as InterestQueryError {
                    failures.append(.failed(person: index, error))
                }
            }
            pending = failures[...]
            if !prompts.isEmpty {
                let options = try generator.generationOptions()
                engine = generator.engine.generate(prompts, beginnings: beginnings, options: options)
                    .makeAsyncIterator()
            }
        }

        private mutating func events(for event: GenerationEvent) -> [InterestQueryEvent] {
            switch event {
            case .prefilled(let tokens, let seconds): return [.started(promptTokens: tokens, seconds: seconds)]
            case .token(let token):
                return token.text.isEmpty ? [] : writers[token.sequence].append(token.text)
            case .sequenceFinished(let sequence): return writers[sequence.sequence].finish(sequence)
            case .finished(let summary): return [.finished(summary)]
            }
        }
    }
}

extension GenerationSummary {
    /// The summary of no work.
    fileprivate static let nothing = GenerationSummary(
        reasons: [],
        promptTokens: 0,
        generatedTokens: 0,
        prefillSeconds: 0,
        decodeSeconds: 0
    )
}

/// Follows the text of one list.
struct ListWriter {
    let person: Int
    let prompt: InterestPrompt
    let signalsGiven: Int
    var parser: QueryListParser
    /// Bytes of the text read so far.
    private var bytesRead = 0

    init(person: Int, prompt: InterestPrompt, signalsGiven: Int, parser: QueryListParser) {
        self.person = person
        self.prompt = prompt
        self.signalsGiven = signalsGiven
        self.parser = parser
    }

    mutating func append(_ text: String) -> [InterestQueryEvent] {
        bytesRead += text.utf8.count
        return [.text(person: person, text)]
            + parser.append(text).map { InterestQueryEvent.query(person: person, $0) }
    }

    mutating func finish(_ sequence: GeneratedSequence) -> [InterestQueryEvent] {
        // The end may release text that waited for the rest of a character or of a stop string.
        let rest = String(decoding: sequence.text.utf8.dropFirst(bytesRead), as: UTF8.self)
        var events = rest.isEmpty ? [] : append(rest)
        let isCut =
            switch sequence.reason {
            case .maximumTokens, .contextFull, .cancelled: true
            case .endOfText, .stopString, .grammarComplete: false
            }
        events += parser.finish(isCut: isCut).map { InterestQueryEvent.query(person: person, $0) }
        let result = InterestQueryResult(
            person: person,
            list: parser.list,
            text: sequence.text,
            reason: sequence.reason,
            promptTokens: prompt.tokens,
            generatedTokens: sequence.tokens.count,
            signalsShown: prompt.signals.count,
            signalsGiven: signalsGiven
        )
        return events + [.list(result)]
    }
}
