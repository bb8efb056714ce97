// The spellings that Hugging Face files have for one tensor, brought to one, and the tensors that no model here needs.

enum HuggingFaceNames {
    /// A decoder's tensor under the name of ``DecoderParameter/huggingFaceName(in:)``; nil for what is not needed.
    ///
    /// Files saved from the bare model lack `model.`; multimodal ones put the language model under a prefix and have an
    /// image tower beside it.
    static func decoder(_ name: String, tiesEmbeddings: Bool) -> String? {
        for tower in ["vision_tower.", "model.vision_tower.", "multi_modal_projector.", "model.multi_modal_projector."]
        where name.hasPrefix(tower) { return nil }
        if name.hasSuffix("rotary_emb.inv_freq") || name.hasSuffix(".masked_bias") { return nil }
        let bare = dropping(["model.language_model.", "language_model.model.", "language_model.", "model."], of: name)
        // Saved though it is the embedding.
        if bare == "lm_head.weight" { return tiesEmbeddings ? nil : bare }
        return "model." + bare
    }

    /// An encoder's tensor under the name of ``EncoderParameter/huggingFaceName(in:)``; nil for what is not needed.
    static func encoder(_ name: String) -> String? {
        let bare = dropping(["bert.", "roberta."], of: name)
        // Indices that are computed here, and the heads of pre-training.
        if bare.hasSuffix("position_ids") || bare.hasSuffix("token_type_ids") { return nil }
        if bare.hasPrefix("cls.") || bare.hasPrefix("lm_head.") { return nil }
        // BERT's first files name the parameters of a layer norm after the paper.
        if bare.hasSuffix("LayerNorm.gamma") { return bare.dropLast("gamma".count) + "weight" }
        if bare.hasSuffix("LayerNorm.beta") { return bare.dropLast("beta".count) + "bias" }
        return bare
    }

    private static func dropping(_ prefixes: [String], of name: String) -> String {
        for prefix in prefixes where name.hasPrefix(prefix) { return String(name.dropFirst(prefix.count)) }
        return name
    }
}
