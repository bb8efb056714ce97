// The part of a checkpoint that belongs to GRPO.

internal import IQTensor
internal import IQText

/// What a resumed run must have in common with the saved one, and the state of evaluations and guard rails.
struct GRPOProgress: Codable {
    static let memberName = "grpo"

    var options: GRPOOptions
    /// CRC-32C of all prompts' tokens, so that other data are noticed.
    var samplesChecksum: UInt32
    var holdOutChecksum: UInt32
    /// Names and weights of the rewards.
    var rewards: [String]
    var detector: CollapseDetector
    var lastReward: Double?
    var lastMetric: Double?
    var bestMetric: Double?
    var bestStep: Int?
    /// The last step whose policy was evaluated.
    var evaluatedStep: Int?

    init(options: GRPOOptions, prompts: [[TokenID]], holdOut: [[TokenID]], rewards: [String]) {
        self.options = options
        samplesChecksum = Self.checksum(prompts)
        holdOutChecksum = Self.checksum(holdOut)
        self.rewards = rewards
        detector = CollapseDetector(options.guardRails)
    }

    /// Options that may change between parts of a run.
    private static let free: Set<String> = ["checkpointInterval", "keptCheckpoints", "recomputesActivations"]

    /// What keeps a run from going on from this state; nil if nothing does.
    func difference(to now: GRPOProgress) -> String? {
        if samplesChecksum != now.samplesChecksum { return "the samples are others" }
        if holdOutChecksum != now.holdOutChecksum { return "the held-out samples are others" }
        if rewards != now.rewards { return "the rewards are \(now.rewards) and were \(rewards)" }
        // By reflection, so that no option can be forgotten.
        let pairs = zip(Mirror(reflecting: options).children, Mirror(reflecting: now.options).children)
        for (saved, present) in pairs {
            let name = saved.label ?? ""
            if !Self.free.contains(name), "\(saved.value)" != "\(present.value)" { return "\(name) is another" }
        }
        return nil
    }

    private static func checksum(_ prompts: [[TokenID]]) -> UInt32 {
        var checksum = CRC32C()
        for prompt in prompts {
            [Int32(prompt.count)].withUnsafeBytes { checksum.update($0) }
            prompt.withUnsafeBytes { checksum.update($0) }
        }
        return checksum.value
    }
}
