// The tokens of a vocabulary as a grammar sees them: their bytes, in tries.

package import IQText

/// The bytes of every token that is text, arranged for walking an automaton over all of them at once. Made once for a
/// tokenizer; several grammars may share it.
package struct GrammarVocabulary: Sendable {
    /// Number of token ids.
    package let size: Int
    /// Tokens that end a text.
    package let endTokens: [TokenID]
    /// Tokens by length: few tokens are long, and keeping them apart lets the masks of all others be shared by more states.
    let tiers: [VocabularyTrie]
    private let bytes: [UInt8]
    private let offsets: [Int32]

    /// The longest token of each tier but the last, in bytes.
    static let tierLengths = [16, 48]

    /// - Parameters:
    ///   - tokens: the bytes of each token; nil or empty for those that are no text.
    ///   - endTokens: tokens that end a text; they are never text themselves.
    package init(tokens: [[UInt8]?], endTokens: [TokenID]) {
        size = tokens.count
        self.endTokens = endTokens
        var bytes: [UInt8] = []
        var offsets: [Int32] = [0]
        let ends = Set(endTokens)
        for (token, text) in tokens.enumerated() {
            if let text, !ends.contains(TokenID(token)) { bytes += text }
            offsets.append(Int32(bytes.count))
        }
        self.bytes = bytes
        self.offsets = offsets
        var idsOfTier: [[TokenID]] = Array(repeating: [], count: Self.tierLengths.count + 1)
        for token in 0..<tokens.count {
            let length = Int(offsets[token + 1] - offsets[token])
            guard length > 0 else { continue }
            let tier = Self.tierLengths.firstIndex { length <= $0 } ?? Self.tierLengths.count
            idsOfTier[tier].append(TokenID(token))
        }
        tiers = idsOfTier.filter { !$0.isEmpty }.map { VocabularyTrie(tokens: $0, bytes: bytes, offsets: offsets) }
    }

    /// The vocabulary of a tokenizer, without its special tokens.
    package init(tokenizer: Tokenizer) {
        let tokens = (0..<tokenizer.vocabularySize).map { index -> [UInt8]? in
            let token = TokenID(index)
            return tokenizer.isSpecial(token) ? nil : tokenizer.bytes(of: token)
        }
        self.init(tokens: tokens, endTokens: tokenizer.endOfGeneration.sorted())
    }

    /// The bytes of a token; empty for one that is no text or not in the vocabulary.
    func bytes(of token: TokenID) -> ArraySlice<UInt8> {
        guard token >= 0, Int(token) < size else { return [] }
        return bytes[Int(offsets[Int(token)])..<Int(offsets[Int(token) + 1])]
    }
}

/// Tokens in a prefix tree, its nodes in one array, each before its descendants.
struct VocabularyTrie: Sendable {
    struct Node: Sendable {
        /// The node after the last descendant.
        var end: Int32
        /// Where the tokens that end here end in `tokens`; they begin where those of the node before end.
        var tokensEnd: Int32
        /// Number of bytes before this one.
        var depth: UInt16
        var byte: UInt8
    }

    let nodes: [Node]
    let tokens: [TokenID]
    /// The longest token, in bytes.
    let longest: Int

    /// - Parameters:
    ///   - tokens: at least one, none empty; token t is bytes[offsets[t] ..< offsets[t + 1]].
    init(tokens: [TokenID], bytes: [UInt8], offsets: [Int32]) {
        func text(_ token: TokenID) -> Range<Int> { Int(offsets[Int(token)])..<Int(offsets[Int(token) + 1]) }
        /// The first eight bytes as a number decide most comparisons.
        func prefix(_ token: TokenID) -> UInt64 {
            let range = text(token)
            return (0..<8).reduce(0) { $0 << 8 | ($1 < range.count ? UInt64(bytes[range.lowerBound + $1]) : 0) }
        }
        let sorted = tokens.map { (token: $0, prefix: prefix($0)) }.sorted { a, b in
            if a.prefix != b.prefix { return a.prefix < b.prefix }
            let (left, right) = (text(a.token), text(b.token))
            if left.count <= 8 || right.count <= 8 { return left.count < right.count }
            return bytes[left].lexicographicallyPrecedes(bytes[right])
        }
        var nodes: [Node] = []
        /// The open nodes, from the root to the latest.
        var path: [Int] = []
        var longest = 0
        var previous = 0..<0
        for (place, entry) in sorted.enumerated() {
            let range = text(entry.token)
            var shared = 0
            while shared < min(previous.count, range.count),
                bytes[previous.lowerBound + shared] == bytes[range.lowerBound + shared]
            { shared += 1 }
            while path.count > shared { nodes[path.removeLast()].end = Int32(nodes.count) }
            for depth in shared..<range.count {
                path.append(nodes.count)
                let byte = bytes[range.lowerBound + depth]
                nodes.append(Node(end: 0, tokensEnd: Int32(place), depth: UInt16(clamping: depth), byte: byte))
            }
            nodes[nodes.count - 1].tokensEnd = Int32(place + 1)
            longest = max(longest, range.count)
            previous = range
        }
        while let open = path.popLast() { nodes[open].end = Int32(nodes.count) }
        self.nodes = nodes
        self.tokens = sorted.map(\.token)
        self.longest = longest
    }
}
