// Tokens that are found in a text as they stand, before the model sees it.

/// A token outside the model's own splitting: special (`<|im_start|>`) or simply kept whole.
struct AddedToken: Sendable, Equatable {
    var id: TokenID
    var content: [UInt8]
    /// Steers the model, is no text.
    var isSpecial = false
    /// Only as a whole word.
    var isSingleWord = false
    /// Takes the white space before it.
    var stripsLeft = false
    /// Takes the white space behind it.
    var stripsRight = false
    /// Is looked for in the normalised text.
    var isNormalized = false
}

/// Finds added tokens: leftmost first, of those that start at one place the longest.
struct AddedTokenMatcher: Sendable {
    private let tokens: [AddedToken]
    private var startsWith = [Bool](repeating: false, count: 256)
    /// Edges of the trie of their bytes: (node, byte) to node.
    private var edges: [UInt64: Int32] = [:]
    /// The token that ends at a node; -1 for none.
    private var terminal: [Int32] = [-1]

    var isEmpty: Bool { tokens.isEmpty }

    init(_ tokens: [AddedToken]) {
        // One that is not well-formed UTF-8 could match within a character; no text holds it as such.
        self.tokens = tokens.filter {
            !$0.content.isEmpty && $0.content.withUnsafeBufferPointer(UTF8Scalars.isValid)
        }
        for (index, token) in self.tokens.enumerated() {
            startsWith[Int(token.content[0])] = true
            var node: Int32 = 0
            for byte in token.content {
                let key = UInt64(UInt32(bitPattern: node)) << 8 | UInt64(byte)
                if let next = edges[key] {
                    node = next
                } else {
                    let next = Int32(terminal.count)
                    terminal.append(-1)
                    edges[key] = next
                    node = next
                }
            }
            // Of two equal ones the first counts.
            if terminal[Int(node)] < 0 { terminal[Int(node)] = Int32(index) }
        }
    }

    /// Cuts a text into added tokens and what stands between them.
    ///
    /// - Parameter body: receives each stretch with its token, or nil for text.
    func split(
        _ text: UnsafeBufferPointer<UInt8>,
        parsingSpecialTokens: Bool,
        _ body: (Range<Int>, AddedToken?) -> Void
    ) {
        var emitted = 0
        var position = 0
        while !tokens.isEmpty, position < text.count {
            guard startsWith[Int(text[position])], let (token, length) = longest(text, position) else {
                position += 1
                continue
            }
            var start = position
            position += length
            if token.isSpecial, !parsingSpecialTokens { continue }
            if token.isSingleWord, isInsideWord(text, start..<position) { continue }
            var end = position
            if token.stripsLeft { start = spaceBefore(text, start) }
            if token.stripsRight { end = spaceBehind(text, end) }
            start = Swift.max(start, emitted)
            if emitted < start { body(emitted..<start, nil) }
            body(start..<Swift.max(end, start), token)
            emitted = Swift.max(end, emitted)
        }
        if emitted < text.count { body(emitted..<text.count, nil) }
    }

    private func longest(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> (AddedToken, Int)? {
        var node: Int32 = 0
        var position = start
        var found: (Int32, Int)?
        while position < text.count,
            let next = edges[UInt64(UInt32(bitPattern: node)) << 8 | UInt64(text[position])]
        {
            node = next
            position += 1
            if terminal[Int(node)] >= 0 { found = (terminal[Int(node)], position - start) }
        }
        return found.map { (tokens[Int($0.0)], $0.1) }
    }

    private func isInsideWord(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        let classes = CharacterClasses.shared
        if range.lowerBound > 0,
            classes[UTF8Scalars.decodeBackward(text, before: range.lowerBound).value].contains(.word)
        {
            return true
        }
        return range.upperBound < text.count
            && classes[UTF8Scalars.decode(text, at: range.upperBound).value].contains(.word)
    }

    private func spaceBefore(_ text: UnsafeBufferPointer<UInt8>, _ end: Int) -> Int {
        var start = end
        while start > 0 {
            let (value, length) = UTF8Scalars.decodeBackward(text, before: start)
            guard CharacterClasses.shared[value].contains(.whitespace) else { break }
            start -= length
        }
        return start
    }

    private func spaceBehind(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        var end = start
        while end < text.count {
            let (value, length) = UTF8Scalars.decode(text, at: end)
            guard CharacterClasses.shared[value].contains(.whitespace) else { break }
            end += length
        }
        return end
    }
}
