import IQModel
import IQPolicy
import Synchronization

/// Completions and rewards of no particular application: a sample is a number, an output the text's words.
enum Words {
    typealias Composite = CompositeReward<Int, [String]>
    typealias Closure = ClosureReward<Int, [String]>

    static func completion(_ text: String, reason: StopReason = .endOfText) -> Completion<[String]> {
        var spans: [Range<Int>] = []
        var start: Int?
        for (offset, byte) in text.utf8.enumerated() {
            if byte == UInt8(ascii: " ") {
                if let begin = start { spans.append(begin..<offset) }
                start = nil
            } else if start == nil {
                start = offset
            }
        }
        if let begin = start { spans.append(begin..<text.utf8.count) }
        let words = text.split(separator: " ").map(String.init)
        return Completion(
            text: text,
            reason: reason,
            tokenCount: words.count,
            output: TaskOutput(words, spans: spans)
        )
    }

    /// The number of words; a span's value is the length of its word.
    static func count(_ name: String = "count") -> Closure {
        Closure(
            name,
            group: { completions, _ in
                completions.map { completion in
                    RewardScore(Double(completion.output.count), spans: completion.output.map { Double($0.count) })
                }
            }
        )
    }
}

/// Counts calls from anywhere.
final class Counter: Sendable {
    private let state = Mutex(0)
    var value: Int { state.withLock { $0 } }
    @discardableResult func increment() -> Int {
        state.withLock {
            $0 += 1
            return $0
        }
    }
}

struct Broken: Error, CustomStringConvertible {
    var description: String { "it broke" }
}
