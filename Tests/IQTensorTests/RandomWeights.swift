// Numbers and weights for the tests of formats and products.

import IQTensor

/// A small generator of reproducible numbers (SplitMix64).
struct TestNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func nextBits() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Uniform in -1 ..< 1.
    mutating func next() -> Float { Float(Int64(nextBits() >> 40) - (1 << 23)) / Float(1 << 23) }

    mutating func values(_ count: Int, scale: Float = 1) -> [Float] { (0..<count).map { _ in next() * scale } }
}

extension NumberFormat {
    /// Byte offsets of the half-precision scales in a block.
    var scaleOffsets: [Int] {
        switch self {
        case .f32, .f16, .bf16: []
        case .q8_0, .q4_0, .q5_0: [0]
        case .q4_1, .q5_1, .q4_K, .q5_K: [0, 2]
        case .q6_K: [208]
        }
    }

    static let quantized = allCases.filter(\.isQuantized)
}

/// Bytes of `count` weights with values of about ±1: random integers under scales that are finite.
func randomWeightBytes(_ format: NumberFormat, count: Int, numbers: inout TestNumbers) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<(count / format.blockLength) {
        switch format {
        case .f32: bytes.append(contentsOf: littleEndianBytes(numbers.next().bitPattern))
        case .f16: bytes.append(contentsOf: littleEndianBytes(Float16(numbers.next()).bitPattern))
        case .bf16: bytes.append(contentsOf: littleEndianBytes(UInt16(numbers.next().bitPattern >> 16)))
        default:
            var block = (0..<format.bytesPerBlock).map { _ in UInt8(truncatingIfNeeded: numbers.nextBits()) }
            for (index, offset) in format.scaleOffsets.enumerated() {
                let scale = Float16(numbers.next() * (index == 0 ? 0.01 : 0.02))
                block.replaceSubrange(offset..<(offset + 2), with: littleEndianBytes(scale.bitPattern))
            }
            bytes.append(contentsOf: block)
        }
    }
    return bytes
}

func littleEndianBytes<Bits: FixedWidthInteger>(_ bits: Bits) -> [UInt8] {
    withUnsafeBytes(of: bits.littleEndian) { Array($0) }
}

/// A matrix over `bytes`, which begin at any `offset` of their storage.
func matrix(_ format: NumberFormat, rows: Int, columns: Int, bytes: [UInt8], offset: Int = 0) throws -> WeightMatrix {
    let storage = try TensorStorage.allocate(byteCount: offset + bytes.count) { destination in
        UnsafeMutableRawBufferPointer(rebasing: destination[offset...]).copyBytes(from: bytes)
    }
    return WeightMatrix(format: format, rows: rows, columns: columns, storage: storage, byteOffset: offset)
}

/// Sum of squared differences divided by the sum of squares expected; infinite if a value is not finite.
func normalizedError(_ found: [Float], _ expected: [Double]) -> Double {
    guard found.count == expected.count, found.allSatisfy(\.isFinite) else { return .infinity }
    var difference = 0.0
    var magnitude = 0.0
    for (a, b) in zip(found, expected) {
        difference += (Double(a) - b) * (Double(a) - b)
        magnitude += b * b
    }
    return magnitude > 0 ? difference / magnitude : difference
}
