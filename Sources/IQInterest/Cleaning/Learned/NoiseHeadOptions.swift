// How a head is trained.

/// Options of ``NoiseHeadTrainer``.
public struct NoiseHeadOptions: Sendable, Hashable {
    /// The ridge penalties to choose from, on features of deviation 1.
    public let penalties: [Double]
    /// Parts of the cross-validation that chooses.
    public let folds: Int
    /// The share of clean lines that may be dropped, on which the threshold is set.
    public let targetDropRate: Double
    /// The share of clean lines that is not exceeded with 97.5 % confidence, given enough lines to set the threshold on.
    public let maximumDropRate: Double
    /// Whether every kind of noise is also measured with a head that never saw it, which trains one more head for each kind.
    public let measuresUnseenKinds: Bool
    /// Fixes the split, the folds and the resampling.
    public let seed: UInt64

    /// - Throws: ``CleaningError/invalidOption(name:value:expected:)``.
    public init(
        penalties: [Double] = [1e-4, 1e-3, 1e-2, 1e-1],
        folds: Int = 5,
        targetDropRate: Double = 0.015,
        maximumDropRate: Double = 0.03,
        measuresUnseenKinds: Bool = true,
        seed: UInt64 = 0
    ) throws(CleaningError) {
        guard !penalties.isEmpty, penalties.allSatisfy({ $0 > 0 && $0.isFinite }) else {
            throw .invalidOption(name: "penalties", value: "\(penalties)", expected: "at least one number above 0")
        }
        guard (2...20).contains(folds) else {
            throw .invalidOption(name: "folds", value: "\(folds)", expected: "2 to 20")
        }
        guard targetDropRate >= 0, targetDropRate <= maximumDropRate, maximumDropRate < 1 else {
            throw .invalidOption(
                name: "targetDropRate",
                value: "\(targetDropRate)",
                expected: "0 to the greatest share, \(maximumDropRate), which must be below 1"
            )
        }
        self.penalties = penalties
        self.folds = folds
        self.targetDropRate = targetDropRate
        self.maximumDropRate = maximumDropRate
        self.measuresUnseenKinds = measuresUnseenKinds
        self.seed = seed
    }
}
