// The part of a checkpoint that belongs to supervised training.

internal import IQTensor

/// What a resumed run must have in common with the saved one, and the state of the evaluations.
struct SupervisedProgress: Codable, Equatable {
    static let memberName = "supervised"

    var options: SupervisedOptions
    /// CRC-32C of all tokens, so that other data are noticed.
    var dataChecksum: UInt32
    var validationChecksum: UInt32
    var bestLoss: Double?
    var bestStep: Int?
    var lastLoss: Double?
    var evaluationsSinceBest = 0

    init(options: SupervisedOptions, data: [TokenizedPair], validation: [TokenizedPair]) {
        self.options = options
        dataChecksum = Self.checksum(data)
        validationChecksum = Self.checksum(validation)
    }

    /// What keeps a run from going on from this state; nil if nothing does. How often states are saved may change.
    func difference(to now: SupervisedProgress) -> String? {
        if dataChecksum != now.dataChecksum { return "the pairs are others" }
        if validationChecksum != now.validationChecksum { return "the held-out pairs are others" }
        func check(_ name: String, _ isEqual: Bool) -> String? { isEqual ? nil : "\(name) is another" }
        let (a, b) = (options, now.options)
        return [
            check("method", a.method == b.method), check("precision", a.precision == b.precision),
            check("tokensPerMicroBatch", a.tokensPerMicroBatch == b.tokensPerMicroBatch),
            check("stepSize", a.stepSize == b.stepSize), check("duration", a.duration == b.duration),
            check("learningRate", a.learningRate == b.learningRate), check("schedule", a.schedule == b.schedule),
            check("adamW", a.adamW == b.adamW), check("gradientClipping", a.gradientClipping == b.gradientClipping),
            check("seed", a.seed == b.seed), check("evaluationInterval", a.evaluationInterval == b.evaluationInterval),
            check("patience", a.patience == b.patience),
        ].compactMap { $0 }.first
    }

    private static func checksum(_ pairs: [TokenizedPair]) -> UInt32 {
        var checksum = CRC32C()
        for pair in pairs {
            [Int32(pair.tokens.count), Int32(pair.promptCount)].withUnsafeBytes { checksum.update($0) }
            pair.tokens.withUnsafeBytes { checksum.update($0) }
        }
        return checksum.value
    }
}
