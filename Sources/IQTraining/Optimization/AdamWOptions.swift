// The settings of AdamW.

/// AdamW (Loshchilov and Hutter, arXiv 1711.05101): Adam with weight decay apart from the gradient.
///
/// m = β₁ m + (1 − β₁) g, v = β₂ v + (1 − β₂) g², w = w − η λ w − η (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε).
public struct AdamWOptions: Sendable, Hashable {
    /// Decay of the mean of gradients, in 0 ..< 1.
    public let beta1: Float
    /// Decay of the mean of squared gradients, in 0 ..< 1.
    public let beta2: Float
    /// Added to the root of the mean square, above 0.
    public let epsilon: Float
    /// Fraction of a weight that a step at learning rate 1 takes away, at least 0.
    public let weightDecay: Float
    /// Whether norms and biases decay too. Off by default, as is usual.
    public let decaysNormsAndBiases: Bool

    /// - Throws: ``TrainingError/invalidOption(name:value:permitted:)``.
    public init(
        beta1: Float = 0.9,
        beta2: Float = 0.999,
        epsilon: Float = 1e-8,
        weightDecay: Float = 0.01,
        decaysNormsAndBiases: Bool = false
    ) throws(TrainingError) {
        func require(_ condition: Bool, _ name: String, _ value: Float, _ permitted: String) throws(TrainingError) {
            if !condition { throw .invalidOption(name: name, value: "\(value)", permitted: permitted) }
        }
        try require((0..<1).contains(beta1), "beta1", beta1, "0 ..< 1")
        try require((0..<1).contains(beta2), "beta2", beta2, "0 ..< 1")
        try require(epsilon > 0 && epsilon.isFinite, "epsilon", epsilon, "a finite number above 0")
        try require(
            weightDecay >= 0 && weightDecay.isFinite,
            "weightDecay",
            weightDecay,
            "a finite number of at least 0"
        )
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.decaysNormsAndBiases = decaysNormsAndBiases
    }
}

extension AdamWOptions: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case beta1, beta2, epsilon, weightDecay, decaysNormsAndBiases
    }

    /// Checks what it reads as ``init(beta1:beta2:epsilon:weightDecay:decaysNormsAndBiases:)`` does, and refuses keys that it
    /// does not know. What is not there is as by default.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.checkedContainer(keyedBy: CodingKeys.self)
        let standard = try AdamWOptions()
        try self.init(
            beta1: try values.decodeIfPresent(Float.self, forKey: .beta1) ?? standard.beta1,
            beta2: try values.decodeIfPresent(Float.self, forKey: .beta2) ?? standard.beta2,
            epsilon: try values.decodeIfPresent(Float.self, forKey: .epsilon) ?? standard.epsilon,
            weightDecay: try values.decodeIfPresent(Float.self, forKey: .weightDecay) ?? standard.weightDecay,
            decaysNormsAndBiases: try values.decodeIfPresent(Bool.self, forKey: .decaysNormsAndBiases)
                ?? standard.decaysNormsAndBiases
        )
    }
}
