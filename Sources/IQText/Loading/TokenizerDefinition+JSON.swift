// Building a tokenizer from a tokenizer.json and the files beside it.

extension TokenizerDefinition {
    convenience init(files: TokenizerFiles) throws(TokenizerError) {
        let root = ComponentReader(json: files.tokenizer, path: "tokenizer")
        guard root.json.isObject else {
            throw .invalidValue(
                file: TokenizerFiles.tokenizerName,
                path: "tokenizer",
                expected: "an object",
                found: root.json.kindName
            )
        }
        let (preTokenizer, worksOnBytes) = try PreTokenizer.read(root.optional("pre_tokenizer"))
        let modelReader = try root.child("model")
        let (vocabulary, model) = try Self.model(modelReader, worksOnBytes: worksOnBytes)
        let added = try Self.addedTokens(root, vocabulary: vocabulary)
        let addedIDs = Dictionary(added.map { ($0.content, $0.id) }, uniquingKeysWith: { first, _ in first })
        func find(_ name: String) -> TokenID? { addedIDs[Array(name.utf8)] ?? vocabulary.find(name) }

        var notable = NotableTokens()
        notable.beginningOfText = files.specialToken("bos_token").flatMap(find)
        notable.endOfText = files.specialToken("eos_token").flatMap(find)
        notable.padding = files.specialToken("pad_token").flatMap(find)
        notable.unknown = files.specialToken("unk_token").flatMap(find) ?? model.unknown
        notable.endOfGeneration = Self.endOfGeneration(
            stated: [notable.endOfText].compactMap { $0 } + files.statedEnds,
            added: added
        )
        let postProcessor = try PostProcessor(root.optional("post_processor"), token: find)
        let size = max(vocabulary.count, added.map { Int($0.id) + 1 }.max() ?? 0)
        for id in postProcessor.prefix + postProcessor.suffix where Int(id) >= size {
            throw .identifierOutOfRange(token: "of post_processor", identifier: Int(id), limit: size)
        }
        self.init(
            vocabulary: vocabulary,
            model: model,
            normalizer: try Normalizer(root.optional("normalizer")),
            preTokenizer: preTokenizer,
            postProcessor: postProcessor,
            decoder: try TokenDecoder(root.optional("decoder")),
            addedTokens: added,
            notable: notable
        )
    }

    private static func model(
        _ reader: ComponentReader,
        worksOnBytes: Bool
    ) throws(TokenizerError) -> (Vocabulary, TokenModel) {
        let file = TokenizerFiles.tokenizerName
        let type = reader.json["type"]?.string ?? (reader.json["merges"] == nil ? "WordPiece" : "BPE")
        guard type == "BPE" || type == "WordPiece" else { throw .unsupported(component: "model", name: type) }
        let vocabulary = try Vocabulary(json: try reader.value("vocab"), path: "model.vocab", file: file)
        let unknownName = reader.json["unk_token"]?.string
        if type == "WordPiece" {
            let name = unknownName ?? "[UNK]"
            guard let unknown = vocabulary.find(name) else { throw .missingToken(name, neededBy: "model.unk_token") }
            let longest = reader.json["max_input_chars_per_word"]?.integer ?? 100
            guard longest > 0, longest <= 1 << 20 else {
                throw reader.invalid("max_input_chars_per_word", expected: "1 to 1048576", found: "\(longest)")
            }
            let prefix = reader.json["continuing_subword_prefix"]?.utf8 ?? Array("##".utf8)
            return (
                vocabulary,
                .wordPiece(
                    WordPieceModel(
                        vocabulary: vocabulary,
                        unknown: unknown,
                        continuationPrefix: prefix,
                        longestWord: longest
                    )
                )
            )
        }
        for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
            if let affix = reader.json[key]?.string, !affix.isEmpty {
                throw .unsupported(component: "model", name: "BPE with \(key) \(affix)")
            }
        }
        if let dropout = reader.json["dropout"]?.double, dropout > 0 {
            throw .unsupported(component: "model", name: "BPE with dropout \(dropout)")
        }
        let merges = try MergeTable(json: try reader.value("merges"), vocabulary: vocabulary, file: file)
        var unknown: TokenID?
        if let unknownName {
            unknown = vocabulary.find(unknownName)
            if unknown == nil { throw .missingToken(unknownName, neededBy: "model.unk_token") }
        }
        let model = BytePairModel(
            vocabulary: vocabulary,
            alphabet: worksOnBytes ? .bytes : .characters,
            merges: merges,
            takesWholePieces: try reader.bool("ignore_merges", default: false),
            unknown: unknown,
            fusesUnknown: try reader.bool("fuse_unk", default: false),
            fallsBackToBytes: try reader.bool("byte_fallback", default: false)
        )
        return (vocabulary, .bytePair(model))
    }

    private static func addedTokens(
        _ root: ComponentReader,
        vocabulary: Vocabulary
    ) throws(TokenizerError) -> [AddedToken] {
        guard let list = root.json["added_tokens"], !list.isNull else { return [] }
        let limit = vocabulary.count * 4 + list.count + 65_536
        var tokens: [AddedToken] = []
        var owners: [Int: String] = [:]
        for reader in try root.elements("added_tokens") {
            let content = try reader.string("content")
            // The model's own id counts, as in the reference; the file's id is for tokens behind the vocabulary.
            let known = vocabulary.find(content).map { Int($0) }
            let id = if let known { known } else { try reader.integer("id") }
            guard id >= 0, id < limit else {
                throw .identifierOutOfRange(token: content, identifier: id, limit: limit)
            }
            if let owner = owners.updateValue(content, forKey: id), owner != content {
                throw .duplicateIdentifier(id, first: owner, second: content)
            }
            tokens.append(
                AddedToken(
                    id: TokenID(id),
                    content: Array(content.utf8),
                    isSpecial: try reader.bool("special", default: false),
                    isSingleWord: try reader.bool("single_word", default: false),
                    stripsLeft: try reader.bool("lstrip", default: false),
                    stripsRight: try reader.bool("rstrip", default: false),
                    isNormalized: try reader.bool("normalized", default: true)
                )
            )
        }
        return tokens
    }

    /// Names under which the families we run end a turn or a text, though their files may state only one of them.
    private static let endNames: Set<String> = [
        "<|im_end|>", "<|endoftext|>", "<|end_of_text|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<end_of_turn>",
        "<eos>", "</s>", "<EOT>",
    ]

    static func endOfGeneration(stated: [TokenID], added: [AddedToken]) -> Set<TokenID> {
        let named = added.filter { $0.isSpecial && endNames.contains(String(decoding: $0.content, as: UTF8.self)) }
        return Set(stated + named.map(\.id))
    }
}

extension TokenModel {
    var unknown: TokenID? {
        switch self {
        case .bytePair(let model): model.unknown
        case .wordPiece(let model): model.unknown
        }
    }
}

extension TokenizerFiles {
    /// `eos_token_id` of `generation_config.json`: one id or several.
    fileprivate var statedEnds: [TokenID] {
        guard let value = generation?["eos_token_id"] else { return [] }
        let ids = value.elements.map { $0.compactMap(\.integer) } ?? [value.integer].compactMap { $0 }
        return ids.compactMap { TokenID(exactly: $0) }.filter { $0 >= 0 }
    }
}

extension ComponentReader {
    /// A component that may be absent.
    fileprivate func optional(_ key: String) -> ComponentReader? {
        json[key].map { ComponentReader(json: $0, path: key) }
    }
}
