// Text to tokens: added tokens first, then normaliser, pre-tokeniser and model on what stands between them.

/// The work of encoding one text.
struct Encoding {
    private let definition: TokenizerDefinition
    private let parsingSpecialTokens: Bool
    private var merging = PairMerging()
    private var scratch: [UInt8] = []
    private var cache: PieceCache
    private(set) var tokens: [TokenID] = []

    init(_ definition: TokenizerDefinition, byteCount: Int, parsingSpecialTokens: Bool) {
        self.definition = definition
        self.parsingSpecialTokens = parsingSpecialTokens
        cache = PieceCache(byteCount: byteCount)
        tokens.reserveCapacity(byteCount / 4 + 8)
    }

    mutating func append(_ token: [TokenID]) { tokens.append(contentsOf: token) }

    /// Encodes well-formed UTF-8.
    mutating func encode(_ text: UnsafeBufferPointer<UInt8>) {
        definition.rawMatcher.split(text, parsingSpecialTokens: parsingSpecialTokens) { range, token in
            if let token {
                tokens.append(token.id)
            } else {
                encode(segment: UnsafeBufferPointer(rebasing: text[range]), isTextStart: range.lowerBound == 0)
            }
        }
    }

    private mutating func encode(segment: UnsafeBufferPointer<UInt8>, isTextStart: Bool) {
        if let normalized = definition.normalizer.normalized(segment) {
            normalized.text.withUnsafeBufferPointer {
                encode(normalized: $0, isTextStart: isTextStart && normalized.keepsStart)
            }
        } else {
            encode(normalized: segment, isTextStart: isTextStart)
        }
    }

    private mutating func encode(normalized text: UnsafeBufferPointer<UInt8>, isTextStart: Bool) {
        if definition.normalizedMatcher.isEmpty {
            encode(stretch: text, isTextStart: isTextStart)
            return
        }
        definition.normalizedMatcher.split(text, parsingSpecialTokens: parsingSpecialTokens) { range, token in
            if let token {
                tokens.append(token.id)
            } else {
                encode(
                    stretch: UnsafeBufferPointer(rebasing: text[range]),
                    isTextStart: isTextStart && range.lowerBound == 0
                )
            }
        }
    }

    private mutating func encode(stretch text: UnsafeBufferPointer<UInt8>, isTextStart: Bool) {
        definition.preTokenizer.withPieces(of: text, isTextStart: isTextStart) { text, pieces in
            switch definition.model {
            case .bytePair(let model):
                for piece in pieces {
                    if model.bytesBeforeWordMarks.isEmpty {
                        encode(UnsafeBufferPointer(rebasing: text[piece]), model)
                    } else {
                        encodeWords(UnsafeBufferPointer(rebasing: text[piece]), model)
                    }
                }
            case .wordPiece(let model):
                for piece in pieces { encode(UnsafeBufferPointer(rebasing: text[piece]), model) }
            }
        }
    }

    @inline(__always)
    private mutating func encode(_ piece: UnsafeBufferPointer<UInt8>, _ model: BytePairModel) {
        switch cache.appendKnown(piece, to: &tokens) {
        case .known: return
        case .tooLong: model.encode(piece, with: &merging, into: &tokens)
        case .unknown(let miss):
            model.encode(piece, with: &merging, into: &tokens)
            cache.remember(miss, upTo: tokens.count)
        }
    }

    private mutating func encode(_ piece: UnsafeBufferPointer<UInt8>, _ model: WordPieceModel) {
        switch cache.appendKnown(piece, to: &tokens) {
        case .known: return
        case .tooLong: model.encode(piece, scratch: &scratch, into: &tokens)
        case .unknown(let miss):
            model.encode(piece, scratch: &scratch, into: &tokens)
            cache.remember(miss, upTo: tokens.count)
        }
    }

    /// Cuts before each U+2581 that nothing could merge with: the tokens are the same, and the words short.
    private mutating func encodeWords(_ piece: UnsafeBufferPointer<UInt8>, _ model: BytePairModel) {
        var start = 0
        var isBehindMark = false
        var position = 0
        let bytesBeforeWordMarks = model.bytesBeforeWordMarks
        while position < piece.count {
            let isMark =
                piece[position] == 0xE2 && position + 2 < piece.count && piece[position + 1] == 0x96
                && piece[position + 2] == 0x81
            if isMark, !isBehindMark, position > start, !bytesBeforeWordMarks[Int(piece[position - 1])] {
                encode(UnsafeBufferPointer(rebasing: piece[start..<position]), model)
                start = position
            }
            isBehindMark = isMark
            position += isMark ? 3 : 1
        }
        if start < piece.count { encode(UnsafeBufferPointer(rebasing: piece[start...]), model) }
    }
}
