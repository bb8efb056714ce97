// How usual the letters of a text are side by side: what tells keyboard mash from words no encoder has seen.

internal import IQTensor

/// Log-probabilities of a letter after a letter, learned from lines that are clean.
///
/// 29 classes: a to z, other letters, digits, and the edge of a word. Counts get half a pair more each (Krichevsky and Trofimov
/// 1981), so that no pair is impossible.
struct LetterModel: Sendable, Equatable {
    static let classes = 29
    private static let otherLetter = 26
    private static let digit = 27
    private static let edge = 28

    /// Row after row: the natural logarithm of the probability of the column's class after the row's.
    let logProbabilities: [Double]

    init(logProbabilities: [Double]) {
        precondition(logProbabilities.count == Self.classes * Self.classes, "\(logProbabilities.count) pairs")
        self.logProbabilities = logProbabilities
    }

    init(learning texts: some Sequence<String>) {
        var counts = [Double](repeating: 0.5, count: Self.classes * Self.classes)
        for text in texts {
            Self.forEachWord(of: text) { word in
                for (one, next) in zip(word, word.dropFirst()) { counts[one * Self.classes + next] += 1 }
            }
        }
        var logs = counts
        for row in 0..<Self.classes {
            let place = row * Self.classes..<(row + 1) * Self.classes
            let total = counts[place].reduce(0, +)
            for index in place { logs[index] = naturalLogarithm(counts[index] / total) }
        }
        logProbabilities = logs
    }

    /// The mean log-probability of the text's pairs, and that of its most unusual word of at least four letters; the uniform
    /// distribution's where there is none.
    func usualness(of text: String) -> (text: Double, leastWord: Double) {
        let uniform = -naturalLogarithm(Double(Self.classes))
        var (sum, pairs) = (0.0, 0)
        var least: Double?
        Self.forEachWord(of: text) { word in
            var wordSum = 0.0
            for (one, next) in zip(word, word.dropFirst()) { wordSum += logProbabilities[one * Self.classes + next] }
            sum += wordSum
            pairs += word.count - 1
            if word.count >= 6 { least = min(least ?? 0, wordSum / Double(word.count - 1)) }
        }
        return pairs == 0 ? (uniform, uniform) : (sum / Double(pairs), least ?? sum / Double(pairs))
    }

    /// Calls `body` with the classes of each word, an edge on both sides.
    private static func forEachWord(of text: String, _ body: ([Int]) -> Void) {
        var word = [edge]
        func finish() {
            guard word.count > 1 else { return }
            word.append(edge)
            body(word)
            word = [edge]
        }
        for scalar in text.unicodeScalars {
            if scalar.isASCIILetter {
                word.append(Int(scalar.value | 0x20) - 0x61)
            } else if scalar.isLetterOrDigit {
                word.append(scalar.properties.numericType == nil ? otherLetter : digit)
            } else if scalar != "'" && scalar != "’" && !scalar.isCombiningMark {
                finish()
            }
        }
        finish()
    }
}
