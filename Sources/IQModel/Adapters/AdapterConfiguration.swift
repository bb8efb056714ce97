// `adapter_config.json` as PEFT writes it. Source: peft.LoraConfig and how peft.tuners selects layers.

internal import IQText

/// What a PEFT configuration says: how the adapter was made, and which linear layers it belongs to.
struct AdapterConfiguration: Equatable {
    /// `target_modules`.
    enum Targets: Equatable {
        /// `all-linear`
        case allLinear
        /// Ends of module names.
        case names([String])
        /// A regular expression over module names. It is not evaluated: the tensors in the file say what it matched.
        case expression
    }

    var rank: Int
    var alpha: Float
    var dropout: Float
    var isRankStabilized: Bool
    var targets: Targets
    /// `layers_to_transform`; nil for all.
    var layers: [Int]?
    /// `exclude_modules`.
    var excluded: Targets?

    /// Reads a configuration, and refuses what would compute something else than plain LoRA on linear layers.
    init(json bytes: [UInt8]) throws(ConfigurationFault) {
        let reader = try ConfigurationReader(json: bytes)
        try Self.require(reader, "peft_type", "LORA", isOptional: false)
        try Self.require(reader, "task_type", "CAUSAL_LM", isOptional: true)
        try Self.require(reader, "bias", "none", isOptional: true)
        for key in Self.unsupportedKeys { try Self.refuse(reader, key) }
        try Self.checkInitialization(reader)

        guard let rank = try reader.integer("r") else { throw .missing(key: "r") }
        self.rank = rank
        alpha = try reader.positive("lora_alpha") ?? 8
        dropout = Float(try reader.number("lora_dropout") ?? 0)
        isRankStabilized = try reader.bool("use_rslora") ?? false
        guard let targets = try Self.targets(reader, "target_modules") else { throw .missing(key: "target_modules") }
        self.targets = targets
        excluded = try Self.targets(reader, "exclude_modules")
        layers = try Self.layers(reader)
    }

    /// Whether the configuration names this place; nil where only PEFT's regular expressions could tell.
    func names(_ site: AdapterSite) -> Bool? {
        if let layers, !layers.contains(site.layer) { return false }
        switch excluded {
        case nil: break
        case .names(let ends): if Self.matches(site, ends) { return false }
        case .allLinear, .expression: return nil
        }
        switch targets {
        case .allLinear: return true
        case .names(let ends): return Self.matches(site, ends)
        case .expression: return nil
        }
    }

    private static func matches(_ site: AdapterSite, _ ends: [String]) -> Bool {
        ends.contains { site.moduleName == $0 || site.moduleName.hasSuffix("." + $0) }
    }

    /// Variants of LoRA, and parts of a model that this library does not adapt: accepted where null, false or empty.
    private static let unsupportedKeys = [
        "use_dora", "lora_bias", "fan_in_fan_out", "modules_to_save", "rank_pattern", "alpha_pattern",
        "layer_replication",
        "trainable_token_indices", "target_parameters", "use_qalora", "use_bdlora", "alora_invocation_tokens",
        "arrow_config", "kasa_config", "velora_config", "monteclora_config",
    ]

    private static func refuse(_ reader: ConfigurationReader, _ key: String) throws(ConfigurationFault) {
        guard let value = reader.value(key) else { return }
        if value.bool == false || (value.isArray || value.isObject) && value.count == 0 { return }
        let shown = value.bool.map { "\($0)" } ?? value.string ?? value.kindName
        throw .unsupported(key: key, value: shown, supported: "adapters without it")
    }

    /// Some initialisations take a part out of the base weights, so that the file alone is not the whole adapter.
    private static func checkInitialization(_ reader: ConfigurationReader) throws(ConfigurationFault) {
        let key = "init_lora_weights"
        guard let value = reader.value(key), value.bool == nil else { return }
        guard let name = value.string else {
            throw .wrongType(key: key, expected: "a boolean or a string", found: value.kindName)
        }
        guard ["gaussian", "eva", "orthogonal"].contains(name) else {
            throw .unsupported(
                key: key,
                value: name,
                supported: "initialisations that leave the base as it is; convert the adapter with PEFT's "
                    + "path_initial_model_for_weight_conversion"
            )
        }
    }

    private static func require(
        _ reader: ConfigurationReader,
        _ key: String,
        _ expected: String,
        isOptional: Bool
    ) throws(ConfigurationFault) {
        guard let value = try reader.text(key) else {
            if isOptional { return }
            throw .missing(key: key)
        }
        guard value == expected else { throw .unsupported(key: key, value: value, supported: expected) }
    }

    private static func targets(_ reader: ConfigurationReader, _ key: String) throws(ConfigurationFault) -> Targets? {
        guard let value = reader.value(key) else { return nil }
        if let text = value.string {
            // PEFT compares without regard to case.
            return text.lowercased() == "all-linear" ? .allLinear : .expression
        }
        guard let names = try reader.texts(key) else { return nil }
        guard !names.isEmpty || key == "exclude_modules" else {
            throw .invalid(key: key, value: "[]", expected: "names of modules")
        }
        return .names(names)
    }

    private static func layers(_ reader: ConfigurationReader) throws(ConfigurationFault) -> [Int]? {
        let key = "layers_to_transform"
        guard let value = reader.value(key) else { return nil }
        // A pattern other than "layers" would count something else than the decoder's layers.
        if let pattern = reader.value("layers_pattern") {
            let names = pattern.string.map { [$0] } ?? pattern.elements?.compactMap(\.string) ?? []
            guard names == ["layers"] || names.isEmpty else {
                throw .unsupported(key: "layers_pattern", value: names.joined(separator: ", "), supported: "layers")
            }
        }
        if let layer = value.integer { return [layer] }
        guard let elements = value.elements else {
            throw .wrongType(key: key, expected: "an integer or an array of integers", found: value.kindName)
        }
        var layers: [Int] = []
        for element in elements {
            guard let layer = element.integer else {
                throw .wrongType(key: key, expected: "an array of integers", found: element.kindName)
            }
            layers.append(layer)
        }
        return layers.isEmpty ? nil : layers
    }
}
