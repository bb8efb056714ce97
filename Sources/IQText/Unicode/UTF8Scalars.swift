// Reading and writing single code points in UTF-8.

enum UTF8Scalars {
    /// Length of the well-formed UTF-8 sequence at `start`, or 0 (Unicode 16, table 3-7).
    static func validLength(_ text: UnsafeBufferPointer<UInt8>, at start: Int) -> Int {
        let lead = text[start]
        if lead < 0x80 { return 1 }
        let left = text.count - start
        func isContinuation(_ offset: Int) -> Bool { text[start + offset] & 0xC0 == 0x80 }
        switch lead {
        case 0xC2...0xDF:
            return left >= 2 && isContinuation(1) ? 2 : 0
        case 0xE0...0xEF:
            guard left >= 3, isContinuation(1), isContinuation(2) else { return 0 }
            // Overlong forms and surrogates.
            if lead == 0xE0, text[start + 1] < 0xA0 { return 0 }
            if lead == 0xED, text[start + 1] > 0x9F { return 0 }
            return 3
        case 0xF0...0xF4:
            guard left >= 4, isContinuation(1), isContinuation(2), isContinuation(3) else { return 0 }
            if lead == 0xF0, text[start + 1] < 0x90 { return 0 }
            if lead == 0xF4, text[start + 1] > 0x8F { return 0 }
            return 4
        default:
            return 0
        }
    }

    /// Whether all of a text is well-formed UTF-8.
    static func isValid(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var position = 0
        while position < text.count {
            let length = validLength(text, at: position)
            if length == 0 { return false }
            position += length
        }
        return true
    }

    /// The code point at `start` of well-formed UTF-8, and its length.
    @inline(__always)
    static func decode(_ text: UnsafeBufferPointer<UInt8>, at start: Int) -> (value: UInt32, length: Int) {
        let lead = UInt32(text[start])
        if lead < 0x80 { return (lead, 1) }
        if lead < 0xE0 { return ((lead & 0x1F) << 6 | UInt32(text[start + 1] & 0x3F), 2) }
        if lead < 0xF0 {
            return ((lead & 0x0F) << 12 | UInt32(text[start + 1] & 0x3F) << 6 | UInt32(text[start + 2] & 0x3F), 3)
        }
        return (
            (lead & 0x07) << 18 | UInt32(text[start + 1] & 0x3F) << 12 | UInt32(text[start + 2] & 0x3F) << 6
                | UInt32(text[start + 3] & 0x3F), 4
        )
    }

    /// The code point that ends before `end` in well-formed UTF-8, and its length.
    static func decodeBackward(_ text: UnsafeBufferPointer<UInt8>, before end: Int) -> (value: UInt32, length: Int) {
        var start = end - 1
        while start > 0, text[start] & 0xC0 == 0x80 { start -= 1 }
        return decode(text, at: start)
    }

    /// Number of bytes that the sequence led by this byte has.
    @inline(__always)
    static func length(lead: UInt8) -> Int {
        lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    }

    /// Appends a code point in UTF-8.
    @inline(__always)
    static func append(_ value: UInt32, to bytes: inout [UInt8]) {
        if value < 0x80 {
            bytes.append(UInt8(value))
        } else if value < 0x800 {
            bytes.append(UInt8(0xC0 | value >> 6))
            bytes.append(UInt8(0x80 | value & 0x3F))
        } else if value < 0x10000 {
            bytes.append(UInt8(0xE0 | value >> 12))
            bytes.append(UInt8(0x80 | value >> 6 & 0x3F))
            bytes.append(UInt8(0x80 | value & 0x3F))
        } else {
            bytes.append(UInt8(0xF0 | value >> 18 & 0x07))
            bytes.append(UInt8(0x80 | value >> 12 & 0x3F))
            bytes.append(UInt8(0x80 | value >> 6 & 0x3F))
            bytes.append(UInt8(0x80 | value & 0x3F))
        }
    }
}
