// How many lists are written, and when there are enough.

/// How many lists of a person are written to choose from.
public struct SelectionOptions: Sendable, Hashable {
    /// The most lists of one person, 1 to ``maximumCandidates``.
    public let candidates: Int
    /// How many are written together before they are judged; all at once if nil, as far as the engine's batch goes.
    public let round: Int?
    /// Ends a person's rounds as soon as the last one was worth less than this: with m lists there, of which r are the last
    /// round's, when
    ///
    ///     E_m − E_{m − r} < minimumGain
    ///
    /// where E_k is the expected reward of the best of k (``ExpectedBest``). E_m − E_{m − r} is what r lists more bring on average
    /// to m − r, whichever they are, so one lucky list does not decide; and as each list adds less than the one before it, the next
    /// round is expected to be worth less still. Asked from the second round on. nil writes all lists.
    public let minimumGain: Double?

    /// The most lists of one person.
    public static let maximumCandidates = 32

    /// - Throws: ``SelectionError/invalidOption(name:value:permitted:)``.
    public init(candidates: Int, round: Int? = nil, minimumGain: Double? = nil) throws(SelectionError) {
        try SelectionError.require(
            (1...Self.maximumCandidates).contains(candidates),
            "candidates",
            candidates,
            "1 to \(Self.maximumCandidates)"
        )
        if let round {
            try SelectionError.require((1...candidates).contains(round), "round", round, "1 to \(candidates)")
        }
        if let minimumGain {
            try SelectionError.require(
                minimumGain.isFinite && minimumGain >= 0,
                "minimumGain",
                minimumGain,
                "a number that is not negative"
            )
            try SelectionError.require(
                round.map { $0 * 2 <= candidates } ?? false,
                "round",
                round.map(String.init) ?? "not given",
                "half of the \(candidates) candidates or less, so that there is a second round to stop behind"
            )
        }
        self.candidates = candidates
        self.round = round
        self.minimumGain = minimumGain
    }

    /// What the last `round` of the scores so far were worth, if that is less than the least gain; nil if more lists are wanted.
    func gainIfEnough(_ scores: [Double], round: Int) throws(SelectionError) -> Double? {
        guard let minimumGain, scores.count > round else { return nil }
        let curve = try ExpectedBest.curve(of: scores)
        // Rounding may leave a gain of nothing a little below 0.
        let gain = max(0, curve[scores.count - 1] - curve[scores.count - 1 - round])
        return gain < minimumGain ? gain : nil
    }
}
