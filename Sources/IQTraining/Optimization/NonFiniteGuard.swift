// Steps whose numbers ran away are left out before they reach the weights; too many in a row end the training.

/// Watches losses and gradient norms.
package struct NonFiniteGuard: Sendable, Hashable, Codable {
    /// So many steps in a row end the training; at least 1.
    package let limit: Int
    /// Steps left out so far.
    package private(set) var skipped = 0
    /// The present run of steps left out.
    package private(set) var inARow = 0

    package init(limit: Int) {
        precondition(limit >= 1, "a limit of \(limit) steps")
        self.limit = limit
    }

    /// Whether the step may change the weights.
    ///
    /// - Throws: ``TrainingError/notFinite(step:inARow:loss:gradientNorm:)`` at the last permitted step that may not.
    package mutating func permits(
        step: Int,
        loss: Double,
        gradientNorm: Double
    ) throws(TrainingError) -> Bool {
        guard !(loss.isFinite && gradientNorm.isFinite) else {
            inARow = 0
            return true
        }
        skipped += 1
        inARow += 1
        guard inARow < limit else {
            throw .notFinite(step: step, inARow: inARow, loss: name(of: loss), gradientNorm: name(of: gradientNorm))
        }
        return false
    }
}

/// A NaN has a sign that means nothing.
private func name(of value: Double) -> String { value.isNaN ? "nan" : "\(value)" }
