// Many byte strings in one allocation, and a table that finds one of them.

/// Byte strings by number, one behind the other in one buffer.
struct ByteStrings: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var ends: [Int] = []

    var count: Int { ends.count }

    mutating func reserve(count: Int, bytes byteCount: Int) {
        ends.reserveCapacity(count)
        bytes.reserveCapacity(byteCount)
    }

    mutating func append(_ string: UnsafeBufferPointer<UInt8>) {
        bytes.append(contentsOf: string)
        ends.append(bytes.count)
    }

    mutating func append(_ string: [UInt8]) {
        bytes.append(contentsOf: string)
        ends.append(bytes.count)
    }

    func range(of index: Int) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    subscript(index: Int) -> ArraySlice<UInt8> { bytes[range(of: index)] }

    func withBytes<Result>(of index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        let range = range(of: index)
        return bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range])) }
    }
}

/// Finds the number of a byte string: open addressing with 32 bits of the hash beside each number.
struct ByteStringTable: Sendable {
    private struct Slot {
        var tag: UInt32
        var index: Int32
    }

    private var slots: [Slot]
    private var used = 0

    init(capacity: Int) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = Array(repeating: Slot(tag: 0, index: -1), count: size)
    }

    /// The number of a string of `strings`, or nil.
    func find(_ string: UnsafeBufferPointer<UInt8>, in strings: ByteStrings) -> Int32? {
        let hash = ByteHash.hash(string)
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        let tag = UInt32(truncatingIfNeeded: hash >> 32)
        while slots[slot].index >= 0 {
            if slots[slot].tag == tag, Self.equal(string, strings, Int(slots[slot].index)) {
                return slots[slot].index
            }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// Enters the string that `strings` holds under a number; returns the number of an equal one entered before, which
    /// keeps its place unless `replacing`.
    mutating func insert(_ index: Int32, of strings: ByteStrings, replacing: Bool = false) -> Int32? {
        if (used + 1) * 2 > slots.count { grow(strings) }
        let (hash, known) = strings.withBytes(of: Int(index)) { string in
            (ByteHash.hash(string), find(string, in: strings))
        }
        if let known, !replacing { return known }
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot].index >= 0, slots[slot].index != known { slot = (slot + 1) & mask }
        slots[slot] = Slot(tag: UInt32(truncatingIfNeeded: hash >> 32), index: index)
        if known == nil { used += 1 }
        return known
    }

    private mutating func grow(_ strings: ByteStrings) {
        let old = slots
        slots = Array(repeating: Slot(tag: 0, index: -1), count: old.count * 2)
        let mask = slots.count - 1
        for entry in old where entry.index >= 0 {
            let hash = strings.withBytes(of: Int(entry.index), ByteHash.hash)
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot].index >= 0 { slot = (slot + 1) & mask }
            slots[slot] = entry
        }
    }

    private static func equal(_ string: UnsafeBufferPointer<UInt8>, _ strings: ByteStrings, _ index: Int) -> Bool {
        strings.withBytes(of: index) { other in
            guard string.count == other.count else { return false }
            for position in 0..<string.count where string[position] != other[position] { return false }
            return true
        }
    }
}
