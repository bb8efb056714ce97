// Everything that makes a tokenizer, built once and shared by its copies.

/// The model that splits one piece of text.
enum TokenModel: Sendable {
    case bytePair(BytePairModel)
    case wordPiece(WordPieceModel)
}

/// The ids that other parts of the library ask for.
struct NotableTokens: Sendable, Equatable {
    var beginningOfText: TokenID?
    var endOfText: TokenID?
    var unknown: TokenID?
    var padding: TokenID?
    var endOfGeneration: Set<TokenID> = []
}

final class TokenizerDefinition: Sendable {
    let vocabulary: Vocabulary
    let model: TokenModel
    let normalizer: Normalizer
    let preTokenizer: PreTokenizer
    let postProcessor: PostProcessor
    let decoder: TokenDecoder
    let notable: NotableTokens
    let addedTokens: [TokenID: AddedToken]
    /// Added tokens that are looked for in the text as it came.
    let rawMatcher: AddedTokenMatcher
    /// Added tokens that are looked for in the normalised text.
    let normalizedMatcher: AddedTokenMatcher
    /// Ids of the vocabulary and of added tokens behind it.
    let size: Int
    private let addedIDs: [[UInt8]: TokenID]
    /// Where a string of the byte alphabet is text: the bytes of each token of the vocabulary.
    private let decodedNames: ByteStrings?

    init(
        vocabulary: Vocabulary,
        model: TokenModel,
        normalizer: Normalizer,
        preTokenizer: PreTokenizer,
        postProcessor: PostProcessor,
        decoder: TokenDecoder,
        addedTokens: [AddedToken],
        notable: NotableTokens
    ) {
        self.vocabulary = vocabulary
        self.model = model
        self.normalizer = normalizer
        self.preTokenizer = preTokenizer
        self.postProcessor = postProcessor
        self.decoder = decoder
        self.notable = notable
        // A token that is looked for in normalised text goes by its normalised name from here on, also in decoded text.
        let named = addedTokens.map { token in
            var named = token
            if token.isNormalized {
                named.content =
                    token.content.withUnsafeBufferPointer { normalizer.normalized($0)?.text } ?? token.content
            }
            return named
        }
        self.addedTokens = Dictionary(named.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
        addedIDs = Dictionary(
            (addedTokens + named).map { ($0.content, $0.id) },
            uniquingKeysWith: { first, _ in first }
        )
        size = Swift.max(vocabulary.count, addedTokens.map { Int($0.id) + 1 }.max() ?? 0)
        rawMatcher = AddedTokenMatcher(named.filter { !$0.isNormalized })
        normalizedMatcher = AddedTokenMatcher(named.filter(\.isNormalized))
        if decoder == .bytes {
            var decoded = ByteStrings()
            decoded.reserve(count: vocabulary.count, bytes: vocabulary.names.bytes.count)
            var bytes: [UInt8] = []
            for index in 0..<vocabulary.count {
                bytes.removeAll(keepingCapacity: true)
                vocabulary.names.withBytes(of: index) { ByteAlphabet.appendDecoded($0, to: &bytes) }
                decoded.append(bytes)
            }
            decodedNames = decoded
        } else {
            decodedNames = nil
        }
    }

    /// Whether an id names a token.
    func contains(_ token: TokenID) -> Bool {
        if token < 0 || Int(token) >= size { return false }
        if addedTokens[token] != nil { return true }
        return Int(token) < vocabulary.count && !vocabulary.names.range(of: Int(token)).isEmpty
    }

    func isSpecial(_ token: TokenID) -> Bool { addedTokens[token]?.isSpecial ?? false }

    func find(_ name: [UInt8]) -> TokenID? { addedIDs[name] ?? vocabulary.find(name) }

    /// A token's string as the files spell it.
    func nameBytes(of token: TokenID) -> [UInt8] {
        if let added = addedTokens[token] { return added.content }
        return token >= 0 && Int(token) < vocabulary.count ? Array(vocabulary.names[Int(token)]) : []
    }

    /// A token's string read in the byte alphabet.
    func rawBytes(of token: TokenID) -> [UInt8] {
        if let added = addedTokens[token] { return ByteAlphabet.decoded(added.content) }
        if let decodedNames, token >= 0, Int(token) < decodedNames.count { return Array(decodedNames[Int(token)]) }
        return ByteAlphabet.decoded(nameBytes(of: token))
    }

    /// What a token adds in the middle of a text.
    func bytes(of token: TokenID) -> [UInt8] {
        if let added = addedTokens[token], added.isSpecial { return added.content }
        switch decoder {
        case .bytes: return rawBytes(of: token)
        case .strings(let decoding):
            var name = nameBytes(of: token)
            for step in decoding.beforeByteFallback { name = step.apply(to: name, isFirst: false) }
            if decoding.fallsBackToBytes, let byte = StringDecoding.byte(of: name) { return [byte] }
            for step in decoding.afterByteFallback { name = step.apply(to: name, isFirst: false) }
            return name
        }
    }
}
