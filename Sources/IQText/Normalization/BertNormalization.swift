// The normaliser of BERT (Devlin et al. 2018): clean, space out ideographs, strip accents, lower case.

struct BertNormalization: Sendable, Equatable {
    var cleansText: Bool
    var spacesIdeographs: Bool
    var stripsAccents: Bool
    var lowercases: Bool

    func apply(to text: [UInt8]) -> [UInt8] {
        if !text.contains(where: { $0 >= 0x80 }) { return applyASCII(to: text) }
        let classes = CharacterClasses.shared
        var values = CodePoints.decode(text)
        if cleansText {
            values = values.compactMap { value in
                let found = classes[value]
                if found.contains(.bertControl) { return nil }
                return found.contains(.whitespace) ? 0x20 : value
            }
        }
        if spacesIdeographs, values.contains(where: Self.isIdeograph) {
            values = values.flatMap { Self.isIdeograph($0) ? [0x20, $0, 0x20] : [$0] }
        }
        if stripsAccents {
            values = UnicodeForms.shared.decomposed(values, isCompatible: false)
            values.removeAll { classes[$0].contains(.bertAccent) }
        }
        let bytes = CodePoints.encode(values)
        return lowercases ? Normalizer.lowercased(bytes) : bytes
    }

    private func applyASCII(to text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        for byte in text {
            if cleansText {
                if byte == 0x09 || byte == 0x0A || byte == 0x0D {
                    result.append(0x20)
                    continue
                }
                if byte < 0x20 || byte == 0x7F { continue }
            }
            result.append(lowercases && byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte)
        }
        return result
    }

    /// The blocks that BERT spaces out. Its list stops short of the extensions added after 2015, and so does this one.
    private static func isIdeograph(_ value: UInt32) -> Bool {
        switch value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
            0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }
}
