// The tokens of pieces seen before in the same text. Most words of a text are repeated, and looking one up is several times
// faster than merging it anew.

/// Remembers where in the output the tokens of a short piece stand already.
struct PieceCache {
    /// A piece of up to 31 bytes with its length in the last byte.
    fileprivate typealias Key = SIMD4<UInt64>

    private struct Slot {
        var key: Key
        var start: Int
        var count: Int32
    }

    static let longestPiece = 31
    private var slots: [Slot]
    private let mask: Int

    /// - Parameter byteCount: length of the text; a short one gets a small cache.
    init(byteCount: Int) {
        var size = 64
        while size < byteCount / 8, size < 1 << 14 { size *= 2 }
        slots = Array(repeating: Slot(key: Key(repeating: 0), start: 0, count: -1), count: size)
        mask = size - 1
    }

    /// A piece that was not found, and where to enter it.
    struct Miss {
        fileprivate var key: Key
        fileprivate var slot: Int
        fileprivate var start: Int
    }

    enum Answer {
        /// The tokens have been appended.
        case known
        /// The caller encodes the piece and hands the miss to ``remember(_:upTo:)``.
        case unknown(Miss)
        /// The piece is too long to be remembered.
        case tooLong
    }

    /// Appends the tokens of a piece, if it occurred before.
    @inline(__always)
    func appendKnown(_ piece: UnsafeBufferPointer<UInt8>, to output: inout [TokenID]) -> Answer {
        guard piece.count <= Self.longestPiece, let base = piece.baseAddress else { return .tooLong }
        var key = Key(repeating: 0)
        withUnsafeMutableBytes(of: &key) { bytes in
            bytes.copyMemory(from: UnsafeRawBufferPointer(start: base, count: piece.count))
            bytes[31] = UInt8(piece.count)
        }
        let hash = ByteHash.mix(key[0] ^ ByteHash.mix(key[1] ^ ByteHash.mix(key[2] ^ key[3])))
        let index = Int(truncatingIfNeeded: hash) & mask
        let slot = slots[index]
        guard slot.count >= 0, slot.key == key else {
            return .unknown(Miss(key: key, slot: index, start: output.count))
        }
        if slot.count == 1 {
            output.append(output[slot.start])
        } else {
            for index in slot.start..<slot.start + Int(slot.count) { output.append(output[index]) }
        }
        return .known
    }

    /// Enters the tokens that the output gained since a miss.
    mutating func remember(_ miss: Miss, upTo end: Int) {
        slots[miss.slot] = Slot(key: miss.key, start: miss.start, count: Int32(end - miss.start))
    }
}
