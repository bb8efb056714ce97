// The architectures of Hugging Face's config.json that this library runs.

/// What a `config.json` describes.
enum HuggingFaceArchitecture: Equatable {
    case decoder(ModelFamily)
    /// A language model in `text_config`, beside parts that are not run.
    case nestedDecoder(ModelFamily)
    case encoder(EncoderFamily, hasClassifier: Bool)

    private static let table: [(name: String, architecture: HuggingFaceArchitecture)] = [
        ("LlamaForCausalLM", .decoder(.llama)),
        ("MistralForCausalLM", .decoder(.mistral)),
        ("Qwen2ForCausalLM", .decoder(.qwen2)),
        ("Qwen3ForCausalLM", .decoder(.qwen3)),
        ("Gemma3ForCausalLM", .decoder(.gemma3)),
        ("Gemma3ForConditionalGeneration", .nestedDecoder(.gemma3)),
        ("BertModel", .encoder(.bert, hasClassifier: false)),
        ("BertForMaskedLM", .encoder(.bert, hasClassifier: false)),
        ("BertForSequenceClassification", .encoder(.bert, hasClassifier: true)),
        ("RobertaModel", .encoder(.roberta, hasClassifier: false)),
        ("RobertaForMaskedLM", .encoder(.roberta, hasClassifier: false)),
        ("RobertaForSequenceClassification", .encoder(.roberta, hasClassifier: true)),
        ("XLMRobertaModel", .encoder(.roberta, hasClassifier: false)),
        ("XLMRobertaForMaskedLM", .encoder(.roberta, hasClassifier: false)),
        ("XLMRobertaForSequenceClassification", .encoder(.roberta, hasClassifier: true)),
    ]

    /// `model_type`, where no architecture is named.
    private static let modelTypes: [String: HuggingFaceArchitecture] = [
        "llama": .decoder(.llama), "mistral": .decoder(.mistral), "qwen2": .decoder(.qwen2),
        "qwen3": .decoder(.qwen3), "gemma3_text": .decoder(.gemma3), "gemma3": .nestedDecoder(.gemma3),
        "bert": .encoder(.bert, hasClassifier: false), "roberta": .encoder(.roberta, hasClassifier: false),
        "xlm-roberta": .encoder(.roberta, hasClassifier: false),
    ]

    static var supportedNames: [String] { table.map(\.name) }

    init(_ reader: ConfigurationReader) throws(ConfigurationFault) {
        if let name = try reader.texts("architectures")?.first {
            guard let row = Self.table.first(where: { $0.name == name }) else {
                throw .unknownArchitecture(name, supported: Self.supportedNames)
            }
            self = row.architecture
        } else if let type = try reader.text("model_type") {
            guard let architecture = Self.modelTypes[type] else {
                throw .unknownArchitecture(type, supported: Self.modelTypes.keys.sorted())
            }
            self = architecture
        } else {
            throw .missing(key: "architectures")
        }
    }

    /// The class name that transformers opens a decoder with, and its `model_type`.
    static func names(of family: ModelFamily) -> (architecture: String, modelType: String) {
        switch family {
        case .llama: ("LlamaForCausalLM", "llama")
        case .mistral: ("MistralForCausalLM", "mistral")
        case .qwen2: ("Qwen2ForCausalLM", "qwen2")
        case .qwen3: ("Qwen3ForCausalLM", "qwen3")
        case .gemma3: ("Gemma3ForCausalLM", "gemma3_text")
        }
    }
}
