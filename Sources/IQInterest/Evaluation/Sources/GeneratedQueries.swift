// Lists of queries from a model in this process, kept in a file so that an interrupted evaluation goes on where it stopped.

internal import IQPolicy
internal import IQTensor
internal import IQText

/// Asks a model for everyone's list, a batch at a time, once for each different question.
public actor GeneratedQueries: QuerySource {
    public nonisolated let name: String
    private let generator: InterestQueryGenerator
    private let batch: Int
    private let progress: @Sendable (_ done: Int, _ total: Int) -> Void
    private var lists: [String: WrittenList] = [:]
    private var log: AppendingFile?

    /// - Parameters:
    ///   - generator: the model with its options.
    ///   - name: what it is called in tables.
    ///   - cacheFolder: where lists are kept; nil keeps them in memory only. The folder must exist.
    ///   - configuration: everything that the lists depend on, in words: model, format, limits, seed. Lists of another
    ///     configuration are never used.
    ///   - batch: people who are written for together. It belongs to the configuration, for rounding and draws depend on it.
    ///   - progress: called after each batch.
    /// - Throws: ``SignalFileError/unreadable(path:reason:)`` if the cache cannot be read or written.
    public init(
        _ generator: InterestQueryGenerator,
        name: String,
        cacheFolder: String? = nil,
        configuration: String,
        batch: Int = 32,
        progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws {
        precondition(batch >= 1, "a batch of \(batch)")
        self.generator = generator
        self.name = name
        self.batch = batch
        self.progress = progress
        guard let cacheFolder else { return }
        let full = configuration + "\nbatch \(batch)"
        let path = "\(cacheFolder)/queries-\(CRC32C(full.utf8).hexadecimal).jsonl"
        let log = try AppendingFile(path: path)
        if log.isEmpty {
            try log.append("{\"case\": \"\", \"configuration\": \(JSONText.quoted(full)), \"queries\": []}\n")
        } else {
            // The last line may be torn where a run was killed: what is no record is written anew.
            var records = RecordIterator<(id: String, list: WrittenList)>(
                path: path,
                maximumLineBytes: 1 << 20,
                invalidLines: .skip { _ in }
            ) { bytes, number throws(InvalidLine) in
                guard let record = Self.record(bytes) else {
                    throw InvalidLine(line: number, problem: .missingField)
                }
                return record
            }
            while let (id, list) = try records.next() { lists[id] = list }
            // So that the next record does not go on with a torn line; a blank line is passed over.
            try log.append("\n")
        }
        self.log = log
    }

    /// How many lists are there already.
    public var count: Int { lists.count }

    /// Lists for people; those that are there already are not asked for again. A person for whom the model can write none, for
    /// example one without history, gets an empty list.
    public func queries(for people: [EvaluatedPerson]) async throws -> [[String]] {
        try await lists(for: people).map(\.queries)
    }

    /// The same with form and time.
    public func lists(for people: [EvaluatedPerson]) async throws -> [WrittenList] {
        let keys = people.map(Self.key)
        var missing: [Int] = []
        var asked: Set<String> = []
        for (index, key) in keys.enumerated() where lists[key] == nil && asked.insert(key).inserted {
            missing.append(index)
        }
        for start in stride(from: 0, to: missing.count, by: batch) {
            let part = missing[start..<min(start + batch, missing.count)]
            try await write(part.map { (key: keys[$0], person: people[$0]) })
            progress(start + part.count, missing.count)
        }
        return keys.map { lists[$0] ?? WrittenList(queries: [], isValid: false) }
    }

    private func write(_ part: [(key: String, person: EvaluatedPerson)]) async throws {
        let people = try part.map { try Person(id: $0.person.person, signals: try $0.person.signals()) }
        // A person for whom there is nothing to write from has no list, which has no form either.
        var written = [WrittenList](repeating: WrittenList(queries: [], isValid: false), count: part.count)
        let start = ContinuousClock.now
        for try await event in generator.stream(for: people) {
            if case .list(let result) = event {
                if result.reason == .cancelled { throw CancellationError() }
                written[result.person] = WrittenList(
                    queries: result.list.queries,
                    isValid: !result.reason.isCut
                        && generator.options.isValid(
                            result.text,
                            queries: result.list.queries,
                            limits: generator.limits
                        )
                )
            }
        }
        try Task.checkCancellation()
        let seconds = start.secondsUntilNow / Double(part.count)
        var lines = ""
        for (entry, list) in zip(part, written) {
            lists[entry.key] = WrittenList(queries: list.queries, isValid: list.isValid, seconds: seconds)
            lines += "{\"case\": \(JSONText.quoted(entry.key)), \"queries\": \(JSONText.array(list.queries)), "
            lines += "\"valid\": \(list.isValid ?? false), \"seconds\": \(JSONText.number(seconds))}\n"
        }
        try log?.append(lines)
    }

    /// A line of the cache; one of an earlier version tells neither form nor time.
    private static func record(_ bytes: [UInt8]) -> (id: String, list: WrittenList)? {
        guard let (id, queries) = QueryListFile.record(bytes, key: "case") else { return nil }
        let root = try? JSONDocument(bytes, maximumDepth: 8).root
        return (id, WrittenList(queries: queries, isValid: root?["valid"]?.bool, seconds: root?["seconds"]?.double))
    }

    /// The case with a checksum of what was read, so that other data under the same name is another question.
    private static func key(_ person: EvaluatedPerson) -> String {
        let read = person.history.map(\.title).joined(separator: "\n")
        return "\(person.caseID) \(CRC32C(read.utf8).hexadecimal)"
    }
}
