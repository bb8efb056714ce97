// Which tokens the repetition penalty applies to, and the penalty itself.

internal import IQTensor
internal import IQText

/// The penalised logit (Keskar et al. 2019, arXiv 1909.05858, in the form of transformers): positive logits are divided by
/// the penalty and the others multiplied, so that a penalty above 1 always lowers.
package func penalisedLogit(_ logit: Float, penalty: Float) -> Float {
    logit > 0 ? logit / penalty : logit * penalty
}

/// The tokens of one sequence that the penalty looks at.
struct RepetitionHistory {
    private let penalty: Float
    /// How many of the latest tokens count; nil for all.
    private let window: Int?
    private let vocabularySize: Int
    /// Without a window: every distinct token. With one: the latest tokens, a ring.
    private var tokens: [TokenID] = []
    /// With a window that is full: where the oldest token is.
    private var oldest = 0
    /// One bit for each token of the vocabulary: without a window, whether it is in `tokens`; with one, all clear between
    /// calls of `penalise`.
    private var seen: [UInt64]
    /// The logits that the last call of `penalise` replaced, with their tokens.
    private var replaced: [(token: TokenID, logit: Float)] = []

    /// Nil if the options ask for no penalty.
    init?(options: SamplingOptions, vocabularySize: Int) {
        guard options.repetitionPenalty != 1 else { return nil }
        penalty = options.repetitionPenalty
        window = options.repetitionWindow
        self.vocabularySize = vocabularySize
        seen = Array(repeating: 0, count: (vocabularySize + 63) / 64)
        let capacity = min(window ?? Self.initialCapacity, Self.initialCapacity)
        tokens.reserveCapacity(capacity)
        replaced.reserveCapacity(capacity)
    }

    private static let initialCapacity = 4096

    mutating func record(_ token: TokenID) {
        guard token >= 0, Int(token) < vocabularySize else { return }
        if let window {
            if tokens.count < window {
                tokens.append(token)
            } else {
                tokens[oldest] = token
                oldest = (oldest + 1) % window
            }
        } else if markSeen(token) {
            tokens.append(token)
        }
    }

    /// Applies the penalty, once to each distinct token.
    mutating func penalise(_ logits: UnsafeMutableBufferPointer<Float>) {
        replaced.removeAll(keepingCapacity: true)
        for token in tokens where window == nil || markSeen(token) {
            let logit = logits[Int(token)]
            replaced.append((token, logit))
            logits[Int(token)] = penalisedLogit(logit, penalty: penalty)
        }
        guard window != nil else { return }
        for token in tokens { seen[Int(token) / 64] = 0 }
    }

    /// The logit that the last call of `penalise` replaced, or nil if it left this token alone.
    func originalLogit(of token: TokenID) -> Float? {
        for entry in replaced where entry.token == token { return entry.logit }
        return nil
    }

    /// Sets the token's bit; false if it was set before.
    private mutating func markSeen(_ token: TokenID) -> Bool {
        let (word, bit) = (Int(token) / 64, UInt64(1) << UInt64(token % 64))
        guard seen[word] & bit == 0 else { return false }
        seen[word] |= bit
        return true
    }
}
