// What every training run must know to go on: the small part of a checkpoint, beside its tensors.

package import IQTensor

/// Where a run stands in its data.
package struct DataCursor: Sendable, Hashable, Codable {
    /// Passes over the data that are complete.
    package var epoch: Int
    /// Examples of the present pass, in its own order, that were used.
    package var position: Int

    package init(epoch: Int = 0, position: Int = 0) {
        self.epoch = epoch
        self.position = position
    }
}

/// Counters and random streams. Trainers add their own parts to the checkpoint beside it.
package struct TrainingState: Sendable, Hashable, Codable {
    /// The part's name in a checkpoint.
    package static let memberName = "state"

    /// Optimiser steps done.
    package var step: Int
    /// Tokens trained on.
    package var tokens: Int
    /// Seconds that were trained for, all runs together.
    package var seconds: Double
    package var cursor: DataCursor
    /// By what they are for.
    package var randomStreams: [String: RandomStream]

    package init(
        step: Int = 0,
        tokens: Int = 0,
        seconds: Double = 0,
        cursor: DataCursor = DataCursor(),
        randomStreams: [String: RandomStream] = [:]
    ) {
        self.step = step
        self.tokens = tokens
        self.seconds = seconds
        self.cursor = cursor
        self.randomStreams = randomStreams
    }
}
