// Which pairs a step takes, and how they are packed: pure functions of the data, the options and the seed.

package import IQModel
internal import IQTensor

/// The order of the pairs in every pass over them, and the cuts between steps.
package struct PairPlan: Sendable {
    package let pairs: [TokenizedPair]
    package let stepSize: SupervisedOptions.StepSize
    package let seed: UInt64

    /// Random streams numbered from here on are orders; other numbers serve adapters and dropout.
    private static let firstStream: UInt64 = 1 << 62

    package init(pairs: [TokenizedPair], stepSize: SupervisedOptions.StepSize, seed: UInt64) {
        self.pairs = pairs
        self.stepSize = stepSize
        self.seed = seed
    }

    /// The pairs of a pass, in its order.
    package func order(epoch: Int) -> [Int] {
        var random = RandomStream(seed: seed, stream: Self.firstStream + UInt64(epoch))
        return random.permutation(of: pairs.count)
    }

    /// The places in `order` that the step at `position` takes; the last step of a pass may be short.
    package func step(at position: Int, of order: [Int]) -> Range<Int> {
        switch stepSize {
        case .pairs(let count):
            // Written so that a very large count does not overflow.
            return position..<(position + min(count, order.count - position))
        case .tokens(let count):
            var end = position
            var tokens = 0
            while end < order.count, end == position || tokens + pairs[order[end]].tokens.count <= count {
                tokens += pairs[order[end]].tokens.count
                end += 1
            }
            return position..<end
        }
    }

    /// Steps of the whole training.
    package func steps(_ duration: SupervisedOptions.Duration) -> Int {
        switch duration {
        case .steps(let count): return count
        case .epochs(let epochs):
            if case .pairs(let count) = stepSize { return (pairs.count - 1) / count * epochs + epochs }
            return (0..<epochs).reduce(0) { sum, epoch in
                let order = order(epoch: epoch)
                var steps = 0
                var position = 0
                while position < order.count {
                    position = step(at: position, of: order).upperBound
                    steps += 1
                }
                return sum + steps
            }
        }
    }
}

/// A packed batch of whole pairs and what is learnt in it.
package struct PackedPairs: Sendable {
    package private(set) var batch = PackedBatch()
    package private(set) var targets = TokenTargets()

    package init() {}

    package mutating func append(_ pair: TokenizedPair) {
        let start = batch.rows
        batch.append(pair.tokens)
        for place in pair.promptCount..<pair.tokens.count {
            targets.append(row: start + place - 1, token: pair.tokens[place])
        }
    }

    /// Packs pairs, none of which is longer than `capacity`, into batches of at most so many tokens: each pair goes to the
    /// first batch that has room.
    package static func packed(_ pairs: some Sequence<TokenizedPair>, capacity: Int) -> [PackedPairs] {
        var batches: [PackedPairs] = []
        for pair in pairs {
            precondition(pair.tokens.count <= capacity, "a pair of \(pair.tokens.count) tokens in \(capacity)")
            if let index = batches.firstIndex(where: { $0.batch.rows + pair.tokens.count <= capacity }) {
                batches[index].append(pair)
            } else {
                var batch = PackedPairs()
                batch.append(pair)
                batches.append(batch)
            }
        }
        return batches
    }

    /// One line of JSON: token ids, the beginnings of the sequences, and 1 for each token that is learnt.
    func line(step: Int, microBatch: Int) -> String {
        var mask = [Int](repeating: 0, count: batch.rows)
        for row in targets.rows { mask[Int(row) + 1] = 1 }
        let starts = batch.segments.map(\.start)
        return
            "{\"step\": \(step), \"micro_batch\": \(microBatch), \"tokens\": \(batch.tokens), \"starts\": \(starts), "
            + "\"loss_mask\": \(mask)}\n"
    }
}
