// Which two neighbouring tokens merge, how early, and into what.

/// Pairs of tokens with their rank and the token they become: open addressing on the two ids as one integer.
struct MergeTable: Sendable {
    struct Merge {
        /// The lower, the earlier it is applied.
        var rank: UInt32
        var token: TokenID
    }

    private struct Slot {
        var pair: UInt64
        var merge: Merge
    }

    /// No pair of non-negative ids has this value.
    private static let empty = UInt64.max
    static let none = Merge(rank: .max, token: -1)

    private var slots: [Slot]
    private var shift: UInt64
    private(set) var count = 0

    init(capacity: Int) {
        var bits: UInt64 = 4
        while 1 << bits < capacity * 2 { bits += 1 }
        shift = 64 - bits
        slots = Array(repeating: Slot(pair: Self.empty, merge: Self.none), count: 1 << bits)
    }

    @inline(__always)
    private static func pair(_ left: TokenID, _ right: TokenID) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    @inline(__always)
    private func firstSlot(_ pair: UInt64) -> Int {
        // In Swift a shift binds more tightly than a product.
        Int(truncatingIfNeeded: ((pair ^ pair >> 29) &* 0x9E37_79B9_7F4A_7C15) >> shift)
    }

    /// The merge of two tokens, or ``none``.
    @inline(__always)
    func find(_ left: TokenID, _ right: TokenID) -> Merge {
        let pair = Self.pair(left, right)
        let mask = slots.count - 1
        var slot = firstSlot(pair)
        return slots.withUnsafeBufferPointer { slots in
            while true {
                let entry = slots[slot]
                if entry.pair == pair { return entry.merge }
                if entry.pair == Self.empty { return Self.none }
                slot = (slot + 1) & mask
            }
        }
    }

    /// Enters a merge; one that is known keeps its rank unless `replacing`.
    mutating func insert(_ left: TokenID, _ right: TokenID, _ merge: Merge, replacing: Bool) {
        if (count + 1) * 2 > slots.count { grow() }
        let pair = Self.pair(left, right)
        let mask = slots.count - 1
        var slot = firstSlot(pair)
        while slots[slot].pair != Self.empty {
            if slots[slot].pair == pair {
                if replacing { slots[slot].merge = merge }
                return
            }
            slot = (slot + 1) & mask
        }
        slots[slot] = Slot(pair: pair, merge: merge)
        count += 1
    }

    private mutating func grow() {
        let old = slots
        shift -= 1
        slots = Array(repeating: Slot(pair: Self.empty, merge: Self.none), count: old.count * 2)
        let mask = slots.count - 1
        for entry in old where entry.pair != Self.empty {
            var slot = firstSlot(entry.pair)
            while slots[slot].pair != Self.empty { slot = (slot + 1) & mask }
            slots[slot] = entry
        }
    }
}
