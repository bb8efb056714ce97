// The pre-tokenisers of byte-level vocabularies: GGUF names them, tokenizer.json spells them out.

internal import IQText

/// A pre-tokeniser that both kinds of files can say.
enum ByteLevelPreTokenizer: String, CaseIterable {
    case gpt2 = "gpt-2"
    /// Every digit apart, then GPT-2's pattern.
    case smollm = "smollm"
    case llama3 = "llama-bpe"
    case qwen2 = "qwen2"

    /// From the name in `tokenizer.ggml.pre`.
    init?(ggufName: String?) {
        switch ggufName {
        case "gpt-2", "gpt2": self = .gpt2
        case "smollm": self = .smollm
        case "llama-bpe", "llama3", "llama-v3": self = .llama3
        case "qwen2": self = .qwen2
        default: return nil
        }
    }

    /// The split pattern of a tokenizer.json; nil where the byte-level step has it built in.
    private var pattern: String? {
        let number: String
        switch self {
        case .gpt2, .smollm: return nil
        case .llama3: number = #"\p{N}{1,3}"#
        case .qwen2: number = #"\p{N}"#
        }
        return #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + number
            + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }

    /// The published tokenizers of Qwen compose characters first.
    var composesCharacters: Bool { self == .qwen2 }

    /// Llama 3's takes a piece that is a token as it is, without merging.
    var ignoresMerges: Bool { self == .llama3 }

    /// The component `pre_tokenizer`.
    var json: JSONText {
        func byteLevel(usesPattern: Bool) -> JSONText {
            .object([
                ("type", .string("ByteLevel")), ("add_prefix_space", .bool(false)), ("trim_offsets", .bool(true)),
                ("use_regex", .bool(usesPattern)),
            ])
        }
        func sequence(_ first: JSONText, _ second: JSONText) -> JSONText {
            .object([("type", .string("Sequence")), ("pretokenizers", .array([first, second]))])
        }
        if let pattern {
            let split = JSONText.object([
                ("type", .string("Split")), ("pattern", .object([("Regex", .string(pattern))])),
                ("behavior", .string("Isolated")), ("invert", .bool(false)),
            ])
            return sequence(split, byteLevel(usesPattern: false))
        }
        if self == .smollm {
            let digits = JSONText.object([("type", .string("Digits")), ("individual_digits", .bool(true))])
            return sequence(digits, byteLevel(usesPattern: true))
        }
        return byteLevel(usesPattern: true)
    }

    /// From the component `pre_tokenizer`; nil for one that has no name here.
    init?(json: JSONValue?) {
        guard let json else { return nil }
        let steps =
            json["type"]?.string == "Sequence" ? json["pretokenizers"]?.elements.map { Array($0) } ?? [] : [json]
        guard let last = steps.last, last["type"]?.string == "ByteLevel", last["add_prefix_space"]?.bool != true else {
            return nil
        }
        let usesPattern = last["use_regex"]?.bool ?? true
        switch (steps.count, steps.first?["type"]?.string) {
        case (1, _) where usesPattern:
            self = .gpt2
        case (2, "Digits") where usesPattern && steps[0]["individual_digits"]?.bool == true:
            self = .smollm
        case (2, "Split") where !usesPattern:
            let pattern = steps[0]["pattern"]?["Regex"]?.string
            guard let match = Self.allCases.first(where: { $0.pattern != nil && $0.pattern == pattern }) else {
                return nil
            }
            self = match
        default: return nil
        }
    }
}
