// The strings of a model's vocabulary by id, and back.

/// Token strings as the vocabulary spells them (for byte-level models in the byte alphabet, not as plain text).
struct Vocabulary: Sendable {
    /// By id; empty where the vocabulary leaves a gap.
    let names: ByteStrings
    private let table: ByteStringTable
    /// Number of ids, gaps included.
    var count: Int { names.count }

    /// - Parameter names: one string per id, empty for a gap. Of two equal strings the later id is found.
    init(names: ByteStrings) throws(TokenizerError) {
        guard names.count > 0 else { throw .emptyVocabulary }
        var table = ByteStringTable(capacity: names.count)
        for index in 0..<names.count where !names.range(of: index).isEmpty {
            _ = table.insert(Int32(index), of: names, replacing: true)
        }
        self.names = names
        self.table = table
    }

    /// The id of a token string.
    func find(_ name: UnsafeBufferPointer<UInt8>) -> TokenID? { table.find(name, in: names) }

    func find(_ name: [UInt8]) -> TokenID? { name.withUnsafeBufferPointer(find) }

    func find(_ name: String) -> TokenID? { find(Array(name.utf8)) }

    /// The string of a token for error messages and display.
    func name(of token: TokenID) -> String {
        token >= 0 && Int(token) < count ? String(decoding: names[Int(token)], as: UTF8.self) : ""
    }

    /// The 256 tokens `<0x00>` … `<0xFF>`; -1 where one is missing.
    func byteTokens() -> [TokenID] {
        (0..<256).map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return find(byte < 16 ? "<0x0\(digits)>" : "<0x\(digits)>") ?? -1
        }
    }
}

extension Vocabulary {
    /// Reads the object `{"token": id, ...}` of a `tokenizer.json`.
    init(json: JSONValue, path: String, file: String) throws(TokenizerError) {
        guard let members = json.members else {
            throw .invalidValue(file: file, path: path, expected: "an object", found: json.kindName)
        }
        guard json.count > 0 else { throw .emptyVocabulary }
        // Gaps happen (added tokens may stand between), but a huge id must not make us allocate for it.
        let limit = json.count * 4 + 65_536
        var ids: [Int] = []
        ids.reserveCapacity(json.count)
        var keys: [JSONValue] = []
        keys.reserveCapacity(json.count)
        var largest = 0
        for (key, value) in members {
            guard let id = value.integer else {
                throw .invalidValue(
                    file: file,
                    path: "\(path).\(key.string ?? "")",
                    expected: "an integer",
                    found: value.kindName
                )
            }
            guard id >= 0, id < limit else {
                throw .identifierOutOfRange(token: key.string ?? "", identifier: id, limit: limit)
            }
            ids.append(id)
            keys.append(key)
            largest = Swift.max(largest, id)
        }
        var ordinal = [Int32](repeating: -1, count: largest + 1)
        for (index, id) in ids.enumerated() {
            if ordinal[id] >= 0 {
                throw .duplicateIdentifier(
                    id,
                    first: keys[Int(ordinal[id])].string ?? "",
                    second: keys[index].string ?? ""
                )
            }
            ordinal[id] = Int32(index)
        }
        var names = ByteStrings()
        names.reserve(count: largest + 1, bytes: json.count * 8)
        for index in ordinal {
            if index < 0 {
                names.append([])
            } else {
                _ = keys[Int(index)].withUTF8 { names.append($0) }
            }
        }
        try self.init(names: names)
    }
}
