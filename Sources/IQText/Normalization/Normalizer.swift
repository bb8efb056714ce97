// What is done to a text before it is cut into pieces.

/// A Unicode normalisation form.
package enum UnicodeForm: String, Sendable {
    case nfc = "NFC"
    case nfd = "NFD"
    case nfkc = "NFKC"
    case nfkd = "NFKD"
}

extension UnicodeForm {
    /// A text of well-formed UTF-8 in this form.
    package func normalize(_ text: [UInt8]) -> [UInt8] {
        if !text.contains(where: { $0 >= 0x80 }) { return text }
        let isCompatible = self == .nfkc || self == .nfkd
        let decomposed = UnicodeForms.shared.decomposed(CodePoints.decode(text), isCompatible: isCompatible)
        let composes = self == .nfc || self == .nfkc
        return CodePoints.encode(composes ? UnicodeForms.shared.composed(decomposed) : decomposed)
    }
}

/// One step of a normaliser.
enum NormalizerStep: Sendable, Equatable {
    case form(UnicodeForm)
    case lowercase
    case replace([UInt8], with: [UInt8])
    case prepend([UInt8])
    case strip(left: Bool, right: Bool)
    case stripAccents
    case bert(BertNormalization)
}

/// The normaliser of a model: its steps in order.
struct Normalizer: Sendable, Equatable {
    var steps: [NormalizerStep]

    /// A text after all steps, and whether its start is still the start of what came in.
    struct Result {
        var text: [UInt8]
        var keepsStart: Bool
    }

    /// The normalised text, or nil if it is unchanged.
    func normalized(_ text: UnsafeBufferPointer<UInt8>) -> Result? {
        if steps.isEmpty || !changes(text) { return nil }
        var result = Result(text: Array(text), keepsStart: true)
        for step in steps {
            if case .strip(left: true, _) = step {
                let start = Self.apply(.strip(left: true, right: false), to: result.text)
                if start.count < result.text.count { result.keepsStart = false }
            }
            result.text = Self.apply(step, to: result.text)
        }
        return result
    }

    /// False only if no step can touch this text.
    private func changes(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        for step in steps {
            switch step {
            // Below U+0300 every character is its own NFC; the lead byte of U+0300 is CC.
            case .form(.nfc): if text.contains(where: { $0 >= 0xCC }) { return true }
            case .form: if text.contains(where: { $0 >= 0x80 }) { return true }
            case .replace(let old, _):
                guard let first = old.first else { continue }
                if text.contains(first) { return true }
            default: return true
            }
        }
        return false
    }

    static func apply(_ step: NormalizerStep, to text: [UInt8]) -> [UInt8] {
        switch step {
        case .form(let form): form.normalize(text)
        case .lowercase: lowercased(text)
        case .replace(let old, let new): replacing(old, with: new, in: text)
        case .prepend(let prefix): text.isEmpty ? text : prefix + text
        case .strip(let left, let right): stripped(text, left: left, right: right)
        case .stripAccents:
            CodePoints.encode(CodePoints.decode(text).filter { !CharacterClasses.shared[$0].contains(.combining) })
        case .bert(let normalization): normalization.apply(to: text)
        }
    }

    static func lowercased(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        text.withUnsafeBufferPointer { bytes in
            var position = 0
            while position < bytes.count {
                let byte = bytes[position]
                if byte < 0x80 {
                    result.append(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte)
                    position += 1
                    continue
                }
                let (value, length) = UTF8Scalars.decode(bytes, at: position)
                position += length
                if let scalar = Unicode.Scalar(value) {
                    result.append(contentsOf: scalar.properties.lowercaseMapping.utf8)
                }
            }
        }
        return result
    }

    static func replacing(_ old: [UInt8], with new: [UInt8], in text: [UInt8]) -> [UInt8] {
        guard let first = old.first, text.count >= old.count else { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.count + text.count / 4)
        var position = 0
        while position < text.count {
            if text[position] == first, position + old.count <= text.count,
                text[position..<position + old.count].elementsEqual(old)
            {
                result.append(contentsOf: new)
                position += old.count
            } else {
                result.append(text[position])
                position += 1
            }
        }
        return result
    }

    private static func stripped(_ text: [UInt8], left: Bool, right: Bool) -> [UInt8] {
        let classes = CharacterClasses.shared
        var start = 0
        var end = text.count
        text.withUnsafeBufferPointer { bytes in
            while left, start < end {
                let (value, length) = UTF8Scalars.decode(bytes, at: start)
                guard classes[value].contains(.whitespace) else { break }
                start += length
            }
            while right, end > start {
                let (value, length) = UTF8Scalars.decodeBackward(bytes, before: end)
                guard classes[value].contains(.whitespace) else { break }
                end -= length
            }
        }
        return Array(text[start..<end])
    }
}
