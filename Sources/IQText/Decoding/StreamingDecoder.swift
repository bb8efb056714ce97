// Tokens to text, one at a time.

/// Turns tokens into text as they come; the concatenation of all it returns is what ``Tokenizer`` decodes as a whole.
///
/// Text is held back only while it is uncertain: an unfinished character, or neighbouring byte tokens, which are only read
/// as characters if all of them together are valid. Bytes that spell nothing become U+FFFD.
public struct StreamingDecoder: Sendable {
    private let definition: TokenizerDefinition
    private let skipsSpecialTokens: Bool
    /// Bytes of an unfinished character or of neighbouring byte tokens.
    private var pending: [UInt8] = []
    /// Tokens taken and not skipped.
    private var count = 0
    /// Strings behind byte fallback.
    private var stringCount = 0
    /// Characters that may still be trimmed from the front of the text.
    private var trimsLeft: Int
    /// The end of the text, while it may still be trimmed.
    private var tail: [UInt8] = []

    init(definition: TokenizerDefinition, skipsSpecialTokens: Bool) {
        self.definition = definition
        self.skipsSpecialTokens = skipsSpecialTokens
        if case .strings(let decoding) = definition.decoder {
            trimsLeft = decoding.trim?.atStart ?? 0
        } else {
            trimsLeft = 0
        }
    }

    /// Takes one token and returns the text that is certain by now: empty while a character is incomplete.
    public mutating func append(_ token: TokenID) -> String {
        var bytes: [UInt8] = []
        append(token, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Ends the text and returns what was held back.
    public mutating func finish() -> String {
        var bytes: [UInt8] = []
        finish(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// As ``append(_:)``, in UTF-8 that may hold invalid bytes but ends with a character.
    mutating func append(_ token: TokenID, to output: inout [UInt8]) {
        guard definition.contains(token), !(skipsSpecialTokens && definition.isSpecial(token)) else { return }
        switch definition.decoder {
        case .bytes:
            pending.append(contentsOf: definition.rawBytes(of: token))
            let held = Self.unfinishedCharacter(pending)
            output.append(contentsOf: pending.dropLast(held))
            pending.removeFirst(pending.count - held)
        case .strings(let decoding):
            var name = definition.nameBytes(of: token)
            for step in decoding.beforeByteFallback { name = step.apply(to: name, isFirst: count == 0) }
            count += 1
            if decoding.fallsBackToBytes {
                if let byte = StringDecoding.byte(of: name) {
                    pending.append(byte)
                    return
                }
                flushBytes(decoding, to: &output)
            }
            emit(name, decoding, to: &output)
        }
    }

    mutating func finish(to output: inout [UInt8]) {
        switch definition.decoder {
        case .bytes:
            output.append(contentsOf: pending)
            pending = []
        case .strings(let decoding):
            flushBytes(decoding, to: &output)
            if let trim = decoding.trim {
                output.append(
                    contentsOf: DecodedTextTrim(character: trim.character, atStart: 0, atEnd: trim.atEnd).apply(
                        to: tail
                    )
                )
                tail = []
            }
        }
    }

    private mutating func flushBytes(_ decoding: StringDecoding, to output: inout [UInt8]) {
        guard !pending.isEmpty else { return }
        let group = pending
        pending = []
        if group.withUnsafeBufferPointer(UTF8Scalars.isValid) {
            emit(group, decoding, to: &output)
        } else {
            for _ in group { emit([0xEF, 0xBF, 0xBD], decoding, to: &output) }
        }
    }

    /// Sends one string through the remaining steps.
    private mutating func emit(_ string: [UInt8], _ decoding: StringDecoding, to output: inout [UInt8]) {
        var text = string
        for step in decoding.afterByteFallback { text = step.apply(to: text, isFirst: stringCount == 0) }
        stringCount += 1
        guard let trim = decoding.trim else {
            output.append(contentsOf: text)
            return
        }
        while trimsLeft > 0, !text.isEmpty {
            if !trim.character.isEmpty, text.starts(with: trim.character) {
                text.removeFirst(trim.character.count)
                trimsLeft -= 1
            } else {
                trimsLeft = 0
            }
        }
        tail.append(contentsOf: text)
        // Of what may be trimmed at the end, only the last few can be.
        var held = 0
        var trims = trim.atEnd
        while trims > 0, !trim.character.isEmpty,
            tail.dropLast(held).suffix(trim.character.count).elementsEqual(trim.character)
        {
            held += trim.character.count
            trims -= 1
        }
        output.append(contentsOf: tail.dropLast(held))
        tail.removeFirst(tail.count - held)
    }

    /// Length of the sequence at the end that more bytes could complete to a character.
    private static func unfinishedCharacter(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let lead = bytes[bytes.count - length]
            if lead & 0xC0 == 0x80 { continue }
            guard lead >= 0xC2, lead <= 0xF4, UTF8Scalars.length(lead: lead) > length else { return 0 }
            // The second byte must already fit: no overlong form, no surrogate, nothing beyond U+10FFFF.
            if length > 1 {
                let second = bytes[bytes.count - length + 1]
                switch lead {
                case 0xE0 where second < 0xA0, 0xED where second > 0x9F, 0xF0 where second < 0x90,
                    0xF4 where second > 0x8F:
                    return 0
                default: break
                }
            }
            return length
        }
        return 0
    }
}
