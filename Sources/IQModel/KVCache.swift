// Cached keys and values of one sequence, which other sequences may share as their beginning.

package import IQTensor

/// The shape of a key/value cache.
package struct KVCacheShape: Sendable, Hashable {
    package var layers: Int
    package var kvHeads: Int
    package var headDimension: Int
    package var format: CacheFormat

    package init(configuration: DecoderConfiguration, format: CacheFormat) {
        layers = configuration.layers
        kvHeads = configuration.kvHeads
        headDimension = configuration.headDimension
        self.format = format
    }

    /// Bytes that one cached token takes, over all layers.
    package var bytesPerToken: Int {
        KeyValueBlock.byteCount(
            layers: layers,
            kvHeads: kvHeads,
            headDimension: headDimension,
            capacity: 1,
            format: format
        )
    }
}

/// Keys and values of one sequence: a chain of segments, of which only the last is written.
///
/// A fork shares all segments and copies nothing. Tokens that a fork can see are never overwritten: a sequence that was
/// rewound below them continues in a segment of its own.
package final class KVCache {
    /// A block and how many of its leading tokens some other sequence may be reading.
    final class Segment {
        let block: KeyValueBlock
        var sharedCount = 0

        init(_ block: KeyValueBlock) { self.block = block }
    }

    /// A segment as this sequence sees it: its first `count` tokens. Only the sequence that made a segment writes to it.
    struct Link {
        let segment: Segment
        var count: Int
        var isOwned: Bool
    }

    package let shape: KVCacheShape
    private(set) var links: [Link] = []
    /// Cached tokens.
    package private(set) var length = 0

    private let memory: KeyValueMemory?

    /// - Parameter memory: where the segments' memory comes from and goes to; the system if not given.
    package init(shape: KVCacheShape, memory: KeyValueMemory? = nil) {
        self.shape = shape
        self.memory = memory
    }

    /// Makes sure that `count` more tokens can be written without allocating.
    package func reserve(_ count: Int) throws(TensorError) {
        guard count > writableCount else { return }
        links.append(Link(segment: Segment(try makeBlock(capacity: count)), count: 0, isOwned: true))
    }

    /// A sequence with the same tokens, sharing their memory. Give it room by ``reserve(_:)``.
    package func fork() -> KVCache {
        let copy = KVCache(shape: shape, memory: memory)
        copy.links = links.filter { $0.count > 0 }.map { Link(segment: $0.segment, count: $0.count, isOwned: false) }
        copy.length = length
        for link in links { link.segment.sharedCount = max(link.segment.sharedCount, link.count) }
        return copy
    }

    /// Forgets all tokens from position `length` on.
    package func rewind(to length: Int) {
        precondition(length >= 0 && length <= self.length, "rewind to \(length) of \(self.length)")
        var surplus = self.length - length
        while surplus > 0, let last = links.last {
            let dropped = min(surplus, last.count)
            surplus -= dropped
            // The first link keeps its block for the tokens to come.
            if dropped == last.count && links.count > 1 {
                links.removeLast()
            } else {
                links[links.count - 1].count -= dropped
            }
        }
        self.length = length
    }

    /// Appends `count` tokens, to be written by the step that follows: calls `write` with each run of places.
    func append(_ count: Int, write: (KeyValueBlock, _ at: Int, _ offset: Int, _ count: Int) -> Void)
        throws(TensorError)
    {
        var offset = 0
        while offset < count {
            if writableCount == 0 {
                // Unreserved growth: at least a page, so that token-by-token callers allocate rarely.
                let capacity = max(count - offset, Self.pageLength)
                links.append(Link(segment: Segment(try makeBlock(capacity: capacity)), count: 0, isOwned: true))
            }
            let last = links[links.count - 1]
            let run = min(writableCount, count - offset)
            write(last.segment.block, last.count, offset, run)
            links[links.count - 1].count += run
            length += run
            offset += run
        }
    }

    /// Bytes of the segments, shared ones included.
    package var byteCount: Int { links.reduce(0) { $0 + $1.segment.block.capacity * shape.bytesPerToken } }

    /// Tokens that an unreserved sequence grows by.
    static let pageLength = 256

    /// Tokens that can be written into the last segment: none where it is another's, or where another sees further.
    private var writableCount: Int {
        guard let last = links.last, last.isOwned, last.segment.sharedCount <= last.count else { return 0 }
        return last.segment.block.capacity - last.count
    }

    private func makeBlock(capacity: Int) throws(TensorError) -> KeyValueBlock {
        try KeyValueBlock(
            layers: shape.layers,
            kvHeads: shape.kvHeads,
            headDimension: shape.headDimension,
            capacity: capacity,
            format: shape.format,
            from: memory
        )
    }
}
