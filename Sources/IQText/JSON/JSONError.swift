// What can be wrong with JSON text.

/// Why bytes are not JSON, and at which byte.
package struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Reason: Equatable, Sendable {
        case unexpectedEnd
        case unexpectedByte(UInt8)
        case trailingBytes
        case invalidUTF8
        case invalidEscape
        case loneSurrogate
        case controlCharacter(UInt8)
        case invalidNumber
        case tooDeep(limit: Int)
        case tooLong(limit: Int)
        case duplicateKey(String)
    }

    package let reason: Reason
    /// Offset from the first byte of the text.
    package let byteOffset: Int

    package init(_ reason: Reason, byteOffset: Int) {
        self.reason = reason
        self.byteOffset = byteOffset
    }

    package var description: String { "\(explanation) at byte \(byteOffset)" }

    /// The reason in words, without the place.
    package var explanation: String {
        switch reason {
        case .unexpectedEnd: "the text ends in the middle of a value"
        case .unexpectedByte(let byte): "the byte 0x\(String(byte, radix: 16)) cannot stand here"
        case .trailingBytes: "more text follows the value"
        case .invalidUTF8: "a string is not valid UTF-8"
        case .invalidEscape: "a string holds an unknown escape"
        case .loneSurrogate: "a string holds half a surrogate pair"
        case .controlCharacter(let byte): "a string holds the raw control character 0x\(String(byte, radix: 16))"
        case .invalidNumber: "a number is malformed"
        case .tooDeep(let limit): "values are nested deeper than \(limit)"
        case .tooLong(let limit): "the text is longer than \(limit) bytes"
        case .duplicateKey(let key): "the key \"\(key)\" stands twice in one object"
        }
    }
}
