// What one step computes: tokens of any number of sequences, packed row after row without padding.

package import IQTensor
package import IQText

/// The rows of one step. Reused: after warm-up, describing a step allocates nothing.
package final class DecoderBatch {
    /// A run of rows whose keys and values go into one block of a cache.
    struct Write {
        let block: KeyValueBlock
        /// First token of the block that is written.
        let at: Int
        /// First row of the batch.
        let row: Int
        let count: Int
    }

    /// Which rows of a sequence's tokens get logits.
    package enum Outputs: Sendable {
        case none, last, all
    }

    package private(set) var tokens: [TokenID] = []
    package private(set) var positions: [Int32] = []
    /// Rows that get logits, in order.
    package private(set) var outputRows: [Int32] = []
    let attention = AttentionBatch()
    /// The same for the rows that get logits alone, which are its queries, in order.
    let outputAttention = AttentionBatch()
    private(set) var writes: [Write] = []

    package init() {}

    package var rows: Int { tokens.count }

    package func removeAll() {
        tokens.removeAll(keepingCapacity: true)
        positions.removeAll(keepingCapacity: true)
        outputRows.removeAll(keepingCapacity: true)
        writes.removeAll(keepingCapacity: true)
        attention.removeAll()
        outputAttention.removeAll()
    }

    /// Appends the next tokens of a sequence; its cache grows by them at once, and is filled by the step that follows.
    package func append(
        _ newTokens: some Collection<TokenID>,
        to cache: KVCache,
        outputs: Outputs
    ) throws(TensorError) {
        let row = tokens.count
        let count = newTokens.count
        guard count > 0 else { return }
        let first = cache.length
        tokens.append(contentsOf: newTokens)
        for offset in 0..<count { positions.append(Int32(first + offset)) }
        let outputStart = outputRows.count
        let outputCount =
            switch outputs {
            case .none: 0
            case .last: 1
            case .all: count
            }
        for offset in (count - outputCount)..<count { outputRows.append(Int32(row + offset)) }
        try cache.append(count) { block, at, offset, run in
            writes.append(Write(block: block, at: at, row: row + offset, count: run))
        }
        describe(cache, in: attention, queryStart: row, queryCount: count, firstPosition: first)
        guard outputCount > 0 else { return }
        describe(
            cache,
            in: outputAttention,
            queryStart: outputStart,
            queryCount: outputCount,
            firstPosition: first + count - outputCount
        )
    }

    private func describe(
        _ cache: KVCache,
        in attention: AttentionBatch,
        queryStart: Int,
        queryCount: Int,
        firstPosition: Int
    ) {
        attention.beginSequence(queryStart: queryStart, queryCount: queryCount, firstPosition: firstPosition)
        var position = 0
        for link in cache.links where link.count > 0 {
            attention.append(link.segment.block, count: link.count, firstPosition: position)
            position += link.count
        }
    }
}
