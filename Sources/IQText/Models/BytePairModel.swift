// Byte-pair encoding over bytes (GPT-2 and its heirs) or over characters (SentencePiece style, as in Gemma).

struct BytePairModel: Sendable {
    /// What a piece is made of before the first merge.
    enum Alphabet: Sendable, Equatable {
        /// The 256 bytes, each through its character of ``ByteAlphabet``.
        case bytes
        /// Unicode characters; one that the vocabulary lacks is spelled in byte tokens, if there are any.
        case characters
    }

    let vocabulary: Vocabulary
    let alphabet: Alphabet
    let merges: MergeTable
    /// A piece that is a token as a whole is not merged at all.
    let takesWholePieces: Bool
    let unknown: TokenID?
    /// Neighbouring unknown characters become one unknown token.
    let fusesUnknown: Bool
    /// Token of each byte: of its character in the byte alphabet, or `<0xNN>`; -1 where there is none.
    let byteTokens: [TokenID]
    /// Characters that only occur within tokens: numbered behind the vocabulary, so that merges may name them.
    let innerCharacters: Vocabulary?
    /// The last bytes of characters that stand before U+2581 within some token. Behind any other character nothing merges
    /// across the front of a word, so that the text can be cut there. Empty if the model knows no such mark.
    let bytesBeforeWordMarks: [Bool]

    init(
        vocabulary: Vocabulary,
        alphabet: Alphabet,
        merges: MergeTable,
        takesWholePieces: Bool = false,
        unknown: TokenID? = nil,
        fusesUnknown: Bool = false,
        fallsBackToBytes: Bool = false,
        innerCharacters: Vocabulary? = nil
    ) {
        self.vocabulary = vocabulary
        self.alphabet = alphabet
        self.merges = merges
        self.takesWholePieces = takesWholePieces
        self.unknown = unknown
        self.fusesUnknown = fusesUnknown
        self.innerCharacters = innerCharacters
        switch alphabet {
        case .bytes:
            byteTokens = ByteAlphabet.scalars.map { scalar in
                var name: [UInt8] = []
                UTF8Scalars.append(scalar, to: &name)
                return vocabulary.find(name) ?? -1
            }
            bytesBeforeWordMarks = []
        case .characters:
            byteTokens = fallsBackToBytes ? vocabulary.byteTokens() : []
            bytesBeforeWordMarks = Self.bytesBeforeWordMarks(vocabulary)
        }
    }

    /// Which bytes stand before U+2581 (E2 96 81) within a token, other than those of the mark itself.
    private static func bytesBeforeWordMarks(_ vocabulary: Vocabulary) -> [Bool] {
        var found = [Bool](repeating: false, count: 256)
        for index in 0..<vocabulary.count {
            vocabulary.names.withBytes(of: index) { name in
                guard name.count > 3 else { return }
                for position in 1...name.count - 3
                where name[position] == 0xE2 && name[position + 1] == 0x96 && name[position + 2] == 0x81 {
                    let isBehindMark =
                        position >= 3 && name[position - 3] == 0xE2 && name[position - 2] == 0x96
                        && name[position - 1] == 0x81
                    if !isBehindMark { found[Int(name[position - 1])] = true }
                }
            }
        }
        return found
    }

    /// Appends the tokens of one piece of text.
    func encode(_ piece: UnsafeBufferPointer<UInt8>, with merging: inout PairMerging, into output: inout [TokenID]) {
        if piece.isEmpty { return }
        if takesWholePieces, let token = wholePiece(piece) {
            output.append(token)
            return
        }
        merging.symbols.removeAll(keepingCapacity: true)
        switch alphabet {
        case .bytes: appendBytes(piece, to: &merging.symbols)
        case .characters: appendCharacters(piece, to: &merging.symbols)
        }
        merging.merge(with: merges)
        if let innerCharacters {
            for symbol in merging.symbols {
                if Int(symbol) < vocabulary.count {
                    output.append(symbol)
                } else {
                    innerCharacters.names.withBytes(of: Int(symbol) - vocabulary.count) { character in
                        spell(character, into: &output)
                    }
                }
            }
        } else {
            output.append(contentsOf: merging.symbols)
        }
    }

    private func wholePiece(_ piece: UnsafeBufferPointer<UInt8>) -> TokenID? {
        if alphabet == .characters { return vocabulary.find(piece) }
        var name: [UInt8] = []
        name.reserveCapacity(piece.count * 2)
        for byte in piece { UTF8Scalars.append(ByteAlphabet.scalars[Int(byte)], to: &name) }
        return vocabulary.find(name)
    }

    private func appendBytes(_ piece: UnsafeBufferPointer<UInt8>, to symbols: inout [TokenID]) {
        var unknownRun = false
        for byte in piece {
            let token = byteTokens[Int(byte)]
            if token >= 0 {
                symbols.append(token)
                unknownRun = false
            } else if let unknown, !(unknownRun && fusesUnknown) {
                symbols.append(unknown)
                unknownRun = true
            }
        }
    }

    private func appendCharacters(_ piece: UnsafeBufferPointer<UInt8>, to symbols: inout [TokenID]) {
        var unknownRun = false
        var position = 0
        while position < piece.count {
            let end = Swift.min(position + UTF8Scalars.length(lead: piece[position]), piece.count)
            let character = UnsafeBufferPointer(rebasing: piece[position..<end])
            position = end
            if let token = vocabulary.find(character) {
                symbols.append(token)
                unknownRun = false
            } else if let inner = innerCharacters?.find(character) {
                symbols.append(TokenID(vocabulary.count) + inner)
                unknownRun = false
            } else if isSpellable(character) {
                for byte in character { symbols.append(byteTokens[Int(byte)]) }
            } else if let unknown, !(unknownRun && fusesUnknown) {
                symbols.append(unknown)
                unknownRun = true
            }
        }
    }

    private func isSpellable(_ character: UnsafeBufferPointer<UInt8>) -> Bool {
        !byteTokens.isEmpty && character.allSatisfy { byteTokens[Int($0)] >= 0 }
    }

    private func spell(_ character: UnsafeBufferPointer<UInt8>, into output: inout [TokenID]) {
        if isSpellable(character) {
            for byte in character { output.append(byteTokens[Int(byte)]) }
        } else if let unknown {
            output.append(unknown)
        }
    }
}
