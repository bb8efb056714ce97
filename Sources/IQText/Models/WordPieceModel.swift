// WordPiece (Wu et al. 2016, arXiv 1609.08144; Devlin et al. 2018): of each word the longest piece that is a token is taken
// from the front, again and again; a word that cannot be spelled so is unknown as a whole.

struct WordPieceModel: Sendable {
    let vocabulary: Vocabulary
    let unknown: TokenID
    /// Stands before a piece that goes on with a word: `##`.
    let continuationPrefix: [UInt8]
    /// Longer words, in characters, are unknown.
    let longestWord: Int
    /// Bytes of the longest token: no longer piece need be tried.
    private let longestToken: Int

    init(
        vocabulary: Vocabulary,
        unknown: TokenID,
        continuationPrefix: [UInt8] = Array("##".utf8),
        longestWord: Int = 100
    ) {
        self.vocabulary = vocabulary
        self.unknown = unknown
        self.continuationPrefix = continuationPrefix
        self.longestWord = longestWord
        longestToken = (0..<vocabulary.count).map { vocabulary.names.range(of: $0).count }.max() ?? 0
    }

    /// Appends the tokens of one word.
    func encode(_ word: UnsafeBufferPointer<UInt8>, scratch: inout [UInt8], into output: inout [TokenID]) {
        if word.isEmpty { return }
        guard word.count <= longestWord * 4,
            word.reduce(0, { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }) <= longestWord
        else {
            output.append(unknown)
            return
        }
        let first = output.count
        var start = 0
        while start < word.count {
            scratch.removeAll(keepingCapacity: true)
            if start > 0 { scratch.append(contentsOf: continuationPrefix) }
            let prefix = scratch.count
            scratch.append(contentsOf: word[start..<Swift.min(word.count, start + longestToken)])
            var length = scratch.count
            var found: TokenID?
            scratch.withUnsafeBufferPointer { text in
                while length > prefix {
                    // A piece ends where a character ends.
                    let end = start + length - prefix
                    if end == word.count || word[end] & 0xC0 != 0x80 {
                        found = vocabulary.find(UnsafeBufferPointer(rebasing: text[..<length]))
                        if found != nil { break }
                    }
                    length -= 1
                }
            }
            guard let found else {
                output.removeSubrange(first...)
                output.append(unknown)
                return
            }
            output.append(found)
            start += length - prefix
        }
    }
}
