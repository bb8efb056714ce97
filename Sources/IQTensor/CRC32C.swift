// CRC-32C, the checksum of checkpoints and of TensorBoard's records (Castagnoli's polynomial; RFC 3720, section 12.1).
// It finds every single flipped bit and any damage within 32 bits; it is no protection against intent.

internal import CIQKernels

/// The CRC-32C of bytes that come piece by piece.
package struct CRC32C: Sendable, Hashable {
    /// The checksum of all bytes so far; 0 before the first.
    package private(set) var value: UInt32 = 0

    package init() {}

    /// The checksum of these bytes.
    package init(_ bytes: some Collection<UInt8>) {
        if bytes.withContiguousStorageIfAvailable({ update(UnsafeRawBufferPointer($0)) }) == nil {
            Array(bytes).withUnsafeBytes { update($0) }
        }
    }

    /// Adds bytes behind those so far.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        value = iqk_crc32c(value, start, Int64(bytes.count))
    }

    /// The value as eight hexadecimal digits.
    package var hexadecimal: String { Self.hexadecimal(value) }

    package static func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// The same checksum by tables: the reference that the processor's instructions are tested against.
    package static func portable(_ bytes: [UInt8], following crc: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { buffer in
            buffer.baseAddress.map { iqk_crc32c_portable(crc, $0, Int64(buffer.count)) } ?? crc
        }
    }
}
