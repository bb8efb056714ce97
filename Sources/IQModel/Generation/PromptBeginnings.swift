// Keys and values of what many prompts begin with.

package import IQText

/// The beginnings that prompts were last continued from, such as an instruction and its examples, each read once.
///
/// A prompt with a beginning is always read in two pieces, cut behind the beginning, whether that is here or has to be read: its
/// numbers do not depend on what was read before.
package final class PromptBeginnings {
    private struct Entry {
        let tokens: [TokenID]
        let cache: KVCache
    }

    /// The last one used is the last.
    private var entries: [Entry] = []

    /// Tokens that are kept, of all beginnings together.
    package static let limit = 1024

    /// A cache that goes on behind the beginning, if it is here.
    package func cache(behind beginning: ArraySlice<TokenID>) -> KVCache? {
        guard let index = entries.firstIndex(where: { $0.tokens.elementsEqual(beginning) }) else { return nil }
        let entry = entries.remove(at: index)
        entries.append(entry)
        return entry.cache.fork()
    }

    /// Keeps a beginning that was read, in place of those that were not used for the longest time.
    ///
    /// - Parameter cache: holds the beginning and nothing else, and is not written to any more.
    package func keep(_ cache: KVCache, of beginning: ArraySlice<TokenID>) {
        guard beginning.count <= Self.limit else { return }
        entries.removeAll { $0.tokens.elementsEqual(beginning) }
        entries.append(Entry(tokens: Array(beginning), cache: cache))
        var total = entries.reduce(0) { $0 + $1.tokens.count }
        while total > Self.limit { total -= entries.removeFirst().tokens.count }
    }

    /// Forgets all, as the model has other weights now.
    package func removeAll() { entries.removeAll() }

    package var count: Int { entries.count }
}
