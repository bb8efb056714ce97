// CRC-32C: published values, and the two forms against each other.

import IQTensor
import Testing

@Suite struct CRC32CTests {
    /// RFC 3720, appendix B.4, and the usual check value.
    private static let published: [(bytes: [UInt8], checksum: UInt32)] = [
        (Array(repeating: 0, count: 32), 0x8A91_36AA),
        (Array(repeating: 0xFF, count: 32), 0x62A8_AB43),
        (Array(0..<32), 0x46DD_794E),
        (Array((0..<32).reversed()), 0x113F_DB5C),
        (Array("123456789".utf8), 0xE306_9283),
        ([], 0),
    ]

    @Test func `published values`() {
        for (bytes, checksum) in Self.published {
            #expect(CRC32C(bytes).value == checksum)
            #expect(CRC32C.portable(bytes) == checksum)
        }
    }

    @Test func `instructions and tables agree at every length and start, whole and in pieces`() {
        var random = RandomStream(seed: 7)
        let bytes = (0..<600).map { _ in UInt8(truncatingIfNeeded: random.nextWord()) }
        for start in 0..<9 {
            for count in Array(0..<70) + [127, 128, 129, 255, 256, 257, 500] {
                let part = Array(bytes[start..<start + count])
                let expected = CRC32C.portable(part)
                #expect(CRC32C(bytes[start..<start + count]).value == expected)
                var pieces = CRC32C()
                part.withUnsafeBytes { buffer in
                    pieces.update(UnsafeRawBufferPointer(rebasing: buffer[..<(count / 3)]))
                    pieces.update(UnsafeRawBufferPointer(rebasing: buffer[(count / 3)...]))
                }
                #expect(pieces.value == expected)
                #expect(
                    CRC32C.portable(
                        Array(part[(count / 2)...]),
                        following: CRC32C.portable(Array(part[..<(count / 2)]))
                    )
                        == expected
                )
            }
        }
    }

    @Test func `eight digits, leading zeros too`() {
        #expect(CRC32C([]).hexadecimal == "00000000")
        #expect(CRC32C(Array("123456789".utf8)).hexadecimal == "e3069283")
    }
}
