// The files that describe a tokenizer in a Hugging Face model folder.

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The contents of the files, parsed.
struct TokenizerFiles {
    static let tokenizerName = "tokenizer.json"
    static let configurationName = "tokenizer_config.json"

    var tokenizer: JSONValue
    var configuration: JSONValue?
    var specialTokens: JSONValue?
    var generation: JSONValue?
    /// `chat_template.jinja`; newer folders keep it apart from the configuration.
    var chatTemplate: String?

    init(tokenizer: [UInt8], configuration: [UInt8]?) throws(TokenizerError) {
        self.tokenizer = try Self.parse(tokenizer, Self.tokenizerName)
        self.configuration = if let configuration { try Self.parse(configuration, Self.configurationName) } else { nil }
    }

    init(folder: URL) throws(TokenizerError) {
        let url = folder.appendingPathComponent(Self.tokenizerName)
        guard let bytes = try Self.read(url, isRequired: true) else {
            throw .unreadableFile(path: url.path, reason: "there is no such file")
        }
        tokenizer = try Self.parse(bytes, Self.tokenizerName)
        configuration = try Self.optional(Self.configurationName, in: folder)
        specialTokens = try Self.optional("special_tokens_map.json", in: folder)
        generation = try Self.optional("generation_config.json", in: folder)
        let template = try Self.read(folder.appendingPathComponent("chat_template.jinja"), isRequired: false)
        chatTemplate = template.map { String(decoding: $0, as: UTF8.self) }
    }

    private static func optional(_ name: String, in folder: URL) throws(TokenizerError) -> JSONValue? {
        guard let bytes = try read(folder.appendingPathComponent(name), isRequired: false) else { return nil }
        return try parse(bytes, name)
    }

    private static func read(_ url: URL, isRequired: Bool) throws(TokenizerError) -> [UInt8]? {
        guard FileManager.default.fileExists(atPath: url.path) else {
            if isRequired { throw .unreadableFile(path: url.path, reason: "there is no such file") }
            return nil
        }
        do {
            return Array(try Data(contentsOf: url))
        } catch {
            throw .unreadableFile(path: url.path, reason: "\(error)")
        }
    }

    static func parse(_ bytes: [UInt8], _ file: String) throws(TokenizerError) -> JSONValue {
        do throws(JSONError) {
            return try JSONDocument(bytes).root
        } catch {
            throw .invalidJSON(file: file, byteOffset: error.byteOffset, reason: error.explanation)
        }
    }

    /// The chat template: of its own file, else of the configuration, where several may stand under names.
    var statedChatTemplate: String? {
        if let chatTemplate { return chatTemplate }
        guard let value = configuration?["chat_template"] else { return nil }
        if let source = value.string { return source }
        let named = value.elements?.first { $0["name"]?.string == "default" }
        return named?["template"]?.string
    }

    /// The name of a special token such as `bos_token`: a string, or an object with its content.
    func specialToken(_ key: String) -> String? {
        for file in [configuration, specialTokens] {
            guard let value = file?[key] else { continue }
            if let name = value.string ?? value["content"]?.string { return name }
        }
        return nil
    }
}

/// Reading values of a known kind out of a component of a `tokenizer.json`.
struct ComponentReader {
    let json: JSONValue
    /// Where the component stands, as in `pre_tokenizer.pretokenizers.0`.
    let path: String

    var type: String {
        get throws(TokenizerError) { try string("type") }
    }

    func child(_ key: String) throws(TokenizerError) -> ComponentReader {
        ComponentReader(json: try value(key), path: "\(path).\(key)")
    }

    func value(_ key: String) throws(TokenizerError) -> JSONValue {
        guard let value = json[key] else { throw invalid(key, expected: "a value", found: "missing") }
        return value
    }

    func string(_ key: String) throws(TokenizerError) -> String {
        let value = try value(key)
        guard let string = value.string else { throw invalid(key, expected: "a string", found: value.kindName) }
        return string
    }

    func bytes(_ key: String) throws(TokenizerError) -> [UInt8] { Array(try string(key).utf8) }

    func bool(_ key: String, default fallback: Bool) throws(TokenizerError) -> Bool {
        guard let value = json[key], !value.isNull else { return fallback }
        guard let bool = value.bool else { throw invalid(key, expected: "a boolean", found: value.kindName) }
        return bool
    }

    func integer(_ key: String) throws(TokenizerError) -> Int {
        let value = try value(key)
        guard let integer = value.integer else { throw invalid(key, expected: "an integer", found: value.kindName) }
        return integer
    }

    func elements(_ key: String) throws(TokenizerError) -> [ComponentReader] {
        let value = try value(key)
        guard let elements = value.elements else { throw invalid(key, expected: "an array", found: value.kindName) }
        return elements.enumerated().map { ComponentReader(json: $1, path: "\(path).\(key).\($0)") }
    }

    func invalid(_ key: String, expected: String, found: String) -> TokenizerError {
        .invalidValue(file: TokenizerFiles.tokenizerName, path: "\(path).\(key)", expected: expected, found: found)
    }
}
