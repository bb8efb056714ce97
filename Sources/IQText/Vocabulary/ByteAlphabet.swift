// The byte alphabet of GPT-2: each byte is written as one visible character, so that a vocabulary is plain text.

enum ByteAlphabet {
    /// The character that stands for each byte: itself where it is visible in Latin-1, else the next one from U+0100.
    static let scalars: [UInt32] = {
        var next: UInt32 = 256
        return (UInt32(0)..<256).map { byte in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return byte
            default:
                defer { next += 1 }
                return next
            }
        }
    }()

    /// The byte that each of the characters below U+0144 stands for; -1 for the others.
    private static let bytes: [Int16] = {
        var table = [Int16](repeating: -1, count: 0x144)
        for (byte, scalar) in scalars.enumerated() { table[Int(scalar)] = Int16(byte) }
        return table
    }()

    /// Appends the bytes that a token string stands for; a string with a character outside the alphabet stands for itself.
    static func appendDecoded(_ name: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        let table = bytes
        let start = output.count
        var index = 0
        while index < name.count {
            let length = UTF8Scalars.validLength(name, at: index)
            let value = length > 0 ? UTF8Scalars.decode(name, at: index).value : UInt32.max
            guard value < 0x144, table[Int(value)] >= 0 else {
                output.removeSubrange(start...)
                output.append(contentsOf: name)
                return
            }
            output.append(UInt8(truncatingIfNeeded: table[Int(value)]))
            index += length
        }
    }

    static func decoded(_ name: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        name.withUnsafeBufferPointer { appendDecoded($0, to: &output) }
        return output
    }
}
