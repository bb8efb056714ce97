// People of a file in parts, with the people before a wrong line not lost.

internal import InterestQueryKit

struct PeopleReader {
    private var iterator: PersonFile.AsyncIterator
    private var remaining: Int
    private var failure: SignalFileError?
    /// Takes noise from what is read; nil leaves people as they are.
    private let cleaner: SignalCleaner?
    /// What the cleaner did so far.
    private(set) var cleaning = CleaningSummary()

    init(path: String, skipInvalid: Bool, limit: Int?, cleaner: SignalCleaner? = nil) throws(SignalFileError) {
        self.cleaner = cleaner
        let policy: InvalidLinePolicy =
            skipInvalid ? .skip { StandardError.write("interest-query: skipped: \($0)\n") } : .fail
        let file = PersonFile(path: path, options: SignalFileOptions(invalidLines: policy))
        try file.checkReadable()
        iterator = file.makeAsyncIterator()
        remaining = limit ?? Int.max
    }

    /// Up to `count` people, or nil at the end. An error comes after the people before it.
    mutating func next(_ count: Int) async throws -> [Person]? {
        guard let people = try await read(count) else { return nil }
        guard let cleaner else { return people }
        let cleaned = try await cleaner.clean(people)
        for person in cleaned { cleaning.add(person) }
        return cleaned.map(\.person)
    }

    private mutating func read(_ count: Int) async throws(SignalFileError) -> [Person]? {
        if let failure { throw failure }
        var people: [Person] = []
        while people.count < min(count, remaining) {
            do throws(SignalFileError) {
                guard let person = try await iterator.next() else { break }
                people.append(person)
            } catch {
                guard !people.isEmpty else { throw error }
                failure = error
                break
            }
        }
        remaining -= people.count
        return people.isEmpty ? nil : people
    }
}
