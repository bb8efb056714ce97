// What one training pass computes: tokens of any number of sequences, packed row after row without padding.

package import IQTensor
package import IQText

/// Tokens in segments. A segment without a parent begins a sequence; one with a parent continues it, so that several
/// continuations of one prompt share the prompt's rows, forward and backward.
package struct PackedBatch: Sendable {
    package private(set) var tokens: [TokenID] = []
    package private(set) var positions: [Int32] = []
    package private(set) var segments: [PackedSegment] = []

    package init() {}

    package var rows: Int { tokens.count }

    /// Adds a sequence, or its beginning; returns its segment's index.
    @discardableResult
    package mutating func append(_ tokens: some Collection<TokenID>) -> Int { append(tokens, parent: nil, at: 0) }

    /// Adds a continuation of a segment; returns its own segment's index.
    @discardableResult
    package mutating func append(_ tokens: some Collection<TokenID>, continuing parent: Int) -> Int {
        let first = segments[parent].firstPosition + segments[parent].count
        return append(tokens, parent: parent, at: first)
    }

    private mutating func append(_ newTokens: some Collection<TokenID>, parent: Int?, at first: Int) -> Int {
        let segment = PackedSegment(
            start: tokens.count,
            count: newTokens.count,
            firstPosition: first,
            parent: parent
        )
        segments.append(segment)
        tokens.append(contentsOf: newTokens)
        for offset in 0..<segment.count { positions.append(Int32(first + offset)) }
        return segments.count - 1
    }

    /// Segments from the beginning of a sequence to `segment`, which comes last.
    package func lineage(of segment: Int) -> [Int] {
        var lineage = [segment]
        while let parent = segments[lineage[lineage.count - 1]].parent { lineage.append(parent) }
        return lineage.reversed()
    }

    /// The row that predicts the first token of a segment: the last one before it in its sequence, nil for a beginning.
    package func rowBefore(_ segment: Int) -> Int? {
        var ancestor = segments[segment].parent
        while let index = ancestor {
            if segments[index].count > 0 { return segments[index].rows.upperBound - 1 }
            ancestor = segments[index].parent
        }
        return nil
    }

    /// The attention of every segment over the rows of keys and values [T, KV · D].
    func attentionBatch(keys: FloatMatrix, values: FloatMatrix, headDimension: Int) -> AttentionBatch {
        let batch = AttentionBatch()
        for (index, segment) in segments.enumerated() where segment.count > 0 {
            batch.beginSequence(
                queryStart: segment.start,
                queryCount: segment.count,
                firstPosition: segment.firstPosition
            )
            for ancestor in lineage(of: index) where segments[ancestor].count > 0 {
                batch.append(
                    keys: keys.rows(segments[ancestor].rows),
                    values: values.rows(segments[ancestor].rows),
                    headDimension: headDimension,
                    firstPosition: segments[ancestor].firstPosition
                )
            }
        }
        return batch
    }
}
