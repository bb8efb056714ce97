// Merges from a list of pairs (tokenizer.json, GGUF) or from scores (SentencePiece vocabularies).

extension MergeTable {
    /// Reads the `merges` of a `tokenizer.json`: `"left right"` or `["left", "right"]`, best first.
    init(json: JSONValue, vocabulary: Vocabulary, file: String) throws(TokenizerError) {
        guard let elements = json.elements else {
            throw .invalidValue(file: file, path: "model.merges", expected: "an array", found: json.kindName)
        }
        self.init(capacity: json.count)
        var joined: [UInt8] = []
        var rank = 0
        for element in elements {
            if element.isArray {
                var halves = element.elements ?? JSONElements(document: element.document, node: 0, end: 0)
                guard element.count == 2, let left = halves.next()?.utf8, let right = halves.next()?.utf8 else {
                    throw .invalidMerge(rank: rank, text: "an array of \(element.count)")
                }
                try left.withUnsafeBufferPointer { left throws(TokenizerError) in
                    try right.withUnsafeBufferPointer { right throws(TokenizerError) in
                        try insert(left, right, rank, vocabulary, &joined, replacing: true)
                    }
                }
            } else if let failure = element.withUTF8({ text in
                insert(text: text, rank, vocabulary, &joined, replacing: true)
            }) {
                if let failure { throw failure }
            } else {
                throw .invalidMerge(rank: rank, text: element.kindName)
            }
            rank += 1
        }
    }

    /// Reads the merges of a GGUF file: the halves parted by one space, best first.
    init(gguf merges: [[UInt8]], vocabulary: Vocabulary) throws(TokenizerError) {
        self.init(capacity: merges.count)
        var joined: [UInt8] = []
        for (rank, merge) in merges.enumerated() {
            let failure = merge.withUnsafeBufferPointer {
                insert(text: $0, rank, vocabulary, &joined, replacing: false)
            }
            if let failure { throw failure }
        }
    }

    private mutating func insert(
        text: UnsafeBufferPointer<UInt8>,
        _ rank: Int,
        _ vocabulary: Vocabulary,
        _ joined: inout [UInt8],
        replacing: Bool
    ) -> TokenizerError? {
        // A half may itself hold a space only in formats that give pairs, so the first one parts the halves; but not the
        // very first byte, which llama.cpp also passes over.
        guard let space = text.dropFirst().firstIndex(of: 0x20), space + 1 < text.count else {
            return .invalidMerge(rank: rank, text: String(decoding: text, as: UTF8.self))
        }
        let left = UnsafeBufferPointer(rebasing: text[..<space])
        let right = UnsafeBufferPointer(rebasing: text[(space + 1)...])
        do throws(TokenizerError) {
            try insert(left, right, rank, vocabulary, &joined, replacing: replacing)
            return nil
        } catch {
            return error
        }
    }

    private mutating func insert(
        _ left: UnsafeBufferPointer<UInt8>,
        _ right: UnsafeBufferPointer<UInt8>,
        _ rank: Int,
        _ vocabulary: Vocabulary,
        _ joined: inout [UInt8],
        replacing: Bool
    ) throws(TokenizerError) {
        guard !left.isEmpty, !right.isEmpty else {
            throw .invalidMerge(rank: rank, text: String(decoding: left, as: UTF8.self))
        }
        joined.removeAll(keepingCapacity: true)
        joined.append(contentsOf: left)
        joined.append(contentsOf: right)
        guard let leftToken = vocabulary.find(left), let rightToken = vocabulary.find(right),
            let token = vocabulary.find(joined)
        else {
            let missing =
                vocabulary.find(left) == nil ? Array(left) : vocabulary.find(right) == nil ? Array(right) : joined
            throw .danglingMerge(
                rank: rank,
                left: String(decoding: left, as: UTF8.self),
                right: String(decoding: right, as: UTF8.self),
                missing: String(decoding: missing, as: UTF8.self)
            )
        }
        insert(leftToken, rightToken, Merge(rank: UInt32(rank), token: token), replacing: replacing)
    }
}

/// The merges that a vocabulary with scores implies: any two neighbours merge whose joined text is a token, the highest
/// score first (Kudo and Richardson 2018, arXiv 1808.06226).
struct ScoredMerges {
    var table: MergeTable
    /// Characters that are no token but occur in one.
    var innerCharacters: Vocabulary?

    /// - Parameter isText: whether a token is made of text; control, unknown and byte tokens never come out of a merge.
    init(vocabulary: Vocabulary, scores: [Float], isText: (Int) -> Bool) throws(TokenizerError) {
        let order = (0..<vocabulary.count).filter(isText).sorted { first, second in
            let (left, right) = (scores[first], scores[second])
            return left != right ? left > right : first < second
        }
        table = MergeTable(capacity: vocabulary.count * 2)
        var inner = ByteStrings()
        var innerTable = ByteStringTable(capacity: 64)
        let base = TokenID(vocabulary.count)

        func symbol(_ text: UnsafeBufferPointer<UInt8>) -> TokenID? {
            if let token = vocabulary.find(text) { return isText(Int(token)) ? token : nil }
            guard text.count == UTF8Scalars.length(lead: text[0]) else { return nil }
            if let known = innerTable.find(text, in: inner) { return base + known }
            inner.append(text)
            _ = innerTable.insert(Int32(inner.count - 1), of: inner)
            return base + TokenID(inner.count - 1)
        }

        var rank: UInt32 = 0
        var lastScore = Float.infinity
        for token in order {
            // Equal scores are equal ranks: the leftmost pair is merged first.
            if scores[token] < lastScore {
                lastScore = scores[token]
                rank += 1
            }
            vocabulary.names.withBytes(of: token) { name in
                var split = 0
                while split < name.count {
                    split += UTF8Scalars.length(lead: name[split])
                    guard split < name.count else { break }
                    guard let left = symbol(UnsafeBufferPointer(rebasing: name[..<split])),
                        let right = symbol(UnsafeBufferPointer(rebasing: name[split...]))
                    else { continue }
                    table.insert(left, right, MergeTable.Merge(rank: rank, token: TokenID(token)), replacing: false)
                }
            }
        }
        innerCharacters = inner.count > 0 ? try Vocabulary(names: inner) : nil
    }
}
