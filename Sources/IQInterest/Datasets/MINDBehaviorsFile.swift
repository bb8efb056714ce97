// MIND's table of impressions.

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// The impressions of MIND's `behaviors.tsv`, read as they are asked for.
///
/// Five fields stand between tabs: impression id, person, time, ids of the history (oldest first, between spaces), slate
/// (`N123-1` for a clicked article, `N123-0` for another, between spaces). A time such as `11/15/2019 8:55:22 AM` has no zone
/// and is taken as UTC. Memory is bounded by the longest line.
public struct MINDBehaviorsFile: AsyncSequence, Sendable {
    public typealias Element = Impression
    public typealias Failure = SignalFileError

    public let path: String
    public let options: RecordFileOptions

    /// - Parameters:
    ///   - path: the file; `-` is the standard input. It is opened when the first record is asked for.
    ///   - options: what is accepted.
    public init(path: String, options: RecordFileOptions = RecordFileOptions()) {
        self.path = path
        self.options = options
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(records: records) }

    /// Reads the file from its start. After an error it is at its end.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var records: RecordIterator<Impression>

        public mutating func next() async throws(SignalFileError) -> Impression? { try records.next() }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(SignalFileError) -> Impression? {
            try records.next()
        }
    }

    /// Opens the file and closes it again, so that a missing one is known early.
    ///
    /// - Throws: ``SignalFileError/notFound(path:)`` or ``SignalFileError/unreadable(path:reason:)``.
    public func checkReadable() throws(SignalFileError) { try RecordIterator<Impression>.checkReadable(path: path) }

    /// All records, in memory.
    public func readAll() throws(SignalFileError) -> [Impression] { try records.rest() }

    /// The plain iterator under the asynchronous one.
    var records: RecordIterator<Impression> {
        RecordIterator(
            path: path,
            maximumLineBytes: options.maximumLineBytes,
            invalidLines: options.invalidLines,
            parse: Self.impression
        )
    }

    /// The number of fields of a line.
    static let fieldCount = 5

    @Sendable
    static func impression(line bytes: [UInt8], number: Int) throws(InvalidLine) -> Impression {
        let fields = try TabSeparatedLine(bytes, number: number, fieldCount: fieldCount)
        let timeText = try fields.text(2)
        guard let time = time(timeText) else {
            throw fields.failure(.invalidImpression(.invalidTime(timeText.prefix(bytes: 64))), at: 2, name: "time")
        }
        let history = try fields.words(3)
        var slate: [Impression.Candidate] = []
        for entry in try fields.words(4) {
            guard let candidate = candidate(entry) else {
                throw fields.failure(
                    .invalidImpression(.invalidSlateEntry(entry.prefix(bytes: 64))),
                    at: 4,
                    name: "slate"
                )
            }
            slate.append(candidate)
        }
        let (id, person) = (try fields.text(0), try fields.text(1))
        do throws(ImpressionError) {
            return try Impression(id: id, person: person, time: time, history: history, slate: slate)
        } catch {
            switch error {
            case .invalidID: throw fields.failure(.invalidImpression(error), at: 0, name: "id")
            case .invalidPersonID: throw fields.failure(.invalidImpression(error), at: 1, name: "person")
            case .timeOutOfRange: throw fields.failure(.invalidImpression(error), at: 2, name: "time")
            default: throw fields.failure(.invalidImpression(error), at: 4, name: "slate")
            }
        }
    }

    /// `N123-1`; the id itself may hold hyphens.
    private static func candidate(_ entry: String) -> Impression.Candidate? {
        let bytes = entry.utf8
        guard bytes.count >= 3, let last = bytes.last, let hyphen = bytes.dropLast().last,
            hyphen == UInt8(ascii: "-"), last == UInt8(ascii: "0") || last == UInt8(ascii: "1")
        else { return nil }
        return Impression.Candidate(article: String(entry.dropLast(2)), isClicked: last == UInt8(ascii: "1"))
    }

    /// Reads `11/15/2019 8:55:22 AM`: month, day, year, hour of twelve.
    static func time(_ text: String) -> Date? {
        let parts = text.split(separator: " ")
        guard parts.count == 3 else { return nil }
        let date = parts[0].split(separator: "/").compactMap { Int($0) }
        let clock = parts[1].split(separator: ":").compactMap { Int($0) }
        guard date.count == 3, clock.count == 3, (1...12).contains(date[0]), (1970...9999).contains(date[2]),
            date[1] >= 1, date[1] <= SignalTime.daysIn(month: date[0], year: date[2]),
            (1...12).contains(clock[0]), (0...59).contains(clock[1]), (0...59).contains(clock[2]),
            parts[2] == "AM" || parts[2] == "PM"
        else { return nil }
        let days = SignalTime.daysFrom1970(year: date[2], month: date[0], day: date[1])
        // Twelve o'clock is the hour 0 of its half of the day.
        let hour = clock[0] % 12 + (parts[2] == "PM" ? 12 : 0)
        return Date(timeIntervalSince1970: Double(days * 86400 + hour * 3600 + clock[1] * 60 + clock[2]))
    }
}
