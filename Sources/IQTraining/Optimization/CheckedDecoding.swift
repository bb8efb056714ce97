// Decoding of options that refuses what nobody reads: a misspelt key must not pass for a default.

private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// The container of these keys.
    ///
    /// - Throws: ``TrainingError/invalidOption(name:value:permitted:)`` if there are others.
    package func checkedContainer<Key: CodingKey & CaseIterable>(
        keyedBy type: Key.Type
    ) throws -> KeyedDecodingContainer<Key> {
        let known = Set(Key.allCases.map(\.stringValue))
        let all = try container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        if let unknown = all.filter({ !known.contains($0) }).min() {
            throw TrainingError.invalidOption(
                name: (codingPath.map(\.stringValue) + [unknown]).joined(separator: "."),
                value: "an option that there is not",
                permitted: known.sorted().joined(separator: ", ")
            )
        }
        return try container(keyedBy: type)
    }
}
