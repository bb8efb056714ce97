// The part of a checkpoint that belongs to distillation.

internal import IQTensor
internal import IQText

/// What a resumed run must have in common with the saved one, and the state of evaluations.
struct DistillationProgress: Codable {
    static let memberName = "distillation"

    var options: DistillationOptions
    /// CRC-32C of all tokens and teachers of the samples, so that other data are noticed.
    var samplesChecksum: UInt32
    var holdOutChecksum: UInt32
    var lastLoss: Double?
    var lastDivergence: Double?
    var bestDivergence: Double?
    var bestStep: Int?
    /// The last step whose student was evaluated.
    var evaluatedStep: Int?

    init(options: DistillationOptions, samples: [PreparedSample], holdOut: [PreparedSample]) {
        self.options = options
        samplesChecksum = Self.checksum(samples)
        holdOutChecksum = Self.checksum(holdOut)
    }

    /// Options that may change between parts of a run.
    private static let free: Set<String> = ["checkpointInterval", "keptCheckpoints", "recomputesActivations"]

    /// What keeps a run from going on from this state; nil if nothing does.
    func difference(to now: DistillationProgress) -> String? {
        if samplesChecksum != now.samplesChecksum { return "the samples are others" }
        if holdOutChecksum != now.holdOutChecksum { return "the held-out samples are others" }
        // By reflection, so that no option can be forgotten.
        let pairs = zip(Mirror(reflecting: options).children, Mirror(reflecting: now.options).children)
        for (saved, present) in pairs {
            let name = saved.label ?? ""
            if !Self.free.contains(name), "\(saved.value)" != "\(present.value)" { return "\(name) is another" }
        }
        return nil
    }

    private static func checksum(_ samples: [PreparedSample]) -> UInt32 {
        var checksum = CRC32C()
        func add(_ tokens: [TokenID]?) {
            [Int32(tokens?.count ?? -1)].withUnsafeBytes { checksum.update($0) }
            tokens?.withUnsafeBytes { checksum.update($0) }
        }
        for sample in samples {
            [Int32(sample.teacher)].withUnsafeBytes { checksum.update($0) }
            add(sample.prompt)
            add(sample.teacherPrompt)
            add(sample.completion)
        }
        return checksum.value
    }
}
