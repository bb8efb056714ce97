// Which bytes of a completion's text each of its tokens wrote.

package import IQText

/// The text of tokens, and each token's part of it.
package struct TokenTexts: Sendable, Hashable {
    /// UTF-8 bytes of the text that each token wrote. Tokens that only together spell a character all have the whole
    /// character; special tokens, and what was cut off with a stop string, have an empty range.
    package let ranges: [Range<Int>]

    /// - Parameters:
    ///   - tokens: a completion, as sampled.
    ///   - byteCount: length of the text that was kept, without a stop string.
    package init(_ tokens: [TokenID], tokenizer: Tokenizer, byteCount: Int) {
        var decoder = tokenizer.makeStreamingDecoder(skippingSpecialTokens: true)
        var ranges: [Range<Int>] = []
        /// Tokens whose text is not certain yet.
        var pending: [Int] = []
        var end = 0
        func write(_ count: Int) {
            let range = min(end, byteCount)..<min(end + count, byteCount)
            for index in pending { ranges[index] = range }
            pending = []
            end += count
        }
        for (index, token) in tokens.enumerated() {
            ranges.append(min(end, byteCount)..<min(end, byteCount))
            if tokenizer.isSpecial(token) { continue }
            pending.append(index)
            let text = decoder.append(token)
            if !text.isEmpty { write(text.utf8.count) }
        }
        write(decoder.finish().utf8.count)
        self.ranges = ranges
    }

    /// For each token the span that it writes the most of, the first of equals; nil for a token that writes none.
    ///
    /// - Parameter spans: ranges of the text's UTF-8 bytes, in order, without overlap.
    package func spans(of spans: [Range<Int>]) -> [Int?] {
        ranges.map { range in
            var best: (span: Int, bytes: Int)?
            for (index, span) in spans.enumerated() {
                let bytes = range.clamped(to: span).count
                if bytes > best?.bytes ?? 0 { best = (index, bytes) }
            }
            return best?.span
        }
    }
}
