// The tokenizer of a Hugging Face folder as GGUF metadata, for models that were loaded from a folder and go to a file.

internal import IQTensor
internal import IQText

/// Kinds of tokens in `tokenizer.ggml.token_type`.
enum GGUFTokenKind {
    static let normal: Int32 = 1
    static let unknown: Int32 = 2
    static let control: Int32 = 3
    static let userDefined: Int32 = 4
    static let unused: Int32 = 5
    static let byte: Int32 = 6
}

extension GGUFVocabulary {
    /// - Parameters:
    ///   - folder: holds `tokenizer.json`.
    ///   - tokenizer: the one that was read from it; it knows the special tokens and the chat template.
    /// - Throws: ``ModelError/notExpressible(path:what:reason:)`` for a tokenizer that GGUF has no name for.
    init(folder: String, tokenizer: Tokenizer) throws(ModelError) {
        let path = FileSystem.join(folder, "tokenizer.json")
        func refuse(_ what: String, _ reason: String) -> ModelError {
            .notExpressible(path: path, what: what, reason: reason)
        }
        let json: JSONValue
        do {
            json = try JSONDocument(try FileSystem.contents(path)).root
        } catch let error as ModelError {
            throw error
        } catch {
            throw refuse("the tokenizer", "tokenizer.json is not JSON")
        }
        guard let model = json["model"], model["type"]?.string ?? "BPE" == "BPE", let members = model["vocab"]?.members
        else { throw refuse("the tokenizer", "only byte-pair tokenizers are written to GGUF") }
        let preTokenizer = ByteLevelPreTokenizer(json: json["pre_tokenizer"])
        let fallsBackToBytes = model["byte_fallback"]?.bool ?? false
        guard preTokenizer != nil || fallsBackToBytes else {
            throw refuse("the pre-tokenizer", "GGUF has no name for it that is implemented here")
        }
        var table = TokenTable(unknown: tokenizer.unknown.map { Int($0) })
        for (key, value) in members {
            guard let id = value.integer, table.set(id, key.utf8 ?? [], GGUFTokenKind.normal) else {
                throw refuse("the vocabulary", "the id of \(key.string ?? "a token") is not one")
            }
        }
        if let added = json["added_tokens"]?.elements {
            for token in added {
                let kind = token["special"]?.bool == true ? GGUFTokenKind.control : GGUFTokenKind.userDefined
                guard let id = token["id"]?.integer, table.set(id, token["content"]?.utf8 ?? [], kind) else {
                    throw refuse("an added token", "its id is not one")
                }
            }
        }
        let merges = Self.merges(model)
        let automatic = tokenizer.encode("", addingSpecialTokens: true)
        func id(_ token: TokenID?) -> Int? { token.map { Int($0) } }
        self.init(
            model: preTokenizer == nil ? "llama" : "gpt2",
            pre: preTokenizer?.rawValue ?? "default",
            tokens: table.tokens,
            types: table.kinds,
            merges: preTokenizer == nil ? nil : merges,
            beginningOfText: id(tokenizer.beginningOfText),
            endOfText: id(tokenizer.endOfText),
            endOfTurn: id(tokenizer.endOfGeneration.filter { $0 != tokenizer.endOfText }.min()),
            unknown: id(tokenizer.unknown),
            padding: id(tokenizer.padding),
            addsBeginningOfText: automatic.first != nil && automatic.first == tokenizer.beginningOfText,
            addsEndOfText: automatic.count > 1 && automatic.last == tokenizer.endOfText,
            addsSpacePrefix: preTokenizer == nil ? Self.prependsSpace(json) : false,
            chatTemplate: tokenizer.chatTemplate?.source
        )
        if preTokenizer == nil {
            table.markBytes()
            types = table.kinds
            scores = table.scores(merges: merges)
        }
    }

    /// Merges with a space between their halves, best first.
    private static func merges(_ model: JSONValue) -> [[UInt8]] {
        guard let elements = model["merges"]?.elements else { return [] }
        return elements.map { element in
            if let text = element.utf8 { return text }
            let halves = element.elements?.map { $0.utf8 ?? [] } ?? []
            return Array(halves.joined(separator: [UInt8(ascii: " ")]))
        }
    }

    /// Whether a space goes before the text: a normaliser that prepends, or a Metaspace step.
    private static func prependsSpace(_ json: JSONValue) -> Bool {
        func steps(_ component: JSONValue?, _ list: String) -> [JSONValue] {
            guard let component else { return [] }
            return component[list]?.elements.map { Array($0) } ?? [component]
        }
        return steps(json["normalizer"], "normalizers").contains { $0["type"]?.string == "Prepend" }
            || steps(json["pre_tokenizer"], "pretokenizers").contains {
                $0["type"]?.string == "Metaspace" && $0["prepend_scheme"]?.string != "never"
            }
    }
}

/// Tokens by id while they are gathered; ids that none has stay unused.
private struct TokenTable {
    private(set) var tokens: [[UInt8]] = []
    private(set) var kinds: [Int32] = []
    let unknown: Int?

    /// More ids than any vocabulary has.
    private static let mostTokens = 1 << 24

    init(unknown: Int?) { self.unknown = unknown }

    /// False if the id is out of range.
    mutating func set(_ id: Int, _ token: [UInt8], _ kind: Int32) -> Bool {
        guard (0..<Self.mostTokens).contains(id) else { return false }
        while tokens.count <= id {
            tokens.append(Array("[PAD\(tokens.count)]".utf8))
            kinds.append(GGUFTokenKind.unused)
        }
        tokens[id] = token
        kinds[id] = kind
        return true
    }

    /// Marks the tokens that stand for single bytes (`<0x0A>`) and the unknown token.
    mutating func markBytes() {
        for index in tokens.indices where tokens[index].count == 6 && tokens[index].starts(with: Array("<0x".utf8)) {
            kinds[index] = GGUFTokenKind.byte
        }
        if let unknown, kinds.indices.contains(unknown) { kinds[unknown] = GGUFTokenKind.unknown }
    }

    /// Scores that give the merges their order: a token's is minus the rank of the first merge that makes it. One that no
    /// merge makes comes last.
    func scores(merges: [[UInt8]]) -> [Float] {
        var rank: [[UInt8]: Int] = [:]
        for (index, merge) in merges.enumerated() {
            guard let space = merge.firstIndex(of: UInt8(ascii: " ")) else { continue }
            let result = Array(merge[..<space] + merge[(space + 1)...])
            if rank[result] == nil { rank[result] = index }
        }
        return zip(tokens, kinds).map { token, kind in
            kind == GGUFTokenKind.normal ? -Float(rank[token] ?? merges.count) : 0
        }
    }
}
