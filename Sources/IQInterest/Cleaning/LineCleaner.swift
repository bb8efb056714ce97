// Cleaning of lone texts: lines of a corpus, of a query log without people, of training data.

/// A text after cleaning.
public struct CleanedLine: Sendable, Hashable {
    public enum Verdict: Sendable, Hashable {
        case kept
        /// Why, and what a report may show of the text.
        case dropped(CleaningReason, redactedText: String)
    }

    public let text: String
    public let verdict: Verdict
}

/// Drops noise and duplicates from a stream of texts that belong to nobody, in the order of the stream.
///
/// Of duplicates it remembers a hash of 64 bits for each of the last `memory` different texts that were kept, about 40 bytes each,
/// whatever the length of the stream; a duplicate further apart is kept. Two texts of the same hash would count as the same: with
/// 65,536 remembered, that happens to a text with probability 4e-15.
public struct LineCleaner: Sendable {
    private let options: CleaningOptions
    private let scorer: (any NoiseScorer)?
    private var recent: RecentTexts?

    /// - Parameters:
    ///   - options: the rules; those on histories do not apply, except that a ``DuplicateRule`` turns the looking for duplicates on.
    ///   - scorer: a learned judge.
    ///   - memory: how many texts are remembered, at least 1.
    public init(options: CleaningOptions = .standard(), scorer: (any NoiseScorer)? = nil, memory: Int = 65_536) {
        precondition(memory >= 1, "a memory of \(memory) texts")
        self.options = options
        self.scorer = scorer
        let duplicates = options.historyRules.contains { $0 is DuplicateRule }
        recent = duplicates ? RecentTexts(capacity: memory) : nil
    }

    /// Cleans the next texts of the stream. Give some hundreds at once where a learned judge is to be fast.
    ///
    /// - Throws: what the learned judge throws; nothing without one.
    public mutating func clean(_ texts: [String]) async throws -> [CleanedLine] {
        var reasons = texts.map { options.reason(against: $0) }
        if let scorer {
            let open = reasons.indices.filter { reasons[$0] == nil }
            for (index, reason) in zip(open, try await scorer.reasons(against: open.map { texts[$0] })) {
                reasons[index] = reason
            }
        }
        for index in texts.indices where reasons[index] == nil {
            if recent?.insert(CleaningText.comparable(texts[index])) == false {
                reasons[index] = CleaningReason(rule: "duplicate", finding: .duplicate(secondsBefore: nil))
            }
        }
        return zip(texts, reasons).map { text, reason in
            guard let reason else { return CleanedLine(text: text, verdict: .kept) }
            return CleanedLine(text: text, verdict: .dropped(reason, redactedText: RedactedText.preview(of: text)))
        }
    }
}

/// The last texts of a stream, by their hashes.
struct RecentTexts: Sendable {
    private var known: Set<UInt64> = []
    /// The hashes in the order of their coming, from `oldest` on, once the memory is full.
    private var ring: [UInt64] = []
    private var oldest = 0
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    /// False if the text is known.
    mutating func insert(_ text: String) -> Bool {
        let hash = StableHash.of(text)
        guard known.insert(hash).inserted else { return false }
        if ring.count < capacity {
            ring.append(hash)
        } else {
            known.remove(ring[oldest])
            ring[oldest] = hash
            oldest = (oldest + 1) % capacity
        }
        return true
    }
}

/// A hash that is the same in every run and on every machine.
enum StableHash {
    /// FNV-1a of 64 bits (Fowler, Noll and Vo; RFC 9923), with the finaliser of MurmurHash3 so that the upper bits are good too.
    static func of(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ (hash >> 33)) &* 0xC4CE_B9FE_1A85_EC53
        return hash ^ (hash >> 33)
    }
}
