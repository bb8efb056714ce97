// The shape of an encoder as the keys of a config.json that transformers opens.

package import IQTensor

extension EncoderConfiguration {
    /// The contents of `config.json`. Dropout is what transformers trains with by default; nothing here uses it.
    ///
    /// - Parameters:
    ///   - format: the number format of the weights beside it: f32, f16 or bf16.
    ///   - path: where it will lie, for errors.
    /// - Throws: ``ModelError/notExpressible(path:what:reason:)`` for a shape that the family's class does not have.
    package func huggingFaceConfiguration(
        format: NumberFormat,
        specialTokens: SpecialTokenIDs,
        path: String
    ) throws(ModelError) -> JSONText {
        guard tokenTypes > 0 else {
            throw .notExpressible(path: path, what: "no table of token types", reason: "\(family.rawValue) has one")
        }
        if family == .bert, firstPosition != 0 {
            throw .notExpressible(
                path: path,
                what: "positions from \(firstPosition)",
                reason: "\(family.rawValue) counts them from 0"
            )
        }
        let names: (bare: String, classifier: String) =
            switch family {
            case .bert: ("BertModel", "BertForSequenceClassification")
            case .roberta: ("RobertaModel", "RobertaForSequenceClassification")
            }
        let dtype = DecoderConfiguration.huggingFaceType(of: format)
        // RoBERTa's positions start behind its padding token.
        let padding = family == .roberta ? firstPosition - 1 : specialTokens.padding ?? 0
        func id(_ token: Int?) -> JSONText { token.map { .integer($0) } ?? .null }
        var keys: [(String, JSONText)] = [
            ("architectures", .array([.string(labels.isEmpty ? names.bare : names.classifier)])),
            ("model_type", .string(family.rawValue)),
            ("vocab_size", .integer(vocabularySize)),
            ("hidden_size", .integer(width)),
            ("num_hidden_layers", .integer(layers)),
            ("num_attention_heads", .integer(heads)),
            ("intermediate_size", .integer(feedForwardWidth)),
            ("hidden_act", .string("gelu")),
            ("max_position_embeddings", .integer(positionRows)),
            ("position_embedding_type", .string("absolute")),
            ("type_vocab_size", .integer(tokenTypes)),
            ("layer_norm_eps", .number(normEpsilon)),
            ("hidden_dropout_prob", .number(0.1)),
            ("attention_probs_dropout_prob", .number(0.1)),
            ("pad_token_id", .integer(padding)),
            ("bos_token_id", id(specialTokens.beginningOfText)),
            ("eos_token_id", id(specialTokens.endOfText)),
            ("dtype", .string(dtype)),
            ("torch_dtype", .string(dtype)),
        ]
        if !labels.isEmpty {
            var ids: [(String, JSONText)] = []
            var seen: Set<String> = []
            for (index, label) in labels.enumerated() where seen.insert(label).inserted {
                ids.append((label, .integer(index)))
            }
            keys.append(("id2label", .object(labels.enumerated().map { ("\($0)", .string($1)) })))
            keys.append(("label2id", .object(ids)))
        }
        return .object(keys)
    }
}
