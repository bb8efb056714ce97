// A hash of byte strings for the tables of this module.

enum ByteHash {
    /// Drawn anew in every process, so that nobody can prepare a file whose keys all fall into one slot.
    private static let seed = UInt64.random(in: 0 ... .max)

    /// Multiplies and folds eight bytes at a time; the last, short step reads byte by byte.
    static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var state = seed ^ UInt64(bytes.count)
        var index = 0
        if let base = UnsafeRawPointer(bytes.baseAddress) {
            while index + 8 <= bytes.count {
                state = mix(state ^ base.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                index += 8
            }
        }
        var tail: UInt64 = 0
        while index < bytes.count {
            tail = tail << 8 | UInt64(bytes[index])
            index += 1
        }
        return mix(state ^ tail)
    }

    /// Spreads the bits of an integer over all 64.
    @inline(__always)
    static func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return product.high ^ product.low
    }
}
