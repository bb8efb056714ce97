// Building a tokenizer from the metadata of a GGUF file. The file names the rules; they are written out here, after the
// published tokenizers of the families and the format's description.

extension TokenizerDefinition {
    /// Kinds of tokens in `tokenizer.ggml.token_type`.
    private enum Kind {
        static let unknown: Int32 = 2
        static let control: Int32 = 3
        static let userDefined: Int32 = 4
        static let byte: Int32 = 6
    }

    private static let file = "GGUF metadata"
    private static let spaceMark: [UInt8] = [0xE2, 0x96, 0x81]

    convenience init(gguf: GGUFVocabulary) throws(TokenizerError) {
        guard !gguf.tokens.isEmpty else { throw .emptyVocabulary }
        guard gguf.tokens.count < Int(TokenID.max) / 2 else {
            throw .identifierOutOfRange(token: "", identifier: gguf.tokens.count, limit: Int(TokenID.max) / 2)
        }
        for (field, count) in [
            ("tokenizer.ggml.token_type", gguf.types?.count), ("tokenizer.ggml.scores", gguf.scores?.count),
        ] {
            if let count, count != gguf.tokens.count {
                throw .countMismatch(field: field, count: count, expected: gguf.tokens.count)
            }
        }
        let notable = try Self.notable(gguf)
        let added = Self.addedTokens(gguf)
        let parts: Parts
        switch gguf.model {
        case "gpt2": parts = try Self.byteLevel(gguf, notable)
        case "llama": parts = try Self.scored(gguf, notable)
        case "bert": parts = try Self.wordPiece(gguf, notable)
        default: throw .unsupported(component: "model", name: gguf.model)
        }
        var postProcessor = PostProcessor()
        let isBert = gguf.model == "bert"
        let isLlama3 = gguf.model == "gpt2" && parts.preTokenizer.steps == [.pattern(.llama3)]
        if gguf.addsBeginningOfText ?? (isBert || isLlama3 || gguf.model == "llama") {
            let first =
                isBert
                ? try Self.token(gguf.classification, "cls", gguf) ?? notable.beginningOfText : notable.beginningOfText
            postProcessor.prefix = [first].compactMap { $0 }
        }
        if gguf.addsEndOfText ?? isBert {
            let last =
                isBert ? try Self.token(gguf.separator, "seperator", gguf) ?? notable.endOfText : notable.endOfText
            postProcessor.suffix = [last].compactMap { $0 }
        }
        var ends = notable
        ends.endOfGeneration = Self.endOfGeneration(
            stated: [notable.endOfText, try Self.token(gguf.endOfTurn, "eot", gguf)].compactMap { $0 },
            added: added
        )
        self.init(
            vocabulary: parts.vocabulary,
            model: parts.model,
            normalizer: parts.normalizer,
            preTokenizer: parts.preTokenizer,
            postProcessor: postProcessor,
            decoder: parts.decoder,
            addedTokens: added,
            notable: ends
        )
    }

    private struct Parts {
        var vocabulary: Vocabulary
        var model: TokenModel
        var normalizer = Normalizer(steps: [])
        var preTokenizer = PreTokenizer(steps: [])
        var decoder: TokenDecoder
    }

    private static func token(_ id: Int?, _ key: String, _ gguf: GGUFVocabulary) throws(TokenizerError) -> TokenID? {
        guard let id else { return nil }
        guard id >= 0, id < gguf.tokens.count else {
            throw .identifierOutOfRange(
                token: "tokenizer.ggml.\(key)_token_id",
                identifier: id,
                limit: gguf.tokens.count
            )
        }
        return TokenID(id)
    }

    private static func notable(_ gguf: GGUFVocabulary) throws(TokenizerError) -> NotableTokens {
        NotableTokens(
            beginningOfText: try token(gguf.beginningOfText, "bos", gguf),
            endOfText: try token(gguf.endOfText, "eos", gguf),
            unknown: try token(gguf.unknown, "unknown", gguf),
            padding: try token(gguf.padding, "padding", gguf)
        )
    }

    /// Control and unknown tokens are special; user-defined ones are text that is kept whole.
    private static func addedTokens(_ gguf: GGUFVocabulary) -> [AddedToken] {
        guard let types = gguf.types else { return [] }
        var added: [AddedToken] = []
        for (index, kind) in types.enumerated() where !gguf.tokens[index].isEmpty {
            guard kind == Kind.control || kind == Kind.unknown || kind == Kind.userDefined else { continue }
            added.append(
                AddedToken(
                    id: TokenID(index),
                    content: gguf.tokens[index],
                    isSpecial: kind != Kind.userDefined
                )
            )
        }
        return added
    }

    private static func vocabulary(_ tokens: [[UInt8]]) throws(TokenizerError) -> Vocabulary {
        var names = ByteStrings()
        names.reserve(count: tokens.count, bytes: tokens.count * 8)
        for token in tokens { names.append(token) }
        return try Vocabulary(names: names)
    }

    private static func byteLevel(_ gguf: GGUFVocabulary, _ notable: NotableTokens) throws(TokenizerError) -> Parts {
        var normalizer = Normalizer(steps: [])
        let steps: [PreTokenizerStep]
        switch gguf.pre {
        case "gpt-2", "gpt2": steps = [.pattern(.gpt2)]
        case "llama-bpe", "llama3", "llama-v3": steps = [.pattern(.llama3)]
        case "smollm": steps = [.digits(individual: true), .pattern(.gpt2)]
        case "qwen2":
            steps = [.pattern(.qwen2)]
            // The published tokenizers of the family compose characters first.
            normalizer.steps = [.form(.nfc)]
        default: throw .unsupported(component: "pre-tokenizer", name: gguf.pre ?? "(none stated)")
        }
        guard let merges = gguf.merges else {
            throw .invalidValue(file: file, path: "tokenizer.ggml.merges", expected: "an array", found: "missing")
        }
        let vocabulary = try vocabulary(gguf.tokens)
        let model = BytePairModel(
            vocabulary: vocabulary,
            alphabet: .bytes,
            merges: try MergeTable(gguf: merges, vocabulary: vocabulary),
            takesWholePieces: steps == [.pattern(.llama3)],
            unknown: nil
        )
        return Parts(
            vocabulary: vocabulary,
            model: .bytePair(model),
            normalizer: normalizer,
            preTokenizer: PreTokenizer(steps: steps),
            decoder: .bytes
        )
    }

    private static func scored(_ gguf: GGUFVocabulary, _ notable: NotableTokens) throws(TokenizerError) -> Parts {
        guard let scores = gguf.scores else {
            throw .invalidValue(file: file, path: "tokenizer.ggml.scores", expected: "an array", found: "missing")
        }
        let vocabulary = try vocabulary(gguf.tokens)
        let types = gguf.types
        let merges = try ScoredMerges(vocabulary: vocabulary, scores: scores) { token in
            guard let kind = types?[token] else { return true }
            return kind != Kind.control && kind != Kind.unknown && kind != Kind.byte
        }
        let model = BytePairModel(
            vocabulary: vocabulary,
            alphabet: .characters,
            merges: merges.table,
            unknown: notable.unknown,
            fusesUnknown: true,
            fallsBackToBytes: true,
            innerCharacters: merges.innerCharacters
        )
        let addsSpace = gguf.addsSpacePrefix ?? true
        let replacement = NormalizerStep.replace([0x20], with: spaceMark)
        return Parts(
            vocabulary: vocabulary,
            model: .bytePair(model),
            normalizer: Normalizer(steps: addsSpace ? [.prepend(spaceMark), replacement] : [replacement]),
            decoder: .strings(
                StringDecoding(
                    beforeByteFallback: [.replace(spaceMark, with: [0x20])],
                    fallsBackToBytes: true,
                    trim: addsSpace ? DecodedTextTrim(character: [0x20], atStart: 1, atEnd: 0) : nil
                )
            )
        )
    }

    /// The format marks the front of words with U+2581 where WordPiece marks what goes on with `##`.
    private static func wordPiece(_ gguf: GGUFVocabulary, _ notable: NotableTokens) throws(TokenizerError) -> Parts {
        let continuation = Array("##".utf8)
        let types = gguf.types
        let tokens = gguf.tokens.enumerated().map { index, token -> [UInt8] in
            if let kind = types?[index], kind != 1 { return token }
            if token.starts(with: spaceMark) { return Array(token.dropFirst(spaceMark.count)) }
            // Without a mark: special by name, or the inside of a word.
            let isBracketed = token.first == UInt8(ascii: "[") && token.last == UInt8(ascii: "]") && token.count > 2
            return isBracketed ? token : continuation + token
        }
        let vocabulary = try vocabulary(tokens)
        guard let unknown = notable.unknown ?? vocabulary.find("[UNK]") else {
            throw .missingToken("[UNK]", neededBy: "WordPiece")
        }
        return Parts(
            vocabulary: vocabulary,
            model: .wordPiece(WordPieceModel(vocabulary: vocabulary, unknown: unknown)),
            normalizer: Normalizer(steps: [
                .bert(
                    BertNormalization(
                        cleansText: true,
                        spacesIdeographs: true,
                        stripsAccents: true,
                        lowercases: true
                    )
                )
            ]),
            preTokenizer: PreTokenizer(steps: [.bert]),
            decoder: .strings(StringDecoding(beforeByteFallback: [.wordPiece(prefix: continuation, cleansUp: true)]))
        )
    }
}
