// The tokenizer files of a Hugging Face folder: copied where the model came from one, made from a GGUF vocabulary else.

internal import IQTensor
internal import IQText

enum TokenizerFolderWriter {
    /// Files that describe a tokenizer and are copied as they are.
    private static let copied = [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json",
        "merges.txt", "vocab.txt", "tokenizer.model", "chat_template.jinja", "generation_config.json",
    ]

    static func copy(from source: String, to folder: String) throws(ModelError) {
        for name in copied {
            let path = FileSystem.join(source, name)
            guard try FileSystem.kind(path) == .file else { continue }
            let contents = try FileSystem.contents(path)
            try AtomicFile.write(contents, to: FileSystem.join(folder, name))
        }
    }

    /// Writes `tokenizer.json`, `tokenizer_config.json` and `generation_config.json`.
    static func write(
        _ vocabulary: GGUFVocabulary,
        tokenizer: Tokenizer,
        maximumContext: Int,
        to folder: String
    ) throws(ModelError) {
        let path = FileSystem.join(folder, "tokenizer.json")
        let names = try vocabulary.names(path: path)
        let contents = try vocabulary.tokenizerJSON(names: names, path: path)
        try AtomicFile.write(contents.bytes, to: path)

        func name(_ id: Int?) -> JSONText { id.map { .string(names[$0]) } ?? .null }
        var keys: [(String, JSONText)] = [
            ("tokenizer_class", .string("PreTrainedTokenizerFast")),
            ("bos_token", name(vocabulary.beginningOfText)),
            ("eos_token", name(vocabulary.endOfText)),
            ("unk_token", name(vocabulary.unknown)),
            ("pad_token", name(vocabulary.padding)),
            ("add_bos_token", .bool(vocabulary.addsBeginningOfText ?? false)),
            ("add_eos_token", .bool(vocabulary.addsEndOfText ?? false)),
            ("clean_up_tokenization_spaces", .bool(false)),
            ("model_max_length", .integer(maximumContext)),
        ]
        if let template = vocabulary.chatTemplate { keys.append(("chat_template", .string(template))) }
        try AtomicFile.write(JSONText.object(keys).bytes, to: FileSystem.join(folder, "tokenizer_config.json"))

        func id(_ value: Int?) -> JSONText { value.map { .integer($0) } ?? .null }
        let ends = tokenizer.endOfGeneration.sorted().map { JSONText.integer(Int($0)) }
        let generation = JSONText.object([
            ("bos_token_id", id(vocabulary.beginningOfText)),
            ("eos_token_id", ends.count > 1 ? .array(ends) : id(vocabulary.endOfText)),
            ("pad_token_id", id(vocabulary.padding)),
        ])
        try AtomicFile.write(generation.bytes, to: FileSystem.join(folder, "generation_config.json"))
    }
}

extension GGUFVocabulary {
    /// The tokens as text.
    fileprivate func names(path: String) throws(ModelError) -> [String] {
        var names: [String] = []
        names.reserveCapacity(tokens.count)
        for (id, token) in tokens.enumerated() {
            guard let name = String(validating: token, as: UTF8.self) else {
                throw .notExpressible(path: path, what: "token \(id)", reason: "it is not UTF-8")
            }
            names.append(name)
        }
        return names
    }

    fileprivate func tokenizerJSON(names: [String], path: String) throws(ModelError) -> JSONText {
        let parts: Parts
        switch model {
        case "gpt2": parts = try byteLevel(path: path)
        case "llama": parts = try scored(names: names, path: path)
        default:
            throw .notExpressible(path: path, what: "the tokenizer model \(model)", reason: "only gpt2 and llama are")
        }
        return .object([
            ("version", .string("1.0")), ("truncation", .null), ("padding", .null),
            ("added_tokens", .array(addedTokens(names))),
            ("normalizer", parts.normalizer), ("pre_tokenizer", parts.preTokenizer),
            ("post_processor", postProcessor(names)), ("decoder", parts.decoder),
            (
                "model",
                .object(
                    [("type", .string("BPE")), ("dropout", .null)] + parts.model + [
                        ("vocab", .object(vocabularyEntries(names))), ("merges", .array(parts.merges)),
                    ]
                )
            ),
        ])
    }

    private struct Parts {
        var normalizer: JSONText
        var preTokenizer: JSONText
        var decoder: JSONText
        var model: [(String, JSONText)]
        var merges: [JSONText]
    }

    private static let spaceMark = "\u{2581}"

    private func kind(_ id: Int) -> Int32 { types?[id] ?? GGUFTokenKind.normal }

    /// Every token but those that only fill up the embedding.
    private func vocabularyEntries(_ names: [String]) -> [(String, JSONText)] {
        names.enumerated().compactMap { id, name in
            kind(id) == GGUFTokenKind.unused && name == "[PAD\(id)]" ? nil : (name, .integer(id))
        }
    }

    private func addedTokens(_ names: [String]) -> [JSONText] {
        names.enumerated().compactMap { id, name in
            let isSpecial = kind(id) == GGUFTokenKind.control || kind(id) == GGUFTokenKind.unknown
            guard isSpecial || kind(id) == GGUFTokenKind.userDefined, !name.isEmpty else { return nil }
            return .object([
                ("id", .integer(id)), ("content", .string(name)), ("single_word", .bool(false)),
                ("lstrip", .bool(false)), ("rstrip", .bool(false)), ("normalized", .bool(false)),
                ("special", .bool(isSpecial)),
            ])
        }
    }

    /// Puts the tokens that open and end a text around it, where the vocabulary asks for them.
    private func postProcessor(_ names: [String]) -> JSONText {
        let addsFirst = addsBeginningOfText ?? (model == "llama" || ByteLevelPreTokenizer(ggufName: pre) == .llama3)
        let first = addsFirst ? beginningOfText : nil
        let last = addsEndOfText ?? false ? endOfText : nil
        guard first != nil || last != nil else { return .null }
        func special(_ id: Int?, _ type: Int) -> [JSONText] {
            guard let id else { return [] }
            return [.object([("SpecialToken", .object([("id", .string(names[id])), ("type_id", .integer(type))]))])]
        }
        func text(_ name: String, _ type: Int) -> [JSONText] {
            [.object([("Sequence", .object([("id", .string(name)), ("type_id", .integer(type))]))])]
        }
        let single = special(first, 0) + text("A", 0) + special(last, 0)
        let second = special(first, 1) + text("B", 1) + special(last, 1)
        let used = Set([first, last].compactMap { $0 }).sorted()
        let tokens = used.map { id in
            (
                names[id],
                JSONText.object([
                    ("id", .string(names[id])), ("ids", .array([.integer(id)])),
                    ("tokens", .array([.string(names[id])])),
                ])
            )
        }
        return .object([
            ("type", .string("TemplateProcessing")), ("single", .array(single)), ("pair", .array(single + second)),
            ("special_tokens", .object(tokens)),
        ])
    }

    private func byteLevel(path: String) throws(ModelError) -> Parts {
        guard let preTokenizer = ByteLevelPreTokenizer(ggufName: pre) else {
            throw .notExpressible(
                path: path,
                what: "the pre-tokenizer \(pre ?? "(none)")",
                reason: "it is not known here"
            )
        }
        let merges = (self.merges ?? []).map { merge -> JSONText in
            let halves = merge.split(separator: UInt8(ascii: " "), maxSplits: 1)
            return .array(halves.map { .string(String(decoding: $0, as: UTF8.self)) })
        }
        return Parts(
            normalizer: preTokenizer.composesCharacters ? .object([("type", .string("NFC"))]) : .null,
            preTokenizer: preTokenizer.json,
            decoder: .object([
                ("type", .string("ByteLevel")), ("add_prefix_space", .bool(true)), ("trim_offsets", .bool(true)),
                ("use_regex", .bool(true)),
            ]),
            model: [
                ("unk_token", .null), ("continuing_subword_prefix", .null), ("end_of_word_suffix", .null),
                ("fuse_unk", .bool(false)), ("byte_fallback", .bool(false)),
                ("ignore_merges", .bool(preTokenizer.ignoresMerges)),
            ],
            merges: merges
        )
    }

    private func scored(names: [String], path: String) throws(ModelError) -> Parts {
        guard let scores else {
            throw .notExpressible(path: path, what: "the tokenizer", reason: "its tokens have no scores")
        }
        let addsSpace = addsSpacePrefix ?? true
        func object(_ type: String, _ members: [(String, JSONText)] = []) -> JSONText {
            .object([("type", .string(type))] + members)
        }
        func replace(_ pattern: String, _ content: String) -> JSONText {
            object("Replace", [("pattern", .object([("String", .string(pattern))])), ("content", .string(content))])
        }
        let mark = replace(" ", Self.spaceMark)
        let prepend = object("Prepend", [("prepend", .string(Self.spaceMark))])
        var decoders = [replace(Self.spaceMark, " "), object("ByteFallback"), object("Fuse")]
        if addsSpace {
            decoders.append(
                object("Strip", [("content", .string(" ")), ("start", .integer(1)), ("stop", .integer(0))])
            )
        }
        return Parts(
            normalizer: addsSpace ? object("Sequence", [("normalizers", .array([prepend, mark]))]) : mark,
            preTokenizer: .null,
            decoder: object("Sequence", [("decoders", .array(decoders))]),
            model: [
                ("unk_token", unknown.map { .string(names[$0]) } ?? .null), ("continuing_subword_prefix", .null),
                ("end_of_word_suffix", .null), ("fuse_unk", .bool(true)), ("byte_fallback", .bool(true)),
                ("ignore_merges", .bool(false)),
            ],
            merges: scoredMerges(names: names, scores: scores)
        )
    }

    /// The merges that scores stand for: every split of a token into two tokens, the higher score first, and of one score
    /// the longer left half.
    private func scoredMerges(names: [String], scores: [Float]) -> [JSONText] {
        struct Merge {
            var score: Float
            var left: Int
            var leftLength: Int
            var right: Int
            var rightLength: Int
        }
        var ids: [ArraySlice<UInt8>: Int] = [:]
        ids.reserveCapacity(tokens.count)
        for (id, token) in tokens.enumerated() where isMergeable(id) { ids[token[...]] = id }
        var merges: [Merge] = []
        for (id, token) in tokens.enumerated() where isMergeable(id) && token.count > 1 {
            let characters = token.count { $0 & 0xc0 != 0x80 }
            var leftLength = 0
            for cut in token.indices.dropFirst() where token[cut] & 0xc0 != 0x80 {
                leftLength += 1
                guard let left = ids[token[..<cut]], let right = ids[token[cut...]] else { continue }
                merges.append(
                    Merge(
                        score: scores[id],
                        left: left,
                        leftLength: leftLength,
                        right: right,
                        rightLength: characters - leftLength
                    )
                )
            }
        }
        merges.sort { one, other in
            if one.score != other.score { return one.score > other.score }
            if one.leftLength != other.leftLength { return one.leftLength > other.leftLength }
            if one.rightLength != other.rightLength { return one.rightLength > other.rightLength }
            return (one.left, one.right) < (other.left, other.right)
        }
        return merges.map { .array([.string(names[$0.left]), .string(names[$0.right])]) }
    }

    private func isMergeable(_ id: Int) -> Bool {
        kind(id) == GGUFTokenKind.normal || kind(id) == GGUFTokenKind.userDefined
    }
}
