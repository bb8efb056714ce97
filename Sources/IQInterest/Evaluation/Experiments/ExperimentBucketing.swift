// Which arm of an experiment a person is in: a hash, so that it needs no table and never changes.

/// Assigns people to the arms of an experiment by a hash of the experiment's salt and the person's id.
///
/// The same person is always in the same arm of one experiment; arms of experiments with different salts are independent. The
/// hash is 64-bit FNV-1a (Fowler, Noll and Vo) finished by the mixer of MurmurHash3 (Appleby), because FNV's high bits alone
/// are uneven for short keys. It is part of the promise of this type: a new version of the package moves nobody.
public struct ExperimentBucketing: Sendable, Hashable {
    /// The experiment's name; another one deals the people anew.
    public let salt: String
    /// The arms' names and shares.
    public let arms: [Arm]

    /// An arm of an experiment.
    public struct Arm: Sendable, Hashable {
        public let name: String
        /// Its share relative to the other arms', above 0.
        public let weight: Double

        public init(name: String, weight: Double = 1) {
            precondition(weight > 0 && weight.isFinite, "arm \(name) with weight \(weight)")
            self.name = name
            self.weight = weight
        }
    }

    public init(salt: String, arms: [Arm] = [Arm(name: "control"), Arm(name: "treatment")]) {
        precondition(!arms.isEmpty, "an experiment without arms")
        self.salt = salt
        self.arms = arms
    }

    /// The index of the person's arm.
    public func arm(of person: String) -> Int {
        let place = Self.unitInterval(salt: salt, person: person) * arms.reduce(0) { $0 + $1.weight }
        var end = 0.0
        for (index, arm) in arms.enumerated() {
            end += arm.weight
            if place < end { return index }
        }
        return arms.count - 1
    }

    /// How many of some people are in each arm, and whether that agrees with the shares.
    public func counts(of people: some Sequence<String>) -> [Int] {
        var counts = [Int](repeating: 0, count: arms.count)
        for person in people { counts[arm(of: person)] += 1 }
        return counts
    }

    /// The chi-square test of counts against the arms' shares: a small p-value (below 0.001, say) means that the split of the
    /// people is broken (a "sample ratio mismatch") and the experiment's result is worthless.
    ///
    /// - Parameter counts: people seen in each arm, at least one in all.
    public func sampleRatioTest(counts: [Int]) -> (chiSquare: Double, pValue: Double) {
        precondition(counts.count == arms.count, "\(counts.count) counts for \(arms.count) arms")
        let total = Double(counts.reduce(0, +))
        precondition(total > 0, "nobody is in the experiment")
        guard arms.count > 1 else { return (0, 1) }
        let weights = arms.reduce(0) { $0 + $1.weight }
        var statistic = 0.0
        for (arm, count) in zip(arms, counts) {
            let expected = total * arm.weight / weights
            statistic += (Double(count) - expected) * (Double(count) - expected) / expected
        }
        return (statistic, ChiSquareDistribution.upperTail(statistic, degreesOfFreedom: arms.count - 1))
    }

    /// A number in [0, 1), a multiple of 2⁻⁵³. A zero byte stands between salt and id, so that ("ab", "c") is not ("a", "bc").
    static func unitInterval(salt: String, person: String) -> Double {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        for byte in salt.utf8 { add(byte) }
        add(0)
        for byte in person.utf8 { add(byte) }
        hash ^= hash >> 33
        hash = hash &* 0xFF51_AFD7_ED55_8CCD
        hash ^= hash >> 33
        hash = hash &* 0xC4CE_B9FE_1A85_EC53
        hash ^= hash >> 33
        return Double(hash >> 11) * 0x1p-53
    }
}
