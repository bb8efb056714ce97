// The components of a tokenizer.json: normaliser, pre-tokeniser, post-processor, decoder.

extension Normalizer {
    init(_ reader: ComponentReader?) throws(TokenizerError) {
        steps = []
        if let reader, !reader.json.isNull { try append(reader) }
    }

    private mutating func append(_ reader: ComponentReader) throws(TokenizerError) {
        let type = try reader.type
        if let form = UnicodeForm(rawValue: type) {
            steps.append(.form(form))
            return
        }
        switch type {
        case "Sequence":
            for element in try reader.elements("normalizers") { try append(element) }
        case "Lowercase": steps.append(.lowercase)
        case "StripAccents": steps.append(.stripAccents)
        case "Prepend": steps.append(.prepend(try reader.bytes("prepend")))
        case "Strip":
            steps.append(
                .strip(
                    left: try reader.bool("strip_left", default: true),
                    right: try reader.bool("strip_right", default: true)
                )
            )
        case "Replace":
            steps.append(.replace(try reader.literalPattern(), with: try reader.bytes("content")))
        case "BertNormalizer":
            let lowercases = try reader.bool("lowercase", default: true)
            steps.append(
                .bert(
                    BertNormalization(
                        cleansText: try reader.bool("clean_text", default: true),
                        spacesIdeographs: try reader.bool("handle_chinese_chars", default: true),
                        stripsAccents: try reader.bool("strip_accents", default: lowercases),
                        lowercases: lowercases
                    )
                )
            )
        default: throw .unsupported(component: "normalizer", name: type)
        }
    }
}

extension ComponentReader {
    /// A `pattern` that is a fixed string.
    func literalPattern() throws(TokenizerError) -> [UInt8] {
        let pattern = try value("pattern")
        if let literal = pattern["String"]?.string { return Array(literal.utf8) }
        if let expression = pattern["Regex"]?.string { throw .unsupportedPattern(expression) }
        throw invalid("pattern", expected: "a String or a Regex", found: pattern.kindName)
    }
}

extension PreTokenizer {
    /// - Returns: the steps, and whether the model works on bytes.
    static func read(_ reader: ComponentReader?) throws(TokenizerError) -> (PreTokenizer, worksOnBytes: Bool) {
        var result = PreTokenizer(steps: [])
        var worksOnBytes = false
        if let reader, !reader.json.isNull { try result.append(reader, &worksOnBytes) }
        return (result, worksOnBytes)
    }

    private mutating func append(_ reader: ComponentReader, _ worksOnBytes: inout Bool) throws(TokenizerError) {
        let type = try reader.type
        // Behind ByteLevel the text is in the byte alphabet, where classes of characters mean something else.
        if worksOnBytes, type != "Sequence" {
            throw .unsupported(component: "pre-tokenizer", name: "\(type) behind ByteLevel")
        }
        switch type {
        case "Sequence":
            for element in try reader.elements("pretokenizers") { try append(element, &worksOnBytes) }
        case "ByteLevel":
            if try reader.bool("add_prefix_space", default: true) { steps.append(.spacePrefix) }
            if try reader.bool("use_regex", default: true) { steps.append(.pattern(.gpt2)) }
            worksOnBytes = true
        case "Digits":
            steps.append(.digits(individual: try reader.bool("individual_digits", default: false)))
        case "Split": try appendSplit(reader)
        case "Metaspace":
            let mark = try reader.bytes("replacement")
            var prefix = SpaceMarkPrefix.always
            if let scheme = reader.json["prepend_scheme"]?.string {
                guard let known = SpaceMarkPrefix(rawValue: scheme) else {
                    throw reader.invalid("prepend_scheme", expected: "always, first or never", found: scheme)
                }
                prefix = known
            } else if try !reader.bool("add_prefix_space", default: true) {
                prefix = .never
            }
            steps.append(.metaspace(mark: mark, prefix: prefix, splits: try reader.bool("split", default: true)))
        case "Whitespace": steps.append(.whitespaceAndWords)
        case "WhitespaceSplit": steps.append(.whitespace)
        case "BertPreTokenizer": steps.append(.bert)
        case "Punctuation":
            steps.append(.punctuation(try reader.behavior(default: .isolated)))
        default: throw .unsupported(component: "pre-tokenizer", name: type)
        }
    }

    private mutating func appendSplit(_ reader: ComponentReader) throws(TokenizerError) {
        let behavior = try reader.behavior(default: nil)
        let inverted = try reader.bool("invert", default: false)
        guard let expression = try reader.value("pattern")["Regex"]?.string else {
            steps.append(.literal(try reader.literalPattern(), behavior, inverted: inverted))
            return
        }
        if let known = KnownPattern(pattern: expression), behavior == .isolated || behavior == .removed && inverted {
            steps.append(.pattern(known))
            return
        }
        throw .unsupportedPattern(expression)
    }
}

extension ComponentReader {
    fileprivate func behavior(default fallback: SplitBehavior?) throws(TokenizerError) -> SplitBehavior {
        if json["behavior"] == nil, let fallback { return fallback }
        let name = try string("behavior")
        guard let behavior = SplitBehavior(rawValue: name) else {
            throw invalid("behavior", expected: "one of five behaviours", found: name)
        }
        return behavior
    }
}

extension PostProcessor {
    init(_ reader: ComponentReader?, token: (String) -> TokenID?) throws(TokenizerError) {
        if let reader, !reader.json.isNull { try append(reader, token) }
    }

    private mutating func append(_ reader: ComponentReader, _ token: (String) -> TokenID?) throws(TokenizerError) {
        let type = try reader.type
        switch type {
        case "Sequence":
            for element in try reader.elements("processors") { try append(element, token) }
        case "ByteLevel": break
        case "BertProcessing", "RobertaProcessing":
            prefix.insert(try Self.pair(reader, "cls", token), at: 0)
            suffix.append(try Self.pair(reader, "sep", token))
        case "TemplateProcessing":
            var before: [TokenID] = []
            var after: [TokenID] = []
            var isBehindText = false
            for element in try reader.elements("single") {
                if element.json["Sequence"] != nil {
                    isBehindText = true
                } else {
                    let name = try element.child("SpecialToken").string("id")
                    let ids = try Self.template(reader, name, token)
                    if isBehindText { after += ids } else { before += ids }
                }
            }
            prefix = before + prefix
            suffix += after
        default: throw .unsupported(component: "post-processor", name: type)
        }
    }

    /// `["[CLS]", 101]`.
    private static func pair(
        _ reader: ComponentReader,
        _ key: String,
        _ token: (String) -> TokenID?
    ) throws(TokenizerError) -> TokenID {
        let parts = try reader.elements(key)
        guard parts.count == 2, let id = parts[1].json.integer, let result = TokenID(exactly: id), result >= 0 else {
            throw reader.invalid(key, expected: "a token and its id", found: reader.json.kindName)
        }
        return result
    }

    private static func template(
        _ reader: ComponentReader,
        _ name: String,
        _ token: (String) -> TokenID?
    ) throws(TokenizerError) -> [TokenID] {
        if let ids = reader.json["special_tokens"]?[name]?["ids"]?.elements {
            var result: [TokenID] = []
            for id in ids {
                guard let value = id.integer, let token = TokenID(exactly: value), token >= 0 else {
                    throw reader.invalid("special_tokens.\(name).ids", expected: "ids", found: id.kindName)
                }
                result.append(token)
            }
            return result
        }
        guard let id = token(name) else { throw .missingToken(name, neededBy: "post_processor") }
        return [id]
    }
}

extension TokenDecoder {
    init(_ reader: ComponentReader?) throws(TokenizerError) {
        guard let reader, !reader.json.isNull else {
            self = .strings(StringDecoding(beforeByteFallback: [.space]))
            return
        }
        if try reader.type == "ByteLevel" {
            self = .bytes
            return
        }
        var decoding = StringDecoding()
        var isFused = false
        try Self.append(reader, &decoding, &isFused)
        self = .strings(decoding)
    }

    private static func append(
        _ reader: ComponentReader,
        _ decoding: inout StringDecoding,
        _ isFused: inout Bool
    ) throws(TokenizerError) {
        let type = try reader.type
        if isFused, type != "Strip", type != "Fuse" {
            throw .unsupported(component: "decoder", name: "\(type) behind Fuse")
        }
        let step: StringDecodingStep
        switch type {
        case "Sequence":
            for element in try reader.elements("decoders") { try append(element, &decoding, &isFused) }
            return
        case "ByteFallback":
            guard !decoding.fallsBackToBytes else {
                throw .unsupported(component: "decoder", name: "ByteFallback behind ByteFallback")
            }
            decoding.fallsBackToBytes = true
            return
        case "Fuse":
            isFused = true
            return
        case "Replace":
            step = .replace(try reader.literalPattern(), with: try reader.bytes("content"))
        case "Metaspace":
            var drops = try reader.bool("add_prefix_space", default: true)
            if let scheme = reader.json["prepend_scheme"]?.string { drops = scheme != "never" }
            step = .metaspace(mark: try reader.bytes("replacement"), dropsFirst: drops)
        case "WordPiece":
            step = .wordPiece(
                prefix: try reader.bytes("prefix"),
                cleansUp: try reader.bool("cleanup", default: true)
            )
        case "Strip":
            let trim = DecodedTextTrim(
                character: try reader.bytes("content"),
                atStart: try reader.integer("start"),
                atEnd: try reader.integer("stop")
            )
            if isFused {
                guard decoding.trim == nil else {
                    throw .unsupported(component: "decoder", name: "Strip behind Strip")
                }
                decoding.trim = trim
                return
            }
            step = .strip(trim)
        default: throw .unsupported(component: "decoder", name: type)
        }
        if decoding.fallsBackToBytes {
            decoding.afterByteFallback.append(step)
        } else {
            decoding.beforeByteFallback.append(step)
        }
    }
}
