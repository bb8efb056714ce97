// The completions of a step as the update sees them, packed with each group's prompt standing once before them.

package import IQModel
package import IQText

/// A completion to learn from: one number for each of its tokens in every list.
package struct TrainedCompletion: Sendable {
    package var tokens: [TokenID]
    package var advantages: [Double]
    /// Tokens that take part; see ``PolicySample/mask``.
    package var mask: [Bool]
    /// ln p of the tokens under the sampler's whole distribution, where the sampler is not the policy itself.
    package var sampler: [Float]?

    package init(tokens: [TokenID], advantages: [Double], mask: [Bool], sampler: [Float]? = nil) {
        precondition(
            advantages.count == tokens.count && mask.count == tokens.count
                && sampler.map { $0.count == tokens.count } ?? true,
            "\(advantages.count) advantages and \(mask.count) mask for \(tokens.count) tokens"
        )
        self.tokens = tokens
        self.advantages = advantages
        self.mask = mask
        self.sampler = sampler
    }

    package var maskedCount: Int { mask.reduce(0) { $0 + ($1 ? 1 : 0) } }

    /// There is a gradient of the surrogate.
    package var hasAdvantage: Bool { zip(advantages, mask).contains { $0 != 0 && $1 } }
}

/// Completions of one prompt.
package struct TrainedGroup: Sendable {
    package var prompt: [TokenID]
    package var completions: [TrainedCompletion]

    package init(prompt: [TokenID], completions: [TrainedCompletion]) {
        self.prompt = prompt
        self.completions = completions
    }
}

/// One pass: prompts, each followed by some of its completions.
package struct PolicyMicroBatch: Sendable {
    /// A completion and where its tokens stand among the targets.
    package struct Piece: Sendable {
        package let completion: TrainedCompletion
        package let places: Range<Int>
    }

    package private(set) var batch = PackedBatch()
    package private(set) var targets = TokenTargets()
    package private(set) var pieces: [Piece] = []

    package init() {}

    package mutating func append(prompt: [TokenID], completions: some Sequence<TrainedCompletion>) {
        let parent = batch.append(prompt)
        let lastOfPrompt = batch.rows - 1
        for completion in completions where !completion.tokens.isEmpty {
            // The last token predicts nothing that was sampled, so it needs no row.
            let start = batch.rows
            if completion.tokens.count > 1 { batch.append(completion.tokens.dropLast(), continuing: parent) }
            let first = targets.count
            for (place, token) in completion.tokens.enumerated() {
                targets.append(row: place == 0 ? lastOfPrompt : start + place - 1, token: token)
            }
            pieces.append(Piece(completion: completion, places: first..<targets.count))
        }
    }

    /// Packs groups into passes of at most `capacity` rows. A group that does not fit is split, and its prompt is computed
    /// once in each part.
    package static func packed(_ groups: [TrainedGroup], capacity: Int) -> [PolicyMicroBatch] {
        var batches: [PolicyMicroBatch] = []
        for group in groups {
            var rest = group.completions.filter { !$0.tokens.isEmpty }[...]
            while !rest.isEmpty {
                var rows = group.prompt.count
                let taken = rest.prefix { completion in
                    rows += completion.tokens.count - 1
                    return rows <= capacity
                }
                precondition(!taken.isEmpty, "a prompt of \(group.prompt.count) tokens and a completion in \(capacity)")
                let needed = taken.reduce(group.prompt.count) { $0 + $1.tokens.count - 1 }
                let place = batches.firstIndex { $0.batch.rows + needed <= capacity }
                if place == nil { batches.append(PolicyMicroBatch()) }
                batches[place ?? batches.count - 1].append(prompt: group.prompt, completions: taken)
                rest = rest.dropFirst(taken.count)
            }
        }
        return batches
    }
}
