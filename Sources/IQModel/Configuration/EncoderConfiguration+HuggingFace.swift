// config.json to the shape of an encoder.

extension EncoderConfiguration {
    init(_ reader: ConfigurationReader, family: EncoderFamily, hasClassifier: Bool) throws(ConfigurationFault) {
        try Self.require(reader, "hidden_act", "gelu")
        try Self.require(reader, "position_embedding_type", "absolute")
        if try reader.bool("is_decoder") == true {
            throw .unsupported(key: reader.path("is_decoder"), value: "true", supported: "false")
        }
        try DecoderConfiguration.refuseQuantization(reader)
        let width = try reader.dimension("hidden_size")
        let heads = try reader.dimension("num_attention_heads")
        guard width % heads == 0 else {
            throw .invalid(
                key: reader.path("num_attention_heads"),
                value: "\(heads)",
                expected: "a divisor of hidden_size, which is \(width)"
            )
        }
        let layers = try reader.dimension("num_hidden_layers")
        guard layers <= DecoderConfiguration.mostLayers else {
            throw .invalid(
                key: reader.path("num_hidden_layers"),
                value: "\(layers)",
                expected: "at most \(DecoderConfiguration.mostLayers)"
            )
        }
        let positionRows = try reader.dimension("max_position_embeddings")
        // RoBERTa counts positions from the row after that of the padding token.
        let firstPosition = family == .roberta ? (try reader.integer("pad_token_id") ?? 1) + 1 : 0
        guard firstPosition >= 0, firstPosition < positionRows else {
            throw .invalid(
                key: reader.path("pad_token_id"),
                value: "\(firstPosition - 1)",
                expected: "0 to \(positionRows - 2), within max_position_embeddings"
            )
        }
        let tokenTypes = try reader.integer("type_vocab_size") ?? 2
        if tokenTypes != 0 { _ = try checkedDimension(tokenTypes, reader.path("type_vocab_size")) }
        self.init(
            family: family,
            vocabularySize: try reader.dimension("vocab_size"),
            width: width,
            layers: layers,
            heads: heads,
            feedForwardWidth: try reader.dimension("intermediate_size"),
            positionRows: positionRows,
            firstPosition: firstPosition,
            tokenTypes: tokenTypes,
            normEpsilon: try reader.positive("layer_norm_eps") ?? 1e-12,
            labels: hasClassifier ? try Self.labels(reader) : []
        )
    }

    /// The most classes that a head is believed to have.
    private static let mostLabels = 100_000

    /// Names of the classes in the order of their ids; two nameless ones where the file names none, as transformers has.
    private static func labels(_ reader: ConfigurationReader) throws(ConfigurationFault) -> [String] {
        if let map = try reader.object("id2label") {
            var labels: [String] = []
            for id in 0..<map.keys.count {
                guard let label = try map.text("\(id)") else { throw .missing(key: map.path("\(id)")) }
                labels.append(label)
            }
            guard !labels.isEmpty else {
                throw .invalid(key: reader.path("id2label"), value: "empty", expected: "at least one class")
            }
            return labels
        }
        let count = try reader.dimension("num_labels", default: 2)
        guard count <= mostLabels else {
            throw .invalid(key: reader.path("num_labels"), value: "\(count)", expected: "at most \(mostLabels)")
        }
        return (0..<count).map { "LABEL_\($0)" }
    }

    private static func require(
        _ reader: ConfigurationReader,
        _ key: String,
        _ supported: String
    ) throws(ConfigurationFault) {
        if let value = try reader.text(key), value != supported {
            throw .unsupported(key: reader.path(key), value: value, supported: supported)
        }
    }
}
