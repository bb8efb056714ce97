// People of a file in parts, with the people before a wrong line not lost.

internal import InterestQueryKit

struct PeopleReader {
    private var iterator: PersonFile.AsyncIterator
    private var remaining: Int
    private var failure: SignalFileError?

    init(path: String, skipInvalid: Bool, limit: Int?) throws(SignalFileError) {
        let policy: InvalidLinePolicy =
            skipInvalid ? .skip { StandardError.write("interest-query: skipped: \($0)\n") } : .fail
        let file = PersonFile(path: path, options: SignalFileOptions(invalidLines: policy))
        try file.checkReadable()
        iterator = file.makeAsyncIterator()
        remaining = limit ?? Int.max
    }

    /// Up to `count` people, or nil at the end. An error comes after the people before it.
    mutating func next(_ count: Int) async throws(SignalFileError) -> [Person]? {
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
