// The tokenizer part of GGUF metadata, read and written.

package import IQText

extension GGUFVocabulary {
    /// The vocabulary in a file's metadata; nil where there is none.
    package init?(_ metadata: GGUFMetadata) throws(ConfigurationFault) {
        guard let model = try metadata.optionalText("tokenizer.ggml.model"), model != "none", model != "no_vocab",
            let tokens = try metadata.optionalStrings("tokenizer.ggml.tokens")
        else { return nil }
        func id(_ name: String) throws(ConfigurationFault) -> Int? {
            let key = "tokenizer.ggml.\(name)_token_id"
            guard let value = try metadata.optionalInteger(key) else { return nil }
            guard tokens.indices.contains(value) else {
                // Converters write the largest number for "none".
                if value == Int(UInt32.max) || value == -1 { return nil }
                throw .invalid(key: key, value: "\(value)", expected: "0 to \(tokens.count - 1)")
            }
            return value
        }
        func perToken<Element>(_ key: String, _ values: [Element]?) throws(ConfigurationFault) -> [Element]? {
            if let values, values.count != tokens.count {
                throw .invalid(
                    key: key,
                    value: "\(values.count) entries",
                    expected: "\(tokens.count), one for each token"
                )
            }
            return values
        }
        let scores = "tokenizer.ggml.scores"
        let types = "tokenizer.ggml.token_type"
        self.init(
            model: model,
            pre: try metadata.optionalText("tokenizer.ggml.pre"),
            tokens: tokens,
            scores: try perToken(scores, metadata.optionalFloats(scores)),
            types: try perToken(types, metadata.optionalIntegers(types)),
            merges: try metadata.optionalStrings("tokenizer.ggml.merges"),
            beginningOfText: try id("bos"),
            endOfText: try id("eos"),
            endOfTurn: try id("eot"),
            unknown: try id("unknown"),
            padding: try id("padding"),
            separator: try id("seperator"),
            classification: try id("cls"),
            addsBeginningOfText: try metadata.optionalBool("tokenizer.ggml.add_bos_token"),
            addsEndOfText: try metadata.optionalBool("tokenizer.ggml.add_eos_token"),
            addsSpacePrefix: try metadata.optionalBool("tokenizer.ggml.add_space_prefix"),
            chatTemplate: try metadata.optionalText("tokenizer.chat_template")
        )
    }

    /// The metadata entries of this vocabulary.
    package var metadataEntries: [(key: String, value: GGUFValue)] {
        var entries: [(key: String, value: GGUFValue)] = [("tokenizer.ggml.model", .text(model))]
        func add(_ key: String, _ value: GGUFValue?) {
            if let value { entries.append((key, value)) }
        }
        func addID(_ name: String, _ value: Int?) {
            if let value, let id = UInt32(exactly: value) { add("tokenizer.ggml.\(name)_token_id", .uint32(id)) }
        }
        add("tokenizer.ggml.pre", pre.map { .text($0) })
        add("tokenizer.ggml.tokens", .array(.string(tokens)))
        add("tokenizer.ggml.scores", scores.map { .array(.float($0.map { Double($0) }, .float32)) })
        add("tokenizer.ggml.token_type", types.map { .array(.signed($0.map { Int64($0) }, .int32)) })
        add("tokenizer.ggml.merges", merges.map { .array(.string($0)) })
        addID("bos", beginningOfText)
        addID("eos", endOfText)
        addID("eot", endOfTurn)
        addID("unknown", unknown)
        addID("padding", padding)
        addID("seperator", separator)
        addID("cls", classification)
        add("tokenizer.ggml.add_bos_token", addsBeginningOfText.map { .bool($0) })
        add("tokenizer.ggml.add_eos_token", addsEndOfText.map { .bool($0) })
        add("tokenizer.ggml.add_space_prefix", addsSpacePrefix.map { .bool($0) })
        add("tokenizer.chat_template", chatTemplate.map { .text($0) })
        return entries
    }
}
