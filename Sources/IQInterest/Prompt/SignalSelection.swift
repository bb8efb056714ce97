// Which signals of a person are worth a place in a prompt: the recent ones, but not the same thing twice.

/// Ranks signals for a prompt.
///
/// Of signals that read alike (same text but for case and punctuation) only the latest counts. The others are taken one
/// by one, each time the one with the best of
/// `0.5^(age rank / half-life) − redundancy · overlap`,
/// where the overlap is the largest Jaccard similarity of its words with a signal already taken: maximal marginal relevance
/// (Carbonell and Goldstein 1998) with recency in the place of relevance. Ranks are used instead of days, so that a person
/// who was away for a month is not forgotten.
package struct SignalSelection {
    package init() {}

    /// After so many newer signals, recency counts half.
    var halfLife = 8.0
    /// How much sharing words with a signal already taken costs.
    var redundancy = 1.0
    /// Older signals than this many are not looked at; the work grows with the square of what is looked at.
    var horizon = 200

    /// At most `count` signals, the one to keep first at the front.
    ///
    /// - Parameter signals: oldest first.
    package func ranked(_ signals: [UserSignal], count: Int) -> [UserSignal] {
        var seen: Set<String> = []
        var candidates: [Candidate] = []
        for signal in signals.reversed() where candidates.count < horizon {
            let key = QueryNormalization.key(signal.text)
            guard !key.isEmpty, seen.insert(key).inserted else { continue }
            let recency = Self.powerOfHalf(Double(candidates.count) / halfLife)
            candidates.append(Candidate(signal: signal, words: Self.words(key), recency: recency))
        }
        var chosen: [UserSignal] = []
        while chosen.count < count, !candidates.isEmpty {
            var best = 0
            for index in candidates.indices where score(candidates[index]) > score(candidates[best]) { best = index }
            let taken = candidates.remove(at: best)
            chosen.append(taken.signal)
            for index in candidates.indices {
                candidates[index].overlap = max(candidates[index].overlap, candidates[index].similarity(taken))
            }
        }
        return chosen
    }

    private func score(_ candidate: Candidate) -> Double { candidate.recency - redundancy * candidate.overlap }

    private struct Candidate {
        let signal: UserSignal
        let words: Set<Substring>
        let recency: Double
        var overlap = 0.0

        func similarity(_ other: Candidate) -> Double {
            let shared = words.intersection(other.words).count
            return shared == 0 ? 0 : Double(shared) / Double(words.count + other.words.count - shared)
        }
    }

    private static func words(_ key: String) -> Set<Substring> {
        Set(key.split { !$0.isLetter && !$0.isNumber })
    }

    /// 0.5 to the power of x, by squaring the parts of x; exact enough for a ranking and without a mathematics library.
    private static func powerOfHalf(_ x: Double) -> Double {
        var result = 1.0
        var whole = x.rounded(.down)
        var fraction = x - whole
        while whole > 0 {
            result /= 2
            whole -= 1
        }
        var root = 0.5
        for _ in 0..<24 {
            root = root.squareRoot()
            fraction *= 2
            if fraction >= 1 {
                result *= root
                fraction -= 1
            }
        }
        return result
    }
}
