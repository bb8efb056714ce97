// Which samples a step takes, and where its random numbers come from: pure functions of seed and step.

package import IQTensor

/// The order of samples, and the random streams, of a training that samples completions.
package struct SamplePlan: Sendable {
    package let count: Int
    package let seed: UInt64

    package init(count: Int, seed: UInt64) {
        self.count = count
        self.seed = seed
    }

    /// Random streams numbered from here on are orders, choices and evaluations; see ``stream(step:resampling:place:)`` for the
    /// others.
    private static let firstOrder: UInt64 = 1 << 62
    private static let firstChoice: UInt64 = 1 << 62 | 1 << 60
    private static let firstEvaluation: UInt64 = 1 << 61
    private static let memberBits: UInt64 = 12
    private static let placeBits: UInt64 = 16
    private static let resamplingBits: UInt64 = 5

    /// The samples of a pass, in its order.
    package func order(epoch: Int) -> [Int] {
        var random = RandomStream(seed: seed, stream: Self.firstOrder + UInt64(epoch))
        return random.permutation(of: count)
    }

    /// The stream of a group's first completion: no two completions of a training have the same, and it depends on nothing
    /// that is decoded beside them.
    package static func stream(step: Int, resampling: Int = 0, place: Int) -> UInt64 {
        ((UInt64(step) << resamplingBits | UInt64(resampling)) << placeBits | UInt64(place)) << memberBits
    }

    /// The same at every evaluation, so that evaluations differ by the model alone.
    package static func evaluationStream(sample: Int) -> UInt64 { firstEvaluation | UInt64(sample) << memberBits }

    /// For choices that a step makes about its samples.
    package func choices(step: Int) -> RandomStream {
        RandomStream(seed: seed, stream: Self.firstChoice + UInt64(step))
    }

    /// Steps of so many passes over the samples.
    package func steps(epochs: Int, promptsPerStep: Int) -> Int { max(1, count * epochs / promptsPerStep) }

    /// Takes samples from the cursor on, in the order of the present pass, and goes on into the next one.
    package func take(_ wanted: Int, at cursor: inout DataCursor) -> [Int] {
        var samples: [Int] = []
        while samples.count < wanted {
            let order = order(epoch: cursor.epoch)
            let taken = order[cursor.position...].prefix(wanted - samples.count)
            samples += taken
            cursor.position += taken.count
            if cursor.position == order.count { cursor = DataCursor(epoch: cursor.epoch + 1) }
        }
        return samples
    }
}
