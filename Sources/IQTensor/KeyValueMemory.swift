// Memory of key/value blocks that ended, kept for the next ones.

import Synchronization

/// Lends memory for key/value blocks and takes it back. Sequences come and go by the second in serving, and memory that is new
/// to the process has to be cleared by the system page by page: a tenth of the time of decoding 32 sequences.
package final class KeyValueMemory: Sendable {
    /// Addresses are kept as numbers, which may cross threads.
    private struct Kept {
        var pieces: [(address: UInt, byteCount: Int)] = []
        var byteCount = 0
    }

    private let kept = Mutex(Kept())

    /// Most bytes that are kept unused.
    package static let limit = 96 << 20
    /// A kept piece serves a request of at least this part of its size.
    private static let smallestPart = 0.5

    package init() {}

    deinit {
        kept.withLock { kept in
            for piece in kept.pieces { Self.release(piece.address) }
        }
    }

    private static func release(_ address: UInt) {
        if let pointer = UnsafeMutableRawPointer(bitPattern: address) { releaseAligned(pointer) }
    }

    /// Memory with undefined contents: the smallest kept piece that is large enough, or new memory.
    func take(byteCount: Int) throws(TensorError) -> (pointer: UnsafeMutableRawPointer, byteCount: Int) {
        let found = kept.withLock { kept -> (address: UInt, byteCount: Int)? in
            let fitting = kept.pieces.indices.filter { index in
                let size = kept.pieces[index].byteCount
                return size >= byteCount && Double(byteCount) >= Self.smallestPart * Double(size)
            }
            guard let best = fitting.min(by: { kept.pieces[$0].byteCount < kept.pieces[$1].byteCount }) else {
                return nil
            }
            let piece = kept.pieces.remove(at: best)
            kept.byteCount -= piece.byteCount
            return piece
        }
        if let found, let pointer = UnsafeMutableRawPointer(bitPattern: found.address) {
            return (pointer, found.byteCount)
        }
        return (try allocateAligned(byteCount: byteCount, isZeroed: false), byteCount)
    }

    /// Takes back what was lent, and keeps it if there is room.
    func give(_ pointer: UnsafeMutableRawPointer, byteCount: Int) {
        let address = UInt(bitPattern: pointer)
        let isKept = kept.withLock { kept -> Bool in
            guard kept.byteCount + byteCount <= Self.limit else { return false }
            kept.pieces.append((address, byteCount))
            kept.byteCount += byteCount
            return true
        }
        if !isKept { Self.release(address) }
    }
}
