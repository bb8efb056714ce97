// Byte-pair merging of one piece of text (Sennrich et al. 2016, arXiv 1508.07909): of all neighbouring pairs the one of the
// lowest rank is merged, the leftmost of equals first, until none is left.
//
// Words are short, so the next pair is found by looking at all of them. Where text has no words (other scripts, hostile
// input) that would be quadratic; there a heap orders the pairs over a linked list.

/// Working memory of the merging, kept from piece to piece.
struct PairMerging {
    /// The symbols of the piece: filled by the caller, left as the merged tokens.
    var symbols: [TokenID] = []
    private var ranks: [UInt32] = []
    private var merged: [TokenID] = []
    private var heap = MergeHeap()

    /// Pieces up to this many symbols are merged by looking at all pairs.
    private static let shortPiece = 48

    mutating func merge(with table: MergeTable) {
        if symbols.count < 2 { return }
        if symbols.count <= Self.shortPiece {
            mergeShort(table)
        } else {
            heap.merge(&symbols, with: table)
        }
    }

    private mutating func mergeShort(_ table: MergeTable) {
        var count = symbols.count
        while ranks.count < Self.shortPiece {
            ranks.append(.max)
            merged.append(-1)
        }
        symbols.withUnsafeMutableBufferPointer { symbols in
            ranks.withUnsafeMutableBufferPointer { ranks in
                merged.withUnsafeMutableBufferPointer { merged in
                    for index in 0..<count - 1 {
                        let merge = table.find(symbols[index], symbols[index + 1])
                        ranks[index] = merge.rank
                        merged[index] = merge.token
                    }
                    while count > 1 {
                        var best = 0
                        var bestRank = ranks[0]
                        for index in 1..<Swift.max(count - 1, 1) where ranks[index] < bestRank {
                            best = index
                            bestRank = ranks[index]
                        }
                        if bestRank == .max { break }
                        symbols[best] = merged[best]
                        count -= 1
                        for index in best + 1..<Swift.max(count, best + 1) {
                            symbols[index] = symbols[index + 1]
                            ranks[index] = ranks[index + 1]
                            merged[index] = merged[index + 1]
                        }
                        if best + 1 < count {
                            let merge = table.find(symbols[best], symbols[best + 1])
                            ranks[best] = merge.rank
                            merged[best] = merge.token
                        }
                        if best > 0 {
                            let merge = table.find(symbols[best - 1], symbols[best])
                            ranks[best - 1] = merge.rank
                            merged[best - 1] = merge.token
                        }
                    }
                }
            }
        }
        symbols.removeSubrange(count...)
    }
}

/// Merging of long pieces in n log n steps.
private struct MergeHeap {
    /// One pair that could merge: of the lowest rank, the leftmost is next.
    private struct Candidate {
        var left: TokenID
        var right: TokenID
        var token: TokenID
        /// Place of the left symbol.
        var position: Int
        var rank: UInt32

        @inline(__always)
        static func < (first: Candidate, second: Candidate) -> Bool {
            first.rank != second.rank ? first.rank < second.rank : first.position < second.position
        }
    }

    private var entries: [Candidate] = []
    private var following: [Int] = []
    private var preceding: [Int] = []

    mutating func merge(_ symbols: inout [TokenID], with table: MergeTable) {
        let count = symbols.count
        entries.removeAll(keepingCapacity: true)
        following = Array(1...count)
        preceding = Array(-1..<count - 1)
        for index in 0..<count - 1 { push(symbols, index, index + 1, table) }
        while let candidate = pop() {
            let left = candidate.position
            let right = following[left]
            // Stale: a neighbour has been merged since. A merged symbol leaves -1 behind.
            guard right < count, symbols[left] == candidate.left, symbols[right] == candidate.right else { continue }
            symbols[left] = candidate.token
            symbols[right] = -1
            following[left] = following[right]
            if following[left] < count {
                preceding[following[left]] = left
                push(symbols, left, following[left], table)
            }
            if preceding[left] >= 0 { push(symbols, preceding[left], left, table) }
        }
        symbols.removeAll { $0 < 0 }
        if count > 1 << 16 {
            entries = []
            following = []
            preceding = []
        }
    }

    private mutating func push(_ symbols: [TokenID], _ left: Int, _ right: Int, _ table: MergeTable) {
        let merge = table.find(symbols[left], symbols[right])
        guard merge.rank != .max else { return }
        var child = entries.count
        let candidate = Candidate(
            left: symbols[left],
            right: symbols[right],
            token: merge.token,
            position: left,
            rank: merge.rank
        )
        entries.append(candidate)
        while child > 0 {
            let parent = (child - 1) / 2
            guard candidate < entries[parent] else { break }
            entries[child] = entries[parent]
            child = parent
        }
        entries[child] = candidate
    }

    private mutating func pop() -> Candidate? {
        guard let top = entries.first, let last = entries.popLast() else { return nil }
        guard !entries.isEmpty else { return top }
        var parent = 0
        while true {
            var child = parent * 2 + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
            guard entries[child] < last else { break }
            entries[parent] = entries[child]
            parent = child
        }
        entries[parent] = last
        return top
    }
}
